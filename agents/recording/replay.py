"""Send recorded events again: at their pace, faster, or at a steady rate, with their own times or as of now."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, MessageSizeTooLargeError

from agents.recording.layout import Layout, layout_of
from agents.recording.records import Recorded
from agents.settings import Settings, kafka_security
from pipeline.errors import TocsinError

_AHEAD = 5_000  # records handed to the producer before their delivery is awaited
_YIELD_EVERY = 200  # at full speed the producer's own tasks must get their turn


class RefusedError(TocsinError):
    """The broker does not take a record; says which one, never what is in it."""


class Shift(StrEnum):
    """What becomes of the times in the records."""

    NOW = "now"  # as if it happened now, at the pace of the replay
    NONE = "none"  # as recorded


@dataclass(frozen=True, slots=True)
class Pace:
    """When each record is due, in seconds since the start."""

    speed: float = 1.0  # 10 is ten times as fast; 0 is as fast as possible
    events_per_second: float = 0.0  # steady, whatever the recorded times; 0 is off
    longest_gap_seconds: float = 0.0  # of recorded time; longer silences are cut to this; 0 keeps them

    def due(self, records: Iterable[Recorded]) -> Iterator[tuple[float, Recorded]]:
        """Each record with the moment it is due; never earlier than the one before it."""
        elapsed, previous_ms = 0.0, None
        for number, record in enumerate(records):
            if self.events_per_second:
                elapsed = number / self.events_per_second
            elif self.speed and previous_ms is not None:
                gap_seconds = max(0, record.timestamp_ms - previous_ms) / 1000
                elapsed += min(gap_seconds, self.longest_gap_seconds or gap_seconds) / self.speed
            previous_ms = max(previous_ms or 0, record.timestamp_ms)
            yield elapsed, record


async def replay(
    settings: Settings,
    records: Iterable[Recorded],
    *,
    pace: Pace,
    shift: Shift = Shift.NOW,
    on_sent: Callable[[int], None] = lambda _count: None,
) -> int:
    """Send every record and wait until the broker has all of them; how many there were."""
    layout = await layout_of(settings)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        enable_idempotence=True,
        linger_ms=5,
        compression_type="lz4",
        max_request_size=4 * 1024 * 1024,
        **kafka_security(settings),
    )
    count = 0
    try:
        await producer.start()
        started_seconds = time.time()
        waiting: list[_Sent] = []
        for due, record in pace.due(records):
            ahead = started_seconds + due - time.time()
            if ahead > 0:
                on_sent(count)
                await asyncio.sleep(ahead)
            waiting.append(await _send(producer, layout, record, number=count + 1, shift=shift))
            count += 1
            if len(waiting) >= _AHEAD:
                await _delivered(waiting)
            if count % _YIELD_EVERY == 0:
                on_sent(count)
                await asyncio.sleep(0)
        await _delivered(waiting)
    finally:
        await producer.stop()
        on_sent(count)
    return count


class _Sent(NamedTuple):
    """A record on its way."""

    number: int
    topic: str
    delivery: "asyncio.Future[object]"


async def _send(producer: AIOKafkaProducer, layout: Layout, record: Recorded, *, number: int, shift: Shift) -> _Sent:
    topic = layout.name_of(record)
    if shift is Shift.NOW:
        record = record.moved_to(time.time_ns() // 1_000_000)
    try:
        delivery = await producer.send(
            topic,
            value=record.value,
            key=record.key,
            partition=record.partition,
            timestamp_ms=record.timestamp_ms,
            headers=list(record.headers),
        )
    except MessageSizeTooLargeError as error:
        raise RefusedError(f"record {number}, for {topic}, is too large for Kafka") from error
    return _Sent(number, topic, delivery)


async def _delivered(waiting: list[_Sent]) -> None:
    """Wait until the broker has them all; the first that it refuses is told."""
    answers = await asyncio.gather(*(sent.delivery for sent in waiting), return_exceptions=True)
    for sent, answer in zip(waiting, answers, strict=True):
        if isinstance(answer, BrokerResponseError):
            what = f"records for {sent.topic}, of which record {sent.number} is the first"  # it refuses whole batches
            raise RefusedError(f"the broker refused {what}: {type(answer).__name__}") from answer
        if isinstance(answer, BaseException):
            raise answer
    waiting.clear()
