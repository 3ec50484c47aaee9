"""CloudEvents 1.0 on Kafka: where the envelope stands in the headers, and how it joins the body.

Binary mode: attributes are `ce_*` headers, the value is the body. Structured mode: the content type is
`application/cloudevents+json`, the value holds attributes and body. The body may leave out what the attributes say.
Where both speak, they must agree on the id; the attributes win for type and source, the body for the rest.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from schemas.base import Wire
from schemas.events import Event
from schemas.records import Headers
from schemas.refusal import Fault
from schemas.vocabulary import Category

SPEC_VERSION = "1.0"
SOURCE = "tocsin"
_PREFIX = "ce_"
STRUCTURED = b"application/cloudevents+json"
CONTENT_TYPE = "content-type"

_TIMES = ("emitted_at", "occurred_at", "updated_at", "now_ms", "at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Moment = Annotated[datetime, Meta(tz=True)]
_BODY_SAYS: Mapping[str, Callable[[Event], bytes]] = {
    "ce_specversion": lambda _: SPEC_VERSION.encode(),
    "ce_id": lambda event: event.event_id.encode(),
    "ce_type": lambda event: event.SCHEMA.encode(),
    "ce_source": lambda event: event.source.encode(),
}
_FIELDS = {"id": "event_id", "type": "schema", "source": "source"}


def agrees(event: Event, headers: Headers) -> bool:
    """Whether the attributes say nothing that the body does not say as well; then the body alone will do."""
    for name, value in headers:
        said = _BODY_SAYS.get(name)
        if said is None:
            if _is_structured(name, value):
                return False
        elif value != said(event):
            return False
    return True


def join(body: dict[str, Any], headers: Headers, *, closed_source: bool) -> dict[str, Any] | Fault:
    """The body with what the attributes add to it; a record that is no CloudEvent stays as it is."""
    if any(_is_structured(name, value) for name, value in headers):
        return _merge(body, body.get("data"), closed_source=closed_source)
    found = {}
    for name, value in headers:
        if name.startswith(_PREFIX) and value is not None:
            try:
                found[name.removeprefix(_PREFIX)] = value.decode()
            except UnicodeDecodeError:
                return Fault(Category.DECODE, "$headers", "UTF-8 text in every ce_ header")
    return _merge(found, body, closed_source=closed_source)


def _merge(found: Mapping[str, Any], body: object, *, closed_source: bool) -> dict[str, Any] | Fault:
    if not isinstance(body, dict):
        return Fault(Category.DECODE, "$.data", "an object, the body of the event")
    if found and found.get("specversion", SPEC_VERSION) != SPEC_VERSION:
        return Fault(Category.DECODE, "$headers.ce_specversion", SPEC_VERSION)
    if "id" in found and body.get("event_id", found["id"]) != found["id"]:
        return Fault(Category.SCHEMA, "$.event_id", "the id of the CloudEvent")
    whole = dict(body)
    for name, field in _FIELDS.items():
        if name in found and not (name == "source" and closed_source and field in body):
            whole[field] = found[name]
    if "time" in found and "occurred_at" not in body:
        try:
            moment = msgspec.convert(found["time"], _Moment)
        except msgspec.ValidationError:
            return Fault(Category.DECODE, "$headers.ce_time", "a time of RFC 3339 with its offset from UTC")
        whole["occurred_at"] = (moment - _EPOCH) // timedelta(milliseconds=1)
    return whole


def _is_structured(name: str, value: bytes | None) -> bool:
    return name.lower() == CONTENT_TYPE and value is not None and value.lower().startswith(STRUCTURED)


def headers_of(value: Wire) -> list[tuple[str, bytes]]:
    """The attributes of a value of ours, for binary mode."""
    headers = [*_constant_headers(type(value)), ("ce_id", value.record_id().encode())]
    at_ms = getattr(value, _time_field(type(value)))
    if at_ms:
        headers.append(("ce_time", _rfc3339(at_ms)))
    return headers


@cache
def _time_field(kind: type[Wire]) -> str:
    """The field that says when a message of this kind came about."""
    return next(name for name in _TIMES if name in kind.__struct_fields__)


@cache
def _constant_headers(kind: type[Wire]) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_type", kind.SCHEMA.encode()),
        (CONTENT_TYPE, b"application/json"),
    )


@lru_cache(maxsize=1024)  # what one batch emits shares its times
def _rfc3339(at_ms: int) -> bytes:
    moment = _EPOCH + timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
