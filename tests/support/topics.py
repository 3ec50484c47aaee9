"""Whole topics in a test: written, read to their end as committed, and asked whether a group has worked them off."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.settings import Settings
from agents.topics import ensure_topics
from pipeline.stage import SETTLING_MS
from schemas import codec
from schemas.codec import Record
from schemas.ticks import Tick
from schemas.topics import TICKS
from tests.support.cluster import PATIENCE_SECONDS


class Sent(NamedTuple):
    """One record to write."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...] = ()


async def read_topics(bootstrap: str, topics: Iterable[str]) -> dict[tuple[str, int], list[Record]]:
    """Every committed record of the topics, by topic and partition, in offset order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False, fetch_max_wait_ms=50
    )
    await consumer.start()
    try:
        found: dict[tuple[str, int], list[Record]] = {}
        tps = []
        for topic, partitions in (await _partitions(bootstrap, list(topics))).items():
            for partition in range(partitions):
                tps.append(TopicPartition(topic, partition))
                found[topic, partition] = []
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        ends = await consumer.end_offsets(tps)
        while ends:
            for tp, records in (await consumer.getmany(timeout_ms=100, max_records=20_000)).items():
                found[tp.topic, tp.partition] += [
                    Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records
                ]
            for tp in [tp for tp in ends if await consumer.position(tp) >= ends[tp]]:
                del ends[tp]
        return found
    finally:
        await consumer.stop()


async def _partitions(bootstrap: str, topics: list[str]) -> dict[str, int]:
    async with _admin(bootstrap) as admin:
        return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics(topics)}


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def committed(bootstrap: str, group: str) -> Mapping[TopicPartition, int]:
    """The group's committed offsets."""
    async with _admin(bootstrap) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
        return {tp: each.offset for tp, each in offsets.items()}


async def worked_off(bootstrap: str, group: str, topics: Sequence[str]) -> None:
    """Until the group has committed the last record of every topic; fails when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        last = {
            TopicPartition(topic, partition): records[-1].offset + 1
            for (topic, partition), records in (await read_topics(bootstrap, topics)).items()
            if records
        }
        done = await committed(bootstrap, group)
        behind = {tp: (done.get(tp, 0), end) for tp, end in last.items() if done.get(tp, 0) < end}
        if not behind:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"not worked off within {PATIENCE_SECONDS:.0f} s: {behind}")
        await asyncio.sleep(0.5)


async def write_ticks(bootstrap: str, prefix: str, now_ms: int, *, partitions: int = 4) -> None:
    """Let the clock of every partition say so."""
    value, written_ms = codec.encode(Tick(now_ms=now_ms)), time.time_ns() // 1_000_000
    ticks = [Sent(prefix + TICKS.name, number, b"", value, written_ms) for number in range(partitions)]
    await write_records(bootstrap, ticks)


async def settled(settings: Settings) -> None:
    """Create the topics of a cluster that has ticked before: who is fresh wakes nobody in its first two minutes."""
    await ensure_topics(settings)
    now_ms = time.time_ns() // 1_000_000 - SETTLING_MS - 10_000
    await write_ticks(settings.bootstrap, settings.topic_prefix, now_ms, partitions=settings.partitions)


async def write_records(bootstrap: str, records: Sequence[Sent], *, per_second: float | None = None) -> None:
    """Write records in order, at a steady rate or as fast as it goes; survives a broker that is away for a while."""
    # On a busy machine a broker needs longer to come back than the usual forty seconds.
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=5, enable_idempotence=True, request_timeout_ms=180_000
    )
    await producer.start()
    try:
        await _all_known(producer, {(each.topic, each.partition) for each in records})
        started_at = time.monotonic()
        deliveries = []
        for number, each in enumerate(records):
            if per_second is not None and number % 50 == 0:
                await asyncio.sleep(max(0.0, started_at + number / per_second - time.monotonic()))
            deliveries.append(
                await producer.send(
                    each.topic,
                    each.value,
                    key=each.key,
                    partition=each.partition,
                    timestamp_ms=each.timestamp_ms,
                    headers=list(each.headers),
                )
            )
        await asyncio.gather(*deliveries)
    finally:
        await producer.stop()


async def _all_known(producer: AIOKafkaProducer, places: Iterable[tuple[str, int]]) -> None:
    """A busy broker names the partitions of a topic that was just created one after the other."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for topic, partition in places:
            while partition not in await producer.partitions_for(topic):
                await producer.client.force_metadata_update()
