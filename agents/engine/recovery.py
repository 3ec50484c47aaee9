"""Reading a partition's changelogs back: rows and positions as the last committed transaction left them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.engine.connection import Connection
from agents.engine.records import drain_raw
from pipeline.rows import Store

# Not UTF-8, so no row key, which is text of a sender, can ever be it.
POSITION_KEY = b"\xffposition"


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
                stores[tps[tp]].load([(record.key or b"", record.value) for record in records])
            for tp in [tp for tp in ends if await consumer.position(tp) >= ends[tp]]:
                del ends[tp]
            await asyncio.sleep(0)  # a long recovery must not silence the heartbeat of the loop
    finally:
        await consumer.stop()
    return {topic: _complete(store) for topic, store in stores.items()}


def _complete(store: Store[Any]) -> Position:
    """The position row, and a store that is ready for work."""
    value = store.take_loading(POSITION_KEY)
    position = msgspec.json.decode(value, type=Position) if value else Position()
    position.turns = []  # they are told already; the next position row begins after this one
    store.loaded(now_ms=position.clock_ms)
    store.hold_wakes(until_ms=position.held_until_ms)
    return position
