"""The Faust hooks: a consumer that yields one message per fetched partition instead of one per record.

Faust keeps the group, the assignment, the streams and the agents. What is replaced is the path of the single message
and the offsets: positions travel in our transactions (`transactions.py`), so `ack` and `_new_offset` commit nothing.
Every batch carries the serial of the assignment that it was fetched under and a running number within it; the engine
drops batches of a former assignment and ends the process when a number is missing, so nothing can be lost in between.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import faust
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from agents.engine.assignor import KeepingAssignor
from agents.engine.reach import has_connection
from agents.engine.records import drain_raw
from agents.engine.unknown_topics import UnknownTopics
from schemas.codec import Raw

if TYPE_CHECKING:
    from agents.engine.partitions import Partitions

# A fetch that waits for an idle partition holds back those that were drained meanwhile: aiokafka keeps one fetch in
# flight per broker. Faust's 1,500 ms would be the delay of an alert.
FETCH_MAX_WAIT_MS = 20
# Within that wait a fetch gathers some tens of events: hundreds of tiny fetches a second cost more time than they save.
FETCH_MIN_BYTES = 32 * 1024
MAX_RECORDS = 10_000  # where the settings name no bound
# While some partitions have no room, look again soon for those that get it.
CROWDED_TIMEOUT_SECONDS = 0.02


class Fetched(NamedTuple):
    """What one fetch returned for one partition of one topic."""

    topic: str
    partition: int
    assignment: int  # serial of the assignment, per process
    number: int  # running number within the assignment and partition, from 0
    records: Sequence[Raw]


class Behind(NamedTuple):
    """How far the consumer is behind the log."""

    records: Mapping[TP, int]  # not fetched yet
    told_at_ms: int  # wall clock of the newest answer of a broker; 0 before the first


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, reading committed records only and whole partitions at a time."""

    _serial = 0
    _last_assignment: object = None

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        consumer._fetch_min_bytes = FETCH_MIN_BYTES
        # One and no other: aiokafka joins the group once for each, every time, and two workers that join twice can
        # call each other back for ever.
        consumer._partition_assignment_strategy = (KeepingAssignor(UnknownTopics(consumer._client).ask_for),)
        return consumer

    def assignment_serial(self) -> int:
        """The serial of the assignment in force; a new assignment object is a new serial."""
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        if assignment is not self._last_assignment:
            self._last_assignment = assignment
            self._serial += 1
        return self._serial

    async def _fetch_records(
        self, consumer: Any, active_partitions: Any, timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        with fetcher._subscriptions.fetch_context():
            drained = await drain_raw(
                fetcher, active_partitions, timeout_seconds=timeout or 0.0, max_records=max_records or MAX_RECORDS
            )
        # Nothing was awaited since the records left the fetcher, so this is the assignment they belong to.
        serial = self.assignment_serial()
        return {tp: (serial, records) for tp, records in drained.items()}

    def behind(self) -> Behind:
        """What is not fetched yet, as far as the last fetches told, and when that was."""
        lags: dict[TP, int] = {}
        told_at_ms = 0
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        if assignment is None:
            return Behind(lags, told_at_ms)
        for tp in assignment.tps:
            state = assignment.state_value(tp)
            if state.has_valid_position and state.highwater is not None:
                lags[tp] = max(0, state.highwater - state.position)
                told_at_ms = max(told_at_ms, state.timestamp or 0)
        return Behind(lags, told_at_ms)

    def has_client(self) -> bool:
        """Whether there is anything to ask yet."""
        return self._consumer is not None

    def has_connection(self) -> bool:
        """Whether any broker of the cluster holds a connection with us."""
        return has_connection(self._ensure_consumer())


class BatchConsumer(driver.Consumer):
    """Faust's consumer, yielding whole fetched partitions and leaving offsets alone."""

    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def engine(self) -> "Partitions":
        """What this worker owns."""
        return self.app.engine  # type: ignore[attr-defined,no-any-return]

    def assignment_serial(self) -> int:
        """See `ConsumerThread.assignment_serial`."""
        return self._thread.assignment_serial()

    def behind(self) -> Behind:
        """See `ConsumerThread.behind`."""
        return self._thread.behind()

    def has_client(self) -> bool:
        """See `ConsumerThread.has_client`."""
        return self._thread.has_client()

    def has_connection(self) -> bool:
        """See `ConsumerThread.has_connection`."""
        return self._thread.has_connection()

    def is_fetching(self) -> bool:
        """Whether records are asked for, so that the broker's silence would mean something."""
        return bool(self.flow_active) and any(
            self.engine.has_room(tp.topic, tp.partition) for tp in self._get_active_partitions()
        )

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        """Fetch for the partitions that have room, and yield one message per fetched partition."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        if self.should_stop:
            return
        active = self._get_active_partitions()
        wanted = {tp for tp in active if self.engine.has_room(tp.topic, tp.partition)}
        if not wanted:
            await self.engine.wait_for_room(timeout_seconds=timeout)
            return
        crowded = len(wanted) < len(active)
        fetched: Any = await self._getmany(wanted, CROWDED_TIMEOUT_SECONDS if crowded else timeout)
        if not fetched:
            return
        for tp, (serial, records) in fetched.items():
            last = records[-1]
            batch: Any = self.engine.announce(tp.topic, tp.partition, serial, records)
            self._read_offset[tp] = last.offset  # so that Faust sees no gap and drops nothing
            yield (
                tp,
                ConsumerMessage(
                    tp.topic,
                    tp.partition,
                    last.offset,
                    (last.timestamp or 0) / 1000.0,
                    0,
                    None,
                    None,
                    batch,  # the schema below hands it through
                    None,
                    0,
                    0,
                    tp,
                    generation_id=self.app.consumer_generation_id,
                ),
            )

    def ack(self, message: Any) -> bool:
        """Forget the message; its position is committed by its transaction."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    def _new_offset(self, tp: TP) -> None:
        return None

    async def perform_seek(self) -> None:
        """Ask nobody: aiokafka begins each assignment at the committed offsets by itself, as soon as a broker answers.

        Faust would ask again for every partition of every topic, one after the other, and stop fetching for good
        where the broker goes away meanwhile.
        """

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        return None


class BatchTransport(driver.Transport):
    """Faust's transport with the batch consumer."""

    Consumer = BatchConsumer


class BatchSchema(faust.Schema[Any, Any]):
    """Hand a `Fetched` through to the agent untouched; decoding belongs to the stage."""

    def compile(self, app: Any, **_: Any) -> Any:
        """The decoder of one topic."""
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:  # noqa: ARG001  (Faust's signature)
            return create_event(message.key, message.value, message.headers, message)

        return decode
