"""Prometheus Alertmanager, API v2: incidents as alerts among those that a company has already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from agents.channels.answers import by_status
from agents.channels.base import Answer, Judgement, Message, Request
from schemas.deliveries import Outcome

# Without an end Alertmanager would take the alert for over after its `resolve_timeout`, five minutes by default.
_LASTS = timedelta(hours=4)


class Alertmanager:
    """One Alertmanager, by the address of its API; `token` where it stands behind something that asks for one."""

    def __init__(self, url: SecretStr, token: SecretStr | None = None) -> None:
        self._url = url
        self._token = token

    def request(self, message: Message, *, now_ms: int) -> Request:
        """One alert; labels say which, annotations say what."""
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return Request(self._url, orjson.dumps([alert(message, now_ms=now_ms)]), headers)

    def judge(self, answer: Answer) -> Judgement:
        """Success is 2xx."""
        return by_status(answer) or Judgement(Outcome.ACCEPTED, f"http {answer.status}")


def alert(message: Message, *, now_ms: int) -> dict[str, Any]:
    """The alert of an incident."""
    card = message.card
    ends_ms = now_ms if card.is_over else now_ms + int(_LASTS.total_seconds() * 1000)
    return {
        "labels": {"alertname": "TocsinIncident", "incident": message.dedup_key, "level": card.level.value},
        "annotations": {
            "summary": card.title,
            "description": "\n".join(f"{fact.name}：{fact.value}" for fact in card.facts),
        },
        "startsAt": _rfc3339(message.at_ms or now_ms),
        "endsAt": _rfc3339(ends_ms),
        "generatorURL": card.buttons[0].url if card.buttons else "",
    }


def _rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
