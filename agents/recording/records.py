"""One recorded Kafka record: how a line is read, and how its times are moved."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

import orjson

from pipeline.errors import TocsinError
from schemas.base import MAX_MILLIS

# Fields of the body that are points in time; a line's other numbers are durations or none of our business.
_TIME_FIELDS = ("occurred_at", "sent_at", "ingested_at")
_KNOWN = frozenset({"topic", "partition", "offset", "timestamp_ms", "key", "headers", "value", "value_base64"})


class RecordingError(TocsinError):
    """A line is no record; the text says which line and what was expected."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record as it stands in a file."""

    topic: str
    timestamp_ms: int
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    offset: int | None = None

    @classmethod
    def of_line(cls, line: bytes) -> Self:
        """Read one line; raises ValueError with what was expected."""
        try:
            fields = orjson.loads(line)
        except ValueError as error:
            raise ValueError("expected one JSON object") from error
        if not isinstance(fields, dict):
            raise ValueError("expected one JSON object")  # noqa: TRY004 - bad input, not a bug
        unknown = sorted(set(fields) - _KNOWN)
        if unknown:
            raise ValueError(f"unknown field {unknown[0]}; expected {', '.join(sorted(_KNOWN))}")
        if fields.get("key") is None and fields.get("value") is None and "value_base64" not in fields:
            raise ValueError("expected a key or a value; a record with neither cannot be sent")
        return cls(
            topic=_field(fields, "topic", str),
            timestamp_ms=_millis(fields),
            key=_key(fields.get("key")),
            value=_value(fields),
            headers=_headers(fields.get("headers")),
            partition=None if fields.get("partition") is None else _field(fields, "partition", int),
            offset=None if fields.get("offset") is None else _field(fields, "offset", int),
        )

    def as_line(self) -> bytes:
        """The record as a line of a file."""
        fields: dict[str, Any] = {"topic": self.topic, "timestamp_ms": self.timestamp_ms}
        fields["key"] = None if self.key is None else self.key.decode()
        if self.headers:
            fields["headers"] = {name: value.decode() for name, value in self.headers}
        if self.value is None:
            fields["value"] = None
        elif _is_faithful(self.value):
            fields["value"] = orjson.Fragment(self.value)
        else:
            fields["value_base64"] = base64.b64encode(self.value).decode()
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)

    def moved_to(self, timestamp_ms: int) -> Self:
        """The record as if it had been written at another time: what it says of time keeps its distance."""
        by_ms = timestamp_ms - self.timestamp_ms
        headers = tuple((name, _moved_header(name, value, by_ms)) for name, value in self.headers)
        return replace(self, timestamp_ms=timestamp_ms, headers=headers, value=_moved_value(self.value, by_ms))


def read_records(lines: Iterable[bytes], *, name: str) -> Iterator[Recorded]:
    """Every record of a file, in its order; blank lines do not count."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Recorded.of_line(line)
        except ValueError as error:
            raise RecordingError(f"{name}:{number}: {error}") from error


def _field(fields: Mapping[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name}: expected {'a number' if kind is int else 'a text'}")  # noqa: TRY004 - bad input
    return value


def _millis(fields: Mapping[str, Any]) -> int:
    value: int = _field(fields, "timestamp_ms", int)
    if not 0 <= value <= MAX_MILLIS:
        raise ValueError("timestamp_ms: expected milliseconds since 1970")
    return value


def _key(value: Any) -> bytes | None:
    if value is None or isinstance(value, str):
        return None if value is None else value.encode()
    raise ValueError("key: expected a text or null")


def _value(fields: Mapping[str, Any]) -> bytes | None:
    if "value_base64" in fields:
        try:
            return base64.b64decode(_field(fields, "value_base64", str), validate=True)
        except binascii.Error as error:
            raise ValueError("value_base64: expected base64") from error
    value = fields.get("value")
    return None if value is None else orjson.dumps(value)


def _is_faithful(value: bytes) -> bool:
    """Whether reading the value as JSON and writing it again gives these very bytes; null would become a tombstone."""
    try:
        return value != b"null" and orjson.dumps(orjson.loads(value)) == value
    except ValueError:
        return False


def _headers(value: Any) -> tuple[tuple[str, bytes], ...]:
    """Headers as an object, or as a list of pairs where a name comes twice."""
    pairs = value.items() if isinstance(value, dict) else value or ()
    try:
        return tuple((name, text.encode()) for name, text in pairs)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError("headers: expected an object, or a list of pairs, of texts") from error


def _moved_value(value: bytes | None, by_ms: int) -> bytes | None:
    try:
        body = orjson.loads(value or b"")
    except ValueError:
        return value  # a broken record is sent as it is
    if not isinstance(body, dict):
        return value
    for part in (body, body.get("data")):  # structured CloudEvents carry the event in `data`
        if isinstance(part, dict):
            moved = {name: part[name] + by_ms for name in _TIME_FIELDS if type(part.get(name)) is int}
            part.update(moved)
    if isinstance(body.get("time"), str):
        body["time"] = _moved_time(body["time"], by_ms)
    return orjson.dumps(body)


def _moved_header(name: str, value: bytes, by_ms: int) -> bytes:
    return _moved_time(value.decode(errors="replace"), by_ms).encode() if name == "ce_time" else value


def _moved_time(text: str, by_ms: int) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return datetime.fromtimestamp(moment.timestamp() + by_ms / 1000, tz=UTC).isoformat()
