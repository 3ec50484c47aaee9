"""The office: a consumer group over `notifications`, one desk for each channel, receipts and positions to Kafka.

At least once: a position is committed when everything before it is finished and its receipts are written.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from agents.channels.base import Channel
from agents.deliver.desk import Desk, Line
from agents.deliver.invitations import Invite
from agents.deliver.memory import Finished, Remembered, remember
from agents.deliver.paged import Paged, hear
from agents.deliver.positions import Positions
from agents.deliver.taking import NotTaken, address_of, not_taken, receipt_of
from agents.engine.connection import Connection
from agents.engine.lookout import Lookout
from agents.engine.reach import has_connection
from agents.recording.health import FollowerState
from pipeline.deliveries.pace import pace_of
from pipeline.deliveries.retry import diverted
from pipeline.incidents.load import OnCall
from schemas import codec
from schemas.base import Wire
from schemas.codec import Record
from schemas.deliveries import Notification, Receipt
from schemas.topics import DEADLETTERS, NOTIFICATIONS, RECEIPTS, Topic

log = structlog.get_logger("tocsin.deliver")

_COMMIT_SECONDS = 1.0
_LOOK_SECONDS = 0.5
_REMEMBER_SECONDS = 60.0
Observer = Callable[[Receipt], None]


class Office:
    """All channels of one process."""

    def __init__(
        self,
        connection: Connection,
        oncall: OnCall,
        channels: Mapping[str, Channel],
        *,
        observe: Observer,
        invite: Invite,
    ) -> None:
        self._connection = connection
        self._oncall = oncall
        self._observe = observe
        self._positions = Positions()
        self._finished: dict[int, Finished] = {}
        self._owned = asyncio.Condition()
        self._has_taken_over = False
        self._beat_at: float | None = None
        self._broker_silent_seconds = 0.0
        self._paged = Paged()
        self._producer = AIOKafkaProducer(**connection.client_options, enable_idempotence=True, linger_ms=2)
        self._consumer = AIOKafkaConsumer(
            **connection.client_options,
            group_id=f"{connection.application_id}-deliveries",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        line = Line(self._receipt, self._publish, self._done, _now_ms, invite)
        self.desks = {
            name: Desk(
                name=name,
                channel=channel,
                pace=pace_of(oncall.channels[name].kind, oncall.channels[name].per_minute),
                address_of=partial(address_of, oncall=oncall, channel=name),
                line=line,
                kind=oncall.channels[name].kind,
                paged=self._paged,
                pages_per_hour=oncall.plan.pages_per_hour,
                per_month=oncall.channels[name].per_month,
            )
            for name, channel in channels.items()
        }

    def state(self) -> FollowerState:
        """Whether it lives and is ready; read by the operations thread."""
        beat_at = self._beat_at
        return FollowerState(
            is_loaded=self._has_taken_over,
            loop_age_seconds=None if beat_at is None else time.monotonic() - beat_at,
            broker_silent_seconds=self._broker_silent_seconds,
        )

    async def run(self) -> None:
        """Deliver until cancelled; the first thing that goes wrong with Kafka ends it, and a supervisor starts anew."""
        await self._producer.start()
        await self._consumer.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                heard = asyncio.Event()
                hearing = hear(self._connection, self._paged, caught_up=heard, now_ms=_now_ms())
                tasks.create_task(hearing, name="pages")
                async with asyncio.timeout(_REMEMBER_SECONDS):
                    await heard.wait()
                self._consumer.subscribe([self._connection.topic(NOTIFICATIONS)], listener=_Listener(self))
                for desk in self.desks.values():
                    tasks.create_task(desk.work(), name=f"desk-{desk.name}")
                tasks.create_task(self._read(), name="read")
                tasks.create_task(self._look(), name="look")
                tasks.create_task(self._commit_now_and_then(), name="commit")
        finally:
            await self._commit()
            await self._consumer.stop()
            await self._producer.stop()

    async def _look(self) -> None:
        """Show that the loop runs, and listen for the broker; a task of its own, because reading waits for it."""
        lookout = Lookout(self._connection.bootstrap, meanwhile="nobody is told of anything new until it is back")
        while True:
            self._beat_at = time.monotonic()
            self._broker_silent_seconds = lookout.look(is_heard=has_connection(self._consumer))
            await asyncio.sleep(_LOOK_SECONDS)

    # -- partitions ----------------------------------------------------------------------------------------------

    async def take_over(self, partitions: Iterable[int]) -> None:
        """Read what was finished before us, then begin."""
        for partition, memory in (await self._remember(list(partitions))).items():
            for channel, sent_at_ms in memory.sent_at_ms.items():
                if channel in self.desks:
                    desk = self.desks[channel]
                    desk.sent_at_ms = sorted({*desk.sent_at_ms, *sent_at_ms})
            for channel, cards in memory.cards.items():
                if channel in self.desks:
                    self.desks[channel].cards.take_in(cards)
            self._positions.begin(partition)
            async with self._owned:
                self._finished[partition] = Finished(memory.finished)
                self._owned.notify_all()
            log.info("partition_taken_over", partition=partition, finished=len(memory.finished))
        self._has_taken_over = True

    async def _remember(self, partitions: list[int]) -> dict[int, Remembered]:
        async with asyncio.timeout(_REMEMBER_SECONDS):  # else the process ends, and a supervisor starts it anew
            return await remember(self._connection, partitions, now_ms=_now_ms())

    async def give_up(self, partitions: Iterable[int]) -> None:
        """Say how far we came; what is open is the next owner's."""
        await self._commit()
        for partition in partitions:
            for notification_id in self._positions.end(partition):
                for desk in self.desks.values():
                    desk.drop(notification_id)
            async with self._owned:
                self._finished.pop(partition, None)
                self._owned.notify_all()

    # -- records -------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            for tp, records in (await self._consumer.getmany(timeout_ms=500)).items():
                # aiokafka fetches as soon as it is assigned, before we have read what was finished before us.
                if not await self._is_ours(tp):
                    continue
                raw = [Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records]
                decoded = codec.decode_batch(NOTIFICATIONS, raw, tp.partition)
                for refusal in decoded.refusals:
                    log.error("record_unreadable", refusal=str(refusal))
                    await self._send(DEADLETTERS, refusal.topic, codec.dead_letter(refusal))
                for event, record in zip(decoded.events, decoded.records, strict=True):
                    await self._take(tp.partition, record.offset, event)
                self._positions.read(tp.partition, raw[-1].offset, None)

    async def _is_ours(self, tp: TopicPartition) -> bool:
        """Whether the partition is ours, once it is known what was finished before us."""
        async with self._owned:
            await self._owned.wait_for(lambda: tp.partition in self._finished or not self._has(tp))
        return self._has(tp)

    def _has(self, tp: TopicPartition) -> bool:
        return tp in self._consumer.assignment()

    async def _take(self, partition: int, offset: int, notification: Notification) -> None:
        if notification.notification_id in self._finished.get(partition, ()):
            return
        self._positions.read(partition, offset, notification.notification_id)
        why = not_taken(notification, self._oncall)
        if why is None:
            self.desks[notification.channel].put(notification)
            return
        if why is NotTaken.NO_CONTACT and notification.alternatives:
            await self._publish(diverted(notification, now_ms=_now_ms()))
        await self._receipt(receipt_of(notification, why, now_ms=_now_ms()), notification.channel)
        self._done(notification)

    async def _receipt(self, receipt: Receipt, channel: str) -> None:
        partition = self._positions.partition_of(receipt.notification_id)
        await self._send(RECEIPTS, channel, receipt, partition=partition)
        self._observe(receipt)

    async def _publish(self, notification: Notification) -> None:
        await self._send(NOTIFICATIONS, notification.channel, notification)

    async def _send(self, topic: Topic, key: str, value: Wire, *, partition: int | None = None) -> None:
        body, headers = codec.encode_record(value)
        name = self._connection.topic(topic)
        await self._producer.send_and_wait(name, body, key=key.encode(), headers=headers, partition=partition)

    def _done(self, notification: Notification) -> None:
        partition = self._positions.partition_of(notification.notification_id)
        if partition in self._finished:
            self._finished[partition].add(notification.notification_id)
        self._positions.finish(notification.notification_id)

    async def _commit_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_COMMIT_SECONDS)
            await self._commit()

    async def _commit(self) -> None:
        topic = self._connection.topic(NOTIFICATIONS)
        owned = self._consumer.assignment()
        offsets = {TopicPartition(topic, number): at for number, at in self._positions.next_offsets().items()}
        offsets = {tp: at for tp, at in offsets.items() if tp in owned}
        try:
            if offsets:
                await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError):  # a rebalance was faster: whoever owns them now reads receipts
            log.info("positions_not_committed", partitions=len(offsets))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    def __init__(self, office: Office) -> None:
        self._office = office

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._office.give_up(tp.partition for tp in revoked)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._office.take_over(tp.partition for tp in assigned)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
