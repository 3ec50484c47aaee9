"""What became of a request, and what its sender is told: never the body, never why a signature was wrong."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from schemas.refusal import Fault

TOLD_FAULTS = 5
# Zendesk sends again only where it is told to come back within 60 seconds.
RETRY_AFTER_SECONDS = 10


class Outcome(StrEnum):
    """What became of a request; closed, it labels a metric."""

    ACCEPTED = "accepted"  # Kafka has every event of it
    PARTLY = "partly"  # Kafka has its good events, and a dead letter for the rest
    IGNORED = "ignored"  # genuine, but nothing in it is for us
    UNUSABLE = "unusable"  # nothing in it could be used; Kafka has the dead letter
    NO_SIGNATURE = "no_signature"
    NO_TIMESTAMP = "no_timestamp"
    STALE = "stale"
    WRONG = "wrong"  # the signature does not fit the body
    RATE_LIMITED = "rate_limited"
    WRONG_MEDIA = "wrong_media"  # not JSON, or compressed
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"  # the body did not come in time
    GONE = "gone"  # the sender went away in the middle of the body
    BUSY = "busy"  # too many requests at once
    UNAVAILABLE = "unavailable"  # Kafka did not acknowledge


class RefusedError(Exception):
    """A request that goes no further; holds what to answer."""

    def __init__(self, outcome: Outcome, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.retry_after_seconds = retry_after_seconds


_UNAUTHORISED = "the signature is missing, old or wrong"
_TOLD: Mapping[Outcome, tuple[HTTPStatus, str]] = {
    Outcome.ACCEPTED: (HTTPStatus.ACCEPTED, ""),
    Outcome.PARTLY: (HTTPStatus.ACCEPTED, ""),
    Outcome.IGNORED: (HTTPStatus.OK, ""),
    Outcome.UNUSABLE: (HTTPStatus.UNPROCESSABLE_ENTITY, "the body cannot be used; it was kept for the operator"),
    Outcome.NO_SIGNATURE: (HTTPStatus.UNAUTHORIZED, _UNAUTHORISED),
    Outcome.NO_TIMESTAMP: (HTTPStatus.UNAUTHORIZED, _UNAUTHORISED),
    Outcome.STALE: (HTTPStatus.UNAUTHORIZED, _UNAUTHORISED),
    Outcome.WRONG: (HTTPStatus.UNAUTHORIZED, _UNAUTHORISED),
    Outcome.RATE_LIMITED: (HTTPStatus.TOO_MANY_REQUESTS, "too many requests"),
    Outcome.WRONG_MEDIA: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected application/json, not compressed"),
    Outcome.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large"),
    Outcome.GONE: (HTTPStatus.BAD_REQUEST, "the body is not whole"),
    Outcome.TOO_SLOW: (HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time"),
    Outcome.BUSY: (HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once"),
    Outcome.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "events cannot be stored at the moment"),
}


def answer(
    outcome: Outcome, *, events_count: int = 0, faults: Sequence[Fault] = (), retry_after_seconds: int | None = None
) -> web.Response:
    """The response for an outcome. Faults are told to who was genuine: they name fields and never values."""
    status, error = _TOLD[outcome]
    body: dict[str, Any] = {"outcome": "unauthorised" if status is HTTPStatus.UNAUTHORIZED else outcome}
    if error:
        body["error"] = error
    if status < HTTPStatus.MULTIPLE_CHOICES:
        body["events"] = events_count
    if faults:
        body["problems"] = [{"path": fault.path, "expected": fault.expected} for fault in faults[:TOLD_FAULTS]]
    headers = {"Cache-Control": "no-store"}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after_seconds = retry_after_seconds or RETRY_AFTER_SECONDS
    if retry_after_seconds is not None:
        headers["Retry-After"] = str(retry_after_seconds)
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)
