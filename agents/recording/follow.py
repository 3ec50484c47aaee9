"""Read topics of ours as a third party should: committed records only, in no group, from here or from the start."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.broker_errors import unreachable
from agents.engine.reach import Reach, has_connection
from agents.recording.layout import Layout, layout_of
from agents.settings import Settings, kafka_security
from schemas.topics import Topic

_WAIT_SECONDS = 1.0
_GIVE_UP_SECONDS = 10.0  # a busy broker takes seconds for a fetch


class Seen(NamedTuple):
    """One record of one of our topics."""

    topic: Topic
    value: bytes
    timestamp_ms: int
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()

    def decoded(self) -> Any:
        """The value as its wire type; raises ValueError where somebody else wrote something else."""
        return msgspec.json.decode(self.value, type=self.topic.messages[0])


class Follower:
    """A consumer over all partitions of some topics."""

    def __init__(self, consumer: AIOKafkaConsumer, topics: dict[str, Topic], *, bootstrap: str) -> None:
        self._consumer = consumer
        self._topics = topics
        self._bootstrap = bootstrap

    @property
    def has_connection(self) -> bool:
        """Whether any broker holds a connection with us."""
        return has_connection(self._consumer)

    async def records(self) -> AsyncIterator[Seen]:
        """Records as they come; raises BrokerError where the broker goes away for long."""
        reach = Reach()
        while True:
            for seen in await self.fetch(wait_seconds=1.0):
                yield seen
            reach.look(is_heard=self.has_connection, now_seconds=time.monotonic())
            if reach.silent_seconds > _GIVE_UP_SECONDS:
                raise unreachable(self._bootstrap, ConnectionError("it has gone away"))

    async def until_now(self) -> list[Seen]:
        """Everything up to what stands at the end now, in the order of its timestamps."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())  # before any transaction that is open
        seen: list[Seen] = []
        waited_seconds = 0.0
        while waited_seconds < _GIVE_UP_SECONDS:  # else the broker went away
            if all([await self._consumer.position(place) >= end for place, end in ends.items()]):
                break
            fetched = await self.fetch(wait_seconds=_WAIT_SECONDS)
            seen += fetched
            waited_seconds = 0.0 if fetched else waited_seconds + _WAIT_SECONDS
        return sorted(seen, key=lambda each: each.timestamp_ms)

    async def fetch(self, *, wait_seconds: float) -> list[Seen]:
        """What is there, or comes within a moment, in the order of its timestamps."""
        fetched = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000))
        seen = [
            Seen(self._topics[record.topic], record.value, record.timestamp, record.key, tuple(record.headers))
            for records in fetched.values()
            for record in records
            if record.value is not None
        ]
        return sorted(seen, key=lambda each: each.timestamp_ms)


@asynccontextmanager
async def follow(settings: Settings, topics: Sequence[Topic], *, from_start: bool) -> AsyncIterator[Follower]:
    """Follow `topics` while the block runs."""
    names = {settings.topic_prefix + topic.name: topic for topic in topics}
    partitions = places_of(await layout_of(settings), names)
    async with committed_consumer(settings) as consumer:
        consumer.assign(partitions)
        await (consumer.seek_to_beginning if from_start else consumer.seek_to_end)(*partitions)
        for partition in partitions:
            await consumer.position(partition)  # now, not at the first fetch: nothing in between is missed
        yield Follower(consumer, names, bootstrap=settings.bootstrap)


@asynccontextmanager
async def committed_consumer(settings: Settings) -> AsyncIterator[Any]:
    """A consumer of committed records, in no group and with nothing assigned yet, while the block runs."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        **kafka_security(settings),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


def places_of(layout: Layout, names: Iterable[str]) -> list[TopicPartition]:
    """Every partition of topics that are named in full; raises where one is missing."""
    layout.require(*names)
    return [TopicPartition(name, number) for name in names for number in range(layout.partitions[name])]
