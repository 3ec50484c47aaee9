"""What waits for one partition's next turn, by topic, with the proof that no batch went missing on its way here."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, islice

from agents.engine.batches import Fetched
from schemas.codec import Raw


class LostBatch(Exception):  # noqa: N818  (it is what happened)
    """A batch left the consumer and never arrived. Its records would be skipped for good if work went on."""


class Inbox:
    """Queued records per topic, in offset order, bounded by back-pressure and not by dropping."""

    def __init__(self, bound: int, *, bound_bytes: int, has_drained: asyncio.Event | None = None) -> None:
        self._bound = bound  # records per topic above which nothing more is fetched
        self._bound_bytes = bound_bytes  # the same in bytes of values
        self._has_drained = has_drained or asyncio.Event()  # set whenever a turn has made room
        self._queued: dict[str, list[Raw]] = defaultdict(list)
        self._queued_bytes: dict[str, int] = defaultdict(int)
        self._next_offset: dict[str, int] = {}
        self._announced: dict[str, int] = defaultdict(int)
        self._arrived: dict[str, int] = defaultdict(int)
        self._wake = asyncio.Event()

    def has_room(self, topic: str) -> bool:
        """Whether more may be fetched for the topic."""
        return len(self._queued[topic]) < self._bound and self._queued_bytes[topic] < self._bound_bytes

    def queued(self, topic: str) -> int:
        """Records of the topic that wait here."""
        return len(self._queued[topic])

    def holds(self, many: int, *, many_bytes: int) -> bool:
        """Whether so many records of one topic wait here, or so many bytes of their values."""
        return any(
            len(records) >= many or self._queued_bytes[topic] >= many_bytes for topic, records in self._queued.items()
        )

    def announce(self, topic: str) -> int:
        """The running number of the next batch of the topic; from now on it is missed until it arrives."""
        number = self._announced[topic]
        self._announced[topic] += 1
        return number

    def missing(self) -> bool:
        """Whether a batch is on its way from the consumer to here."""
        return any(number > self._arrived[topic] for topic, number in self._announced.items())

    def put(self, batch: Fetched) -> None:
        """Queue a batch. Records that were queued before, after a seek back, are left out."""
        if batch.number != self._arrived[batch.topic]:
            message = f"{batch.topic}[{batch.partition}]: batch {self._arrived[batch.topic]} never arrived"
            raise LostBatch(message)
        self._arrived[batch.topic] += 1
        next_offset = self._next_offset.get(batch.topic, 0)
        records: Sequence[Raw] = batch.records
        if records[0].offset < next_offset:
            records = [record for record in records if record.offset >= next_offset]
        if records:
            self._queued[batch.topic] += records
            self._queued_bytes[batch.topic] += sum(_sizes(records))
            self._next_offset[batch.topic] = records[-1].offset + 1
            self._wake.set()

    async def wait(self) -> None:
        """Until something is queued."""
        await self._wake.wait()

    def take(self, most: int, *, most_bytes: int) -> Mapping[str, Sequence[Raw]]:
        """Take up to `most` records of each topic and up to so many bytes of values, but one at least; oldest first."""
        taken: dict[str, Sequence[Raw]] = {}
        left = False
        for topic, records in self._queued.items():
            if not records:
                continue
            sizes = list(accumulate(_sizes(islice(records, most))))
            count = max(bisect_right(sizes, most_bytes), 1)
            taken[topic] = records[:count]
            self._queued[topic] = records[count:]
            self._queued_bytes[topic] -= sizes[count - 1]
            left = left or bool(self._queued[topic])
        if not left:
            self._wake.clear()
        self._has_drained.set()
        return taken

    def clear(self) -> None:
        """Forget everything: the next assignment fetches from the committed position again."""
        self._queued.clear()
        self._queued_bytes.clear()
        self._next_offset.clear()
        self._announced.clear()
        self._arrived.clear()
        self._wake.clear()


def _sizes(records: Iterable[Raw]) -> Iterable[int]:
    """Bytes of each value."""
    return [len(record.value or b"") for record in records]
