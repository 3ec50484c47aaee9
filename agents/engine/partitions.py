"""What this worker owns: which partitions are taken over, kept and given up as the group rebalances."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

from agents.engine.batches import Behind, Fetched
from agents.engine.connection import Connection, Pace
from agents.engine.crash import ExitCode, end_process
from agents.engine.inbox import LostBatch
from agents.engine.limits import DeadLetterLimit
from agents.engine.observer import Observer
from agents.engine.partition import Partition
from agents.engine.turns import ReadsAhead
from agents.ops.views import PartitionView
from pipeline.stage import Stage
from schemas.codec import Raw

log = structlog.get_logger("tocsin.engine")


class Partitions:
    """The partitions of this worker. Lives on the main loop."""

    def __init__(
        self,
        stages: Sequence[Stage[Any]],
        connection: Connection,
        pace: Pace,
        *,
        observer: Observer,
        limit: DeadLetterLimit,
        ahead: Mapping[str, ReadsAhead] | None = None,
    ) -> None:
        self.stages = tuple(stages)
        self.connection = connection
        self._pace = pace
        self._observer = observer
        self._limit = limit
        self._ahead = ahead or {}
        self._owned: dict[int, Partition] = {}
        self._stale_assignment = -1  # batches of this assignment or an older one are not ours any more
        self._room = asyncio.Event()
        self._fetch_lag: dict[tuple[str, int], int] = {}
        self._fetch_lag_at_ms = 0

    # -- the group decides who owns what -------------------------------------------------------------------------

    async def suspend(self, assignment: int) -> None:
        """Partitions are being revoked: end every running turn; batches fetched under `assignment` are void."""
        self._stale_assignment = assignment
        try:
            await asyncio.gather(*(partition.suspend() for partition in self._owned.values()))
        except TimeoutError:
            end_process("a turn did not end in time for the rebalance", ExitCode.STUCK)

    async def assign(self, numbers: Iterable[int]) -> None:
        """Take over what is new, go on with what was kept, give up the rest."""
        wanted = set(numbers)
        await asyncio.gather(*(self._owned.pop(number).release() for number in set(self._owned) - wanted))
        for number in sorted(wanted):
            if number in self._owned:
                self._owned[number].resume()
            else:
                self._owned[number] = self._take_over(number)
        log.info("partitions_assigned", partitions=sorted(wanted))

    def _take_over(self, number: int) -> Partition:
        of_another_time = [place for place in self._fetch_lag if place[1] == number]
        for place in of_another_time:
            del self._fetch_lag[place]
        partition = Partition(
            number,
            self.stages,
            self.connection,
            self._pace,
            observer=self._observer,
            limit=self._limit,
            room=self._room,  # one event for all: whoever waits looks at every partition again
            ahead=self._ahead,
        )
        partition.start()
        return partition

    async def release(self) -> None:
        """The worker stops: finish the running turns, then give everything up. What is still on its way is void."""
        await self.suspend(sys.maxsize)
        await self.assign(())

    # -- batches come in -----------------------------------------------------------------------------------------

    def has_room(self, topic: str, number: int) -> bool:
        """Whether more may be fetched for this partition of the topic (name on the broker)."""
        partition = self._owned.get(number)
        if partition is None or not partition.ready or self._limit.is_passed:
            return False
        return partition.inbox.has_room(self._plain(topic))

    async def wait_for_room(self, *, timeout_seconds: float) -> None:
        """Until some partition has taken a turn, or the timeout, which is short: one may have been taken over."""
        self._room.clear()
        try:
            await asyncio.wait_for(self._room.wait(), min(timeout_seconds, 0.05))
        except TimeoutError:
            return

    def announce(self, topic: str, number: int, assignment: int, records: Sequence[Raw]) -> Fetched:
        """Number a batch as it leaves the consumer."""
        name = self._plain(topic)
        partition = self._owned.get(number)
        is_current = partition is not None and assignment > self._stale_assignment
        running = partition.inbox.announce(name) if partition is not None and is_current else -1
        return Fetched(name, number, assignment, running, records)

    def put(self, batch: Fetched) -> None:
        """A batch has come through its agent."""
        partition = self._owned.get(batch.partition)
        if partition is None or batch.number < 0 or batch.assignment <= self._stale_assignment:
            return  # of a former assignment: its records are fetched again by whoever owns the partition now
        try:
            partition.inbox.put(batch)
        except LostBatch as error:
            end_process("a batch was lost between consumer and agent", ExitCode.UNFORESEEN, error=str(error))

    def _plain(self, topic: str) -> str:
        return topic.removeprefix(self.connection.topic_prefix)

    # -- being looked at -----------------------------------------------------------------------------------------

    @property
    def ready(self) -> list[int]:
        """The numbers of partitions that take turns."""
        if self._limit.is_passed:
            return []
        return [number for number, partition in self._owned.items() if partition.ready]

    def clocks(self, *, now_ms: int) -> dict[int, int]:
        """What time it is in each partition that takes turns, where that can be said."""
        clocks = {number: self._owned[number].clock_ms(now_ms, self._lag_of(number)) for number in self.ready}
        return {number: clock_ms for number, clock_ms in clocks.items() if clock_ms is not None}

    def _lag_of(self, number: int) -> dict[str, int]:
        """What the consumer has not fetched of a partition, by topic; no word of those of which nobody knows yet."""
        return {topic: lag for (topic, of), lag in self._fetch_lag.items() if of == number}

    def is_missing_batches(self) -> bool:
        """Whether a batch left the consumer and has not arrived yet."""
        return any(partition.inbox.missing() for partition in self._owned.values())

    def consumer_is_behind(self, behind: Behind) -> None:
        """What the consumer has not fetched yet."""
        self._fetch_lag = {(self._plain(tp.topic), tp.partition): lag for tp, lag in behind.records.items()}
        self._fetch_lag_at_ms = behind.told_at_ms

    def views(self) -> list[PartitionView]:
        """All owned partitions as they stand now."""
        # The broker's answers are stamped with the wall clock, so this age is the one that uses it.
        age = max(0.0, time.time() - self._fetch_lag_at_ms / 1000) if self._fetch_lag_at_ms else 0.0
        return [
            partition.view(
                fetch_lag=self._lag_of(number),
                lag_age_seconds=age,
            )
            for number, partition in list(self._owned.items())
        ]

    def frozen(self, stage: str) -> list[Callable[[bytes], Any]]:
        """A stage's committed rows as they stand now, by key, of each partition that takes turns. For any thread."""
        return [partition.frozen(stage) for partition in list(self._owned.values()) if partition.ready]
