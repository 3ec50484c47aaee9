"""A record as the broker gave it: what the codec needs of it, and a plain one for the runner and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = Sequence[tuple[str, bytes]]


class Raw(Protocol):
    """What the codec reads of a record; the engine hands in the client's own objects, unwrapped."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def timestamp(self) -> int | None:
        """Milliseconds since the epoch; None, 0 or less where the record has none."""

    @property
    def key(self) -> bytes | None:
        """The key; its hash chose the partition."""

    @property
    def value(self) -> bytes | None:
        """The body; None is a tombstone."""

    @property
    def headers(self) -> Headers:
        """Names and values, in order."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record in memory."""

    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
