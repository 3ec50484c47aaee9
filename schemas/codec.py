"""One codec: a batch of records to events and refusals, a value to bytes.

A batch is decoded in one call; a record that does not decode costs only the few beside it a second look, and each
record comes out as it would alone. Checks beyond the type: size, depth of nesting, event time against the record's
own timestamp, and the record key, since a conversation whose records lie on two partitions would be counted twice.
A record without a value means nothing on a topic that is not compacted: it is refused like any other bad record.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from schemas import cloudevents
from schemas.base import Wire
from schemas.reader import Reader, reader_of
from schemas.records import Raw, Record
from schemas.refusal import Fault, Refusal, dead_letter
from schemas.topics import Topic
from schemas.vocabulary import Category

__all__ = ["Decoded", "Raw", "Record", "Refusal", "dead_letter", "decode_batch", "encode", "encode_record"]

AHEAD_MS = 24 * 60 * 60 * 1000
BEHIND_MS = 30 * AHEAD_MS
CHUNK = 64  # how many are looked at again together when a batch does not decode as a whole

_IN_RANGE = Fault(
    Category.TIME_OUT_OF_RANGE,
    "$.occurred_at",
    "a time at most 24 hours after and 30 days before the record's own timestamp",
)

encode = msgspec.json.Encoder().encode


class Decoded(NamedTuple):
    """What a batch held: events in offset order, each beside its record, and what was refused."""

    events: Sequence[Any]
    records: Sequence[Raw]
    refusals: list[Refusal]


def decode_batch(topic: Topic, records: Sequence[Raw], partition: int, *, lift_past_limit: bool = False) -> Decoded:
    """Decode what one fetch returned. A replay of old events lifts the limit on how far they may lie behind."""
    reader = reader_of(topic)
    events = reader.read_all(records)
    if events is None:
        events = [event for chunk in _chunks(records) for event in _read(reader, chunk)]
    elif not reader.is_inbound or _all_in_place(topic, events, records, lift_past_limit=lift_past_limit):
        return Decoded(events, records, [])
    kept, kept_records, refusals = [], [], []
    for event, record in zip(events, records, strict=True):
        fault = event if type(event) is Fault else _misplaced(topic, event, record, lift_past_limit=lift_past_limit)
        if fault is None:
            kept.append(event)
            kept_records.append(record)
        else:
            refusals.append(_refuse(topic, partition, record, fault))
    return Decoded(kept, kept_records, refusals)


def encode_record(value: Wire) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A value as the body and the headers of a CloudEvent in binary mode."""
    return encode(value), cloudevents.headers_of(value)


def _chunks(records: Sequence[Raw]) -> Iterator[Sequence[Raw]]:
    for start in range(0, len(records), CHUNK):
        yield records[start : start + CHUNK]


def _read(reader: Reader, records: Sequence[Raw]) -> Sequence[Any]:
    events = reader.read_all(records)
    return [reader.read_one(record) for record in records] if events is None else events


def _all_in_place(topic: Topic, events: Sequence[Any], records: Sequence[Raw], *, lift_past_limit: bool) -> bool:
    """Whether no event of the batch can be misplaced: four numbers and one comparison of lists tell."""
    if not events:
        return True
    stamps = [record.timestamp or 0 for record in records]
    times = [event.occurred_at for event in events]
    earliest = min(stamps)
    if earliest <= 0 or max(times) - earliest > AHEAD_MS:
        return False
    if max(stamps) - min(times) > BEHIND_MS and not lift_past_limit:
        return False
    field = topic.key_field
    if not field:
        return True
    if field == "conversation_id":  # the hot one, without getattr
        return [event.conversation_id.encode() for event in events] == [record.key for record in records]
    return [getattr(event, field).encode() for event in events] == [record.key for record in records]


def _misplaced(topic: Topic, event: Any, record: Raw, *, lift_past_limit: bool) -> Fault | None:
    """What is wrong with where and when an event that decoded came in."""
    if topic.key_field and record.key != getattr(event, topic.key_field).encode():
        return Fault(Category.SCHEMA, "$key", f"the {topic.key_field} of the body, as UTF-8 text")
    occurred_at = getattr(event, "occurred_at", None) if topic.is_inbound else None
    written_at = record.timestamp or 0
    if occurred_at is None or written_at <= 0:
        return None
    ahead_ms = occurred_at - written_at
    if ahead_ms > AHEAD_MS or (-ahead_ms > BEHIND_MS and not lift_past_limit):
        return _IN_RANGE
    return None


def _refuse(topic: Topic, partition: int, record: Raw, fault: Fault) -> Refusal:
    return Refusal(
        topic=topic.name,
        partition=partition,
        offset=record.offset,
        category=fault.category,
        path=fault.path,
        expected=fault.expected,
        timestamp=max(record.timestamp or 0, 0),
        key=record.key,
        value=record.value,
    )
