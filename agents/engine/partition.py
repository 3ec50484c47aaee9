"""One partition that this worker owns: taken over, turned over and over, given up.

All stages of a partition share its transactional producer, so one turn takes whatever waits for any of them and ends
in one transaction. While that transaction is under way, more piles up and the next turn is larger: the busier it is,
the fewer transactions an event costs.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka.errors import KafkaError

from agents.engine.connection import Connection, Pace
from agents.engine.crash import FENCES, ExitCode, end_process, reason_of
from agents.engine.inbox import Inbox
from agents.engine.limits import DeadLetterLimit
from agents.engine.observer import Committed, Observer
from agents.engine.recovery import POSITION_KEY, recover, rewind
from agents.engine.ticks import clock_ms
from agents.engine.transactions import Destination, Record, Transactions, grouped
from agents.engine.turns import (
    Opening,
    ReadsAhead,
    Share,
    StageState,
    decide,
    least_read,
    open_share,
    prepare_opened,
    prepare_recovered,
    published,
    read_ahead,
    time_of,
)
from agents.engine.watchdog import Stuck
from agents.ops.views import PartitionView
from pipeline.stage import Stage
from schemas.codec import Raw
from schemas.topics import TICKS

log = structlog.get_logger("tocsin.engine")


class Partition:
    """One owned partition number, over all source topics and stages."""

    def __init__(
        self,
        number: int,
        stages: Sequence[Stage[Any]],
        connection: Connection,
        pace: Pace,
        *,
        observer: Observer,
        limit: DeadLetterLimit,
        room: asyncio.Event,
        ahead: Mapping[str, ReadsAhead],
    ) -> None:
        self.number = number
        self.inbox = Inbox(pace.queued_records, bound_bytes=pace.queued_bytes, has_drained=room)
        self.ready = False
        self._connection = connection
        self._pace = pace
        self._observer = observer
        self._limit = limit
        self._ahead = ahead
        self._states = [StageState(stage) for stage in stages]
        self._controls = {stage.control.topic.name for stage in stages if stage.control is not None}
        self._transactions = Transactions(connection, number)
        self._turn = asyncio.Lock()
        self._suspended = False
        self._read_ms: dict[str, int] = {}  # by topic, the time of what was read last
        self._taken_over_at = time.monotonic()
        self._progress_at = time.monotonic()
        self._offsets_at = time.monotonic()
        self._uncommitted_sources = False
        self._task: asyncio.Task[None] | None = None
        self._current: asyncio.Task[list[Opening]] | None = None  # the running turn, while it is being read
        self._next: asyncio.Task[list[Opening]] | None = None  # the turn after it, being read meanwhile

    # -- taking over and giving up -------------------------------------------------------------------------------

    def start(self) -> None:
        """Take the partition over and work on it, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=f"partition-{self.number}")

    async def _run(self) -> None:
        try:
            await self._take_over()
            await self._work()
        except FENCES as error:
            end_process(reason_of(error), ExitCode.FENCED, partition=self.number, error=repr(error))
        except KafkaError as error:
            end_process(reason_of(error), ExitCode.UNFORESEEN, partition=self.number, error=repr(error))
        except Exception:  # crash-only: the process ends, nothing goes on
            log.critical("turn_failed", partition=self.number, exc_info=True)
            end_process("unforeseen", ExitCode.UNFORESEEN, partition=self.number)

    async def _take_over(self) -> None:
        """Fence first, then read: what the former owner still does is void before its state is trusted."""
        started_at = time.monotonic()
        await self._transactions.start()
        changelogs = {self._connection.topic(state.stage.changelog): state for state in self._states}
        try:
            recovered = await asyncio.wait_for(
                recover(self._connection, self.number, {topic: state.store for topic, state in changelogs.items()}),
                self._pace.recovery_seconds,
            )
        except TimeoutError:
            end_process(Stuck.RECOVERY.value, ExitCode.RECOVERY, partition=self.number)
        by_stage = {state.stage.name: recovered[topic] for topic, state in changelogs.items()}
        sources = {state.stage.name: [topic.name for topic in state.stage.sources] for state in self._states}
        await rewind(self._connection, self.number, by_stage, sources)
        await asyncio.to_thread(prepare_recovered, self._states)
        seconds = time.monotonic() - started_at
        for topic, state in changelogs.items():
            state.position = recovered[topic]
            self._observer.recovered(state.stage.name, self.number, rows=len(state.store), seconds=seconds)
        self.ready = True
        self._progress_at = self._offsets_at = time.monotonic()
        rows = {state.stage.name: len(state.store) for state in self._states}
        log.info("partition_taken_over", partition=self.number, rows=rows, seconds=round(seconds, 3))

    async def suspend(self) -> None:
        """Finish the running turn and take no other: a rebalance decides anew who owns what.

        A turn that is still being read is given up, for reading may take long and nothing has happened yet.
        """
        self._suspended = True
        if self._current is not None:
            self._current.cancel()
        async with asyncio.timeout(self._pace.give_up_seconds), self._turn:
            self.inbox.clear()
            for state in self._states:
                state.backlog.take()  # fetched again by whoever owns the partition then
            self._forget_next()

    def _forget_next(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def resume(self) -> None:
        """The rebalance left the partition here. Had anybody else had it meanwhile, our producer would be fenced."""
        self._suspended = False
        self._progress_at = time.monotonic()  # what was being read was given up: it begins anew

    async def release(self) -> None:
        """Give the partition up: its rows go, and so does its producer."""
        self.ready = False
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await asyncio.wait_for(self._transactions.stop(), self._pace.give_up_seconds)
        except TimeoutError:  # the broker is away; the connection ends with the process, and nothing was open
            log.warning("producer_not_closed", partition=self.number)

    # -- turns ---------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._limit.is_passed:
            if self._next is None:
                await self._wait()
            started_at = time.monotonic()
            async with self._turn:
                if not self._suspended and not self._limit.is_passed:
                    await self._advance(await self._read())
            await asyncio.sleep(max(0.0, self._pace.next_turn_at(self.number, started_at) - time.monotonic()))

    async def _wait(self) -> None:
        """Until something is queued, or what waits for a patient stage has waited long enough."""
        due_at = min(state.backlog.due_at for state in self._states)
        try:
            async with asyncio.timeout_at(None if due_at == math.inf else due_at):
                await self.inbox.wait()
        except TimeoutError:
            return

    async def _read(self) -> list[Opening]:
        """What the turn is to decide; nothing where a rebalance came while it was being read."""
        self._current, self._next = self._next or self._open(), None
        try:
            openings = await self._current
        except asyncio.CancelledError:
            if self._task is not None and self._task.cancelling():
                raise
            return []
        finally:
            self._current = None
        return [] if self._suspended else openings

    def _open(self) -> asyncio.Task[list[Opening]]:
        """Take what waits and begin to read it."""
        waiting = self.inbox.take(self._pace.max_turn_records, most_bytes=self._pace.max_turn_bytes)
        self._read_ms |= {topic: time_of(records) for topic, records in waiting.items()}
        return asyncio.create_task(self._opened(waiting), name=f"partition-{self.number}-opening")

    async def _opened(self, waiting: Mapping[str, Sequence[Raw]]) -> list[Opening]:
        """What is new to each stage, decoded, and read as far as somebody reads ahead of the worker."""
        openings = []
        now = asyncio.get_running_loop().time()
        for state in self._states:
            state.give(waiting, now=now)
            if state.backlog.is_due(now=now, most=self._pace.max_turn_records):
                opening = open_share(state, partition=self.number)
                if not self._controls.isdisjoint(opening.records):
                    await asyncio.to_thread(prepare_opened, opening)
                ahead = self._ahead.get(state.stage.name)
                openings.append(opening if ahead is None else await read_ahead(opening, ahead, partition=self.number))
        return openings

    async def _advance(self, openings: Sequence[Opening]) -> None:
        """Decide for every stage, then make it happen in one transaction."""
        if not openings:
            return
        if self.inbox.holds(self._pace.max_turn_records, many_bytes=self._pace.max_turn_bytes):
            # A whole turn waits already: let it be read while this one is decided and committed. A smaller one is
            # left to grow.
            self._next = self._open()
        taken = [decide(opening) for opening in openings]
        if not all(
            self._limit.allows(share.records, share.turn.refusals, stage=share.state.stage.name) for share in taken
        ):
            self._forget_next()
            return
        for share in taken:
            share.state.position = share.position
        self._uncommitted_sources = self._uncommitted_sources or any(
            topic != TICKS.name for share in taken for topic in share.records
        )
        if any(not share.is_empty for share in taken) or self._position_is_due():
            await self._commit(taken)
        for share in taken:
            share.state.store.apply(share.turn.changes, now_ms=share.turn.clock_ms)
            self._observer.turn_committed(
                Committed(
                    stage=share.state.stage.name,
                    partition=self.number,
                    turn=share.turn,
                    records=share.records,
                    newest_ms=share.newest_ms,
                    decide_seconds=share.decide_seconds,
                    committed_at_ms=int(time.time() * 1000),
                )
            )
            if not self._controls.isdisjoint(share.records):
                self._tell_control(share.state)
        self._progress_at = time.monotonic()

    def _tell_control(self, state: StageState) -> None:
        """Say in the log what a stage was told to go by."""
        for told in state.told(self.number):
            fields = {"stage": state.stage.name, **msgspec.to_builtins(told)}
            if told.refused:
                log.error("rules_refused", **fields)
            else:
                log.info("rules_told", **fields)

    def _position_is_due(self) -> bool:
        """Whether the group's offsets have waited long enough, for a transaction of their own if need be."""
        bound = self._pace.position_seconds if self._uncommitted_sources else self._pace.idle_position_seconds
        return time.monotonic() - self._offsets_at >= bound

    async def _commit(self, taken: Sequence[Share]) -> None:
        """One transaction: what the turn changed and published, and every position that no transaction carried yet.

        The position rows are what counts. The group's offsets only say where its next owner's consumer begins, which
        drops what those rows have; in every transaction they would cost two of its five requests.
        """
        started_at = time.monotonic()
        pairs = [pair for share in taken for pair in published(share, self._connection, partition=self.number)]
        for state in self._states:
            if state.position.turns:
                changelog = (self._connection.topic(state.stage.changelog), self.number)
                pairs.append((changelog, Record(POSITION_KEY, msgspec.json.encode(state.position))))
        is_due = self._position_is_due()
        await self._transactions.commit(grouped(pairs), self._offsets() if is_due else {})
        for state in self._states:
            state.position.turns = []
        committed_at = time.monotonic()
        if is_due:
            self._offsets_at = committed_at
            self._uncommitted_sources = False
        read = sum(sum(share.records.values()) for share in taken)
        self._observer.transaction(committed_at - started_at, read)

    def _offsets(self) -> dict[Destination, int]:
        """What every stage has read, by source topic."""
        prefix = self._connection.topic_prefix
        return {(prefix + topic, self.number): offset for topic, offset in least_read(self._states).items()}

    # -- being looked at -----------------------------------------------------------------------------------------

    def clock_ms(self, now_ms: int, fetch_lag: Mapping[str, int]) -> int | None:
        """What time it is here for whoever writes ticks; see there."""
        sources = [topic for topic in self._sources() if topic != TICKS.name]
        lag = {topic: fetched + self._queued(topic) for topic, fetched in fetch_lag.items()}
        return clock_ms(now_ms, lag=lag, read_ms=self._read_ms, most=self._pace.max_turn_records, sources=sources)

    def view(self, *, fetch_lag: Mapping[str, int], lag_age_seconds: float) -> PartitionView:
        """What metrics and health show of this partition; `fetch_lag` is what the consumer has not fetched yet."""
        now = time.monotonic()
        lag = {topic: fetch_lag.get(topic, 0) + self._queued(topic) for topic in self._sources()}
        return PartitionView(
            partition=self.number,
            ready=self.ready,
            rows={state.stage.name: len(state.store) for state in self._states},
            rows_bytes={state.stage.name: state.rows_bytes for state in self._states},
            lag=lag,
            lag_age_seconds=lag_age_seconds,
            rules=tuple(told for state in self._states for told in state.told(self.number)),
            clock_ms=max(state.position.clock_ms for state in self._states),
            held=str(self._limit.excess or ""),
            recovering_seconds=None if self.ready else now - self._taken_over_at,
            last_progress_age_seconds=now - self._progress_at,
        )

    def frozen(self, stage: str) -> Callable[[bytes], Any]:
        """A stage's committed rows as they stand now, by key."""
        return next(state.store.frozen() for state in self._states if state.stage.name == stage)

    def _queued(self, topic: str) -> int:
        """Records of a topic that were fetched, and that some stage has yet to read."""
        return self.inbox.queued(topic) + max(state.backlog.count(topic) for state in self._states)

    def _sources(self) -> dict[str, None]:
        return {topic.name: None for state in self._states for topic in state.stage.sources}
