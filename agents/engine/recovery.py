"""Reading a partition's changelogs back: rows and positions as the last committed transaction left them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.engine.connection import Connection
from agents.engine.records import drain_raw
from pipeline.rows import Store
from pipeline.stage import back_since

log = structlog.get_logger("tocsin.engine")

# Not UTF-8, so no row key, which is text of a sender, can ever be it.
POSITION_KEY = b"\xffposition"
_DOUBTS_SECONDS = (1.0, 4.0)


class Position(msgspec.Struct):
    """The position row of one stage and partition: what has been read, in which order, and the clock of its ticks.

    `turns` makes the log whole: a stage that reads two topics can be replayed in the very order in which it read them
    (the oracle test does), because every position row tells the turns since the one before it.
    """

    next_offsets: dict[str, int] = {}  # by topic name without prefix
    clock_ms: int = 0
    turns: list[dict[str, int]] = []  # the next offsets of what each turn read, oldest first
    held_until_ms: int = 0  # after a silence of the clock no row is woken before


async def recover(connection: Connection, partition: int, stores: Mapping[str, Store[Any]]) -> dict[str, Position]:
    """Fill each store from its changelog topic (by name on the broker), up to its end as reading starts; the positions.

    The former owner must have been fenced before, or it could still append behind that end.
    """
    consumer = AIOKafkaConsumer(
        **connection.client_options,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=16 << 20,
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    try:
        tps = {TopicPartition(topic, partition): topic for topic in stores}
        consumer.assign(list(tps))
        await consumer.seek_to_beginning(*tps)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(tps))
        while ends:
            drained = await drain_raw(consumer._fetcher, list(ends), timeout_seconds=0.2, max_records=50_000)
            for tp, records in drained.items():
                stores[tps[tp]].load(
                    [(record.key or b"", record.value) for record in records],
                    {record.key or b"": record.timestamp for record in records if record.timestamp},
                )
            for tp in [tp for tp in ends if await consumer.position(tp) >= ends[tp]]:
                del ends[tp]
            await asyncio.sleep(0)  # a long recovery must not silence the heartbeat of the loop
    finally:
        await consumer.stop()
    return {topic: _complete(store) for topic, store in stores.items()}


async def rewind(
    connection: Connection, partition: int, positions: Mapping[str, Position], sources: Mapping[str, Sequence[str]]
) -> None:
    """Take back positions behind the end of a source topic: by stage, its position and the topics that it reads.

    Such a topic was made anew, or lost its end with a broker. What was written since then stands below the position and
    would be passed over. Reading goes on at the first record since the position's last tick, or at the end.
    """
    consumer = AIOKafkaConsumer(**connection.client_options)
    try:
        await consumer.start()
        tps = {
            topic: TopicPartition(connection.topic_prefix + topic, partition) for of in sources.values() for topic in of
        }
        await consumer._client.set_topics({tp.topic for tp in tps.values()})  # asked for one by one they take seconds
        ends = await _believed_ends(consumer, tps, positions.values())
        for stage, position in positions.items():
            for topic in sources[stage]:
                read_until = position.next_offsets.get(topic, 0)
                if read_until > ends[tps[topic]]:
                    position.next_offsets[topic] = await _offset_at(consumer, tps[topic], position.clock_ms, ends)
                    log.error(
                        "source_made_anew",
                        stage=stage,
                        topic=topic,
                        partition=partition,
                        read_until=read_until,
                        goes_on_at=position.next_offsets[topic],
                    )
    finally:
        await consumer.stop()


async def _believed_ends(
    consumer: AIOKafkaConsumer, tps: Mapping[str, TopicPartition], positions: Collection[Position]
) -> dict[TopicPartition, int]:
    """Where the source topics end. A broker that has just become leader may know less than was read: ask it again."""
    read_until: Counter[str] = Counter()
    for position in positions:
        read_until |= Counter(position.next_offsets)
    ends: dict[TopicPartition, int] = await consumer.end_offsets(list(tps.values()))
    for wait_seconds in _DOUBTS_SECONDS:
        if all(read_until[topic] <= ends[tp] for topic, tp in tps.items()):
            break
        await asyncio.sleep(wait_seconds)
        ends = await consumer.end_offsets(list(tps.values()))
    return ends


async def _offset_at(
    consumer: AIOKafkaConsumer, tp: TopicPartition, at_ms: int, ends: Mapping[TopicPartition, int]
) -> int:
    found = (await consumer.offsets_for_times({tp: at_ms}))[tp]
    return ends[tp] if found is None else int(found.offset)


def _complete(store: Store[Any]) -> Position:
    """The position row, and a store that is ready for work."""
    value = store.take_loading(POSITION_KEY)
    position = msgspec.json.decode(value, type=Position) if value else Position()
    position.turns = []  # they are told already; the next position row begins after this one
    clock_ms, held_until_ms = position.clock_ms, position.held_until_ms
    store.loaded(now_ms=clock_ms, since_ms=back_since(clock_ms=clock_ms, held_until_ms=held_until_ms))
    store.hold_wakes(until_ms=held_until_ms)
    return position
