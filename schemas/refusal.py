"""Why a record was refused, as one value: the dead letter, the log line and the metric label all come from it."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.base import MAX_ID_CHARS, MAX_MILLIS, MAX_TEXT_CHARS
from schemas.deadletters import DeadLetter
from schemas.vocabulary import Category

# In base64 and with its envelope it stays under the 4 MiB that the topic `deadletters` takes. A longer record, from a
# broker that allows such, is cut: a letter that cannot be written would stop the partition for ever.
MAX_LETTER_BYTES = 3_000_000
MAX_TOLD_FAULTS = 5  # of one body


class Fault(NamedTuple):
    """What is wrong with a record: sort, field path, what was expected. Never the value: it may be a phone number."""

    category: Category
    path: str
    expected: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that is not taken, where it stood, and why."""

    topic: str
    partition: int
    offset: int
    category: Category
    path: str
    expected: str
    timestamp: int  # of the record; 0 where it has none
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset} refused: {self.path}: expected {self.expected}"


def dead_letter(refusal: Refusal, *, worker_version: str = "") -> DeadLetter:
    """The letter of one refusal; equal for the same record, whoever writes it and whenever."""
    value = refusal.value
    return DeadLetter(
        topic=refusal.topic,
        partition=refusal.partition,
        offset=refusal.offset,
        reason=refusal.category,
        path=refusal.path,
        error=f"{refusal.path}: expected {refusal.expected}",
        at=min(max(refusal.timestamp, 0), MAX_MILLIS),
        bytes_b64=None if value is None else _base64(value[:MAX_LETTER_BYTES]),
        size_bytes=0 if value is None else len(value),
        key_b64=None if refusal.key is None else _base64(refusal.key),
        worker_version=worker_version,
    )


def unplaced_letter(
    topic: str, data: bytes, faults: Sequence[Fault], *, digest: str, at: int, worker_version: str = ""
) -> DeadLetter:
    """The letter of a body that stood on no topic: its digest takes the place of partition and offset."""
    first = faults[0]
    told = "; ".join(f"{fault.path}: expected {fault.expected}" for fault in faults[:MAX_TOLD_FAULTS])
    more = len(faults) - MAX_TOLD_FAULTS
    return DeadLetter(
        topic=topic,
        partition=0,
        offset=0,
        reason=first.category,
        path=first.path[:MAX_ID_CHARS],
        error=(told + (f"; and {more} more" if more > 0 else ""))[:MAX_TEXT_CHARS],
        at=at,
        bytes_b64=_base64(data[:MAX_LETTER_BYTES]),
        size_bytes=len(data),
        worker_version=worker_version,
        digest=digest,
    )


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
