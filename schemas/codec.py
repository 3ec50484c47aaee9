"""One codec: records to values and refusals, values to bytes."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol, Union

import msgspec

from schemas.base import Wire
from schemas.deadletters import DeadLetter
from schemas.topics import Topic
from schemas.vocabulary import Category


class Raw(Protocol):
    """A record as the broker gave it."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Record:
    """A record in memory, for the runner and the tests."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record was refused; never holds the value received outside the raw bytes."""

    topic: str
    partition: int
    offset: int
    category: Category
    path: str
    expected: str
    timestamp: int
    key: bytes | None
    value: bytes | None

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset} refused: {self.path}: expected {self.expected}"


class Decoded(NamedTuple):
    """What a batch held."""

    events: list[Any]
    records: list[Raw]
    refusals: list[Refusal]


@cache
def _decoder(topic: Topic) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Union[topic.messages])  # noqa: UP007


def decode_batch(topic: Topic, records: Sequence[Raw], partition: int) -> Decoded:
    """Decode what one fetch returned."""
    decode = _decoder(topic).decode
    events: list[Any] = []
    kept: list[Raw] = []
    refusals: list[Refusal] = []
    for record in records:
        try:
            events.append(decode(record.value or b""))
            kept.append(record)
        except (ValueError, RecursionError):
            refusals.append(
                Refusal(
                    topic=topic.name,
                    partition=partition,
                    offset=record.offset,
                    category=Category.DECODE,
                    path="$",
                    expected="an event",
                    timestamp=record.timestamp,
                    key=record.key,
                    value=record.value,
                )
            )
    return Decoded(events, kept, refusals)


def dead_letter(refusal: Refusal) -> DeadLetter:
    """The refusal as a record."""
    return DeadLetter(
        topic=refusal.topic,
        partition=refusal.partition,
        offset=refusal.offset,
        reason=refusal.category,
        path=refusal.path,
        error=f"expected {refusal.expected}",
        at=max(refusal.timestamp, 0),
        bytes_b64=None if refusal.value is None else b64encode(refusal.value).decode(),
        key_b64=None if refusal.key is None else b64encode(refusal.key).decode(),
    )


encode = msgspec.json.Encoder().encode


def encode_record(value: Wire) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A value as bytes and CloudEvents headers."""
    return encode(value), [
        ("ce_specversion", b"1.0"),
        ("ce_id", value.record_id().encode()),
        ("ce_source", b"tocsin"),
        ("ce_type", value.SCHEMA.encode()),
        ("content-type", b"application/json"),
    ]
