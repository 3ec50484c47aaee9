"""One recorded Kafka record: how a line is read, and how its times are moved."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson

from agents.recording import fields
from pipeline.errors import TocsinError

# Fields of the body that are points in time; a line's other numbers are durations or none of our business.
_TIME_FIELDS = (
    "occurred_at", "sent_at", "ingested_at", "now_ms", "due_hint", "since", "until", "at", "answered_at", "not_after",
    "starts_at", "ends_at",
)  # fmt: skip


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
        found = fields.read_fields(line)
        return cls(
            topic=fields.topic(found),
            timestamp_ms=fields.timestamp_ms(found),
            key=fields.key(found),
            value=fields.value(found),
            headers=fields.headers(found),
            partition=fields.whole_number(found, "partition", fields.MAX_PARTITION),
            offset=fields.whole_number(found, "offset", fields.MAX_OFFSET),
        )

    def as_line(self) -> bytes:
        """The record as a line of a file."""
        line: dict[str, Any] = {"topic": self.topic, "timestamp_ms": self.timestamp_ms}
        line["key"] = None if self.key is None else self.key.decode()
        if self.headers:
            line["headers"] = {name: value.decode() for name, value in self.headers}
        if self.value is None:
            line["value"] = None
        elif _is_faithful(self.value):
            line["value"] = orjson.Fragment(self.value)
        else:
            line["value_base64"] = base64.b64encode(self.value).decode()
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

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
            record = Recorded.of_line(line)
        except ValueError as error:
            raise RecordingError(f"{name}:{number}: {error}") from error
        if record.key is None and record.value is None:
            raise RecordingError(f"{name}:{number}: expected a key or a value; a record with neither cannot be sent")
        yield record


def _is_faithful(value: bytes) -> bool:
    """Whether reading the value as JSON and writing it again gives these very bytes; null would become a tombstone."""
    try:
        return value != b"null" and orjson.dumps(orjson.loads(value)) == value
    except ValueError:
        return False


def _moved_value(value: bytes | None, by_ms: int) -> bytes | None:
    try:
        body = orjson.loads(value or b"")
    except ValueError:
        return value  # a broken record is sent as it is
    if not isinstance(body, dict):
        return value
    _move_fields(body, by_ms)
    _move_fields(body.get("data"), by_ms)  # structured CloudEvents carry the event in `data`
    if isinstance(body.get("time"), str):
        body["time"] = _moved_time(body["time"], by_ms)
    try:
        return orjson.dumps(body)
    except TypeError:  # nested too deep, or a time beyond 64 bits
        return value


def _move_fields(part: Any, by_ms: int) -> None:
    if isinstance(part, dict):
        part.update({name: part[name] + by_ms for name in _TIME_FIELDS if type(part.get(name)) is int})
        _move_fields(part.get("silence"), by_ms)  # of an action: from when to when


def _moved_header(name: str, value: bytes, by_ms: int) -> bytes:
    return _moved_time(value.decode(errors="replace"), by_ms).encode() if name == "ce_time" else value


def _moved_time(text: str, by_ms: int) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:  # no time of RFC 3339: nobody knows which it is
            return text
        return (moment.astimezone(UTC) + timedelta(milliseconds=by_ms)).isoformat()
    except (ValueError, OverflowError):
        return text
