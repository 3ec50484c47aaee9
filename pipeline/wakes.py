"""Wakes: which rows want to be looked at when the partition's clock has reached a moment, with no event for them.

A row says so itself, in a field `wake_at_ms` (0: never), so recovery brings the wakes back with the rows. Silence can
then be judged by ticks without a look at every row.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

FIELD = "wake_at_ms"
_IN_JSON = re.compile(b'"' + FIELD.encode() + rb'":(\d+)')
_MARK = b'"' + FIELD.encode() + b'":'  # inside a JSON string the quotes would be escaped


class Wakes:
    """Moments by key. A key stays due until it is set anew."""

    __slots__ = ("_at_ms", "_heap", "held_until_ms")

    def __init__(self) -> None:
        self._at_ms: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []  # may hold moments that no longer count: `_at_ms` knows
        self.held_until_ms = 0

    def put(self, key: bytes, at_ms: int) -> None:
        """Wake `key` at a moment; 0 lets it sleep."""
        if at_ms == self._at_ms.get(key, 0):
            return
        if at_ms:
            self._at_ms[key] = at_ms
            heapq.heappush(self._heap, (at_ms, key))
        else:
            del self._at_ms[key]

    def load(self, moments: Iterable[tuple[bytes, int]]) -> None:
        """Take the moments of all rows; 0 is none."""
        self._at_ms = {key: at_ms for key, at_ms in moments if at_ms}
        self._heap = [(at_ms, key) for key, at_ms in self._at_ms.items()]
        heapq.heapify(self._heap)

    def hold(self, *, until_ms: int) -> None:
        """Wake nobody before: the clock has jumped, and what waits in the log is still to be read."""
        self.held_until_ms = until_ms

    def due(self, now_ms: int, *, most: int | None = None) -> list[bytes]:
        """The keys whose moment has come, the longest due first; `most` of them where that is told."""
        heap = self._heap
        if not heap or heap[0][0] > now_ms or now_ms < self.held_until_ms:
            return []
        due: list[tuple[int, bytes]] = []
        while heap and heap[0][0] <= now_ms and len(due) != most:
            moment = heapq.heappop(heap)
            if self._at_ms.get(moment[1]) == moment[0] and (not due or due[-1] != moment):
                due.append(moment)
        for moment in due:
            heapq.heappush(heap, moment)
        return [key for _, key in due]


def wake_of(value: bytes) -> int:
    """When an encoded row wants to be looked at, read without decoding it; 0 for never."""
    found = _IN_JSON.search(value) if _MARK in value else None
    return 0 if found is None else int(found[1])


class Sleeper(Protocol):
    """A row that says when it wants to be looked at."""

    @property
    def wake_at_ms(self) -> int:
        """The moment; 0 for never."""


SleeperT = TypeVar("SleeperT", bound=Sleeper)


def woken(
    due: Iterable[bytes],
    changes: Mapping[bytes, SleeperT | None],
    get: Callable[[bytes], SleeperT | None],
    *,
    now_ms: int,
) -> Iterator[tuple[bytes, SleeperT]]:
    """The rows whose moment has come, those of this turn included, the longest due first; `get` reads what is newest.

    So it makes no difference whether a row went to sleep in this batch or in one before.
    """
    keys = {*due, *changes}
    found = [(row.wake_at_ms, key, row) for key in keys if (row := get(key)) is not None] if keys else []
    for wake_at_ms, key, row in sorted(found, key=lambda each: each[:2]):
        if 0 < wake_at_ms <= now_ms:
            yield key, row
