"""Rows read back from a real changelog: as they were, and as old as they were."""

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from agents.engine.connection import Connection
from agents.engine.recovery import POSITION_KEY, Position, recover
from pipeline.rows import Store, encode_row
from pipeline.stage import CATCHING_UP_MS, SETTLING_MS
from tests.support.kafka import Kafka

HOUR_MS = 3_600_000
NOON_MS = 1_770_000_000_000


class Total(msgspec.Struct):
    """A row for these tests."""

    n: int


@pytest.mark.parametrize(
    ("jumped_at_ms", "young_since_ms"),
    [
        pytest.param(NOON_MS - CATCHING_UP_MS, NOON_MS - 30 * HOUR_MS, id="as old as the calendar says"),
        pytest.param(NOON_MS - 1, NOON_MS - 1, id="no worker was there until now"),
    ],
)
async def test_rows_come_back_as_old_as_they_were(kafka: Kafka, jumped_at_ms: int, young_since_ms: int) -> None:
    """By the Kafka time of the last record of each, and never younger than the clock of the position row."""
    topic = f"{kafka.prefix()}totals-changelog"
    await kafka.create_topics(topic, partitions=1, cleanup_policy="compact")
    position = Position({"test": 7}, NOON_MS, [], jumped_at_ms + SETTLING_MS)
    rows = [
        (b"old", encode_row(Total(1)), NOON_MS - 90 * HOUR_MS),
        (b"new", encode_row(Total(2)), NOON_MS + HOUR_MS),
        (b"old", encode_row(Total(3)), NOON_MS - 30 * HOUR_MS),
        (POSITION_KEY, msgspec.json.encode(position), NOON_MS + HOUR_MS),
    ]
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for key, value, sent_at_ms in rows:
            await producer.send_and_wait(topic, value, key=key, partition=0, timestamp_ms=sent_at_ms)
    store: Store[Total] = Store(Total)
    connection = Connection(bootstrap=kafka.bootstrap, application_id="recovery")
    assert await recover(connection, 0, {topic: store}) == {topic: position}
    assert dict(store.items()) == {b"old": Total(3), b"new": Total(2)}
    assert store.expired(young_since_ms) == []
    assert store.expired(young_since_ms + 1) == [b"old"]
    assert store.expired(NOON_MS + 1) == [b"old", b"new"]
    assert store.held_until_ms == jumped_at_ms + SETTLING_MS
