"""A group whose leader knew nothing of a topic shares it out as soon as a broker tells of it, not minutes later."""

import asyncio
from collections.abc import Collection

from aiokafka import AIOKafkaConsumer

from agents.engine.assignor import KeepingAssignor
from agents.engine.unknown_topics import UnknownTopics
from tests.support.cluster import PATIENCE_SECONDS, until
from tests.support.kafka import Kafka


async def test_a_topic_is_shared_out_once_it_is_known(kafka: Kafka) -> None:
    """A client that does not ask again hears of it after five minutes, which is later than this test waits."""
    prefix = kafka.prefix()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=f"{prefix}app")
    unknown, is_asked = UnknownTopics(consumer._client), asyncio.Event()

    def ask_for(topics: Collection[str]) -> None:
        is_asked.set()
        unknown.ask_for(topics)

    consumer._partition_assignment_strategy = (KeepingAssignor(ask_for),)
    await consumer.start()
    try:
        consumer.subscribe([f"{prefix}calls"])
        await asyncio.wait_for(is_asked.wait(), PATIENCE_SECONDS)
        assert not consumer.assignment()
        await kafka.create_topics(f"{prefix}calls", partitions=3)

        async def is_shared_out() -> bool:
            return {place.partition for place in consumer.assignment()} == {0, 1, 2}

        await until(is_shared_out, "the topic is shared out")
    finally:
        await consumer.stop()
