"""Effects become one Kafka transaction. This is the only file that sends what a stage decided.

One transactional producer per partition number, `<application id>-<partition>`: whoever starts it fences the former
owner at the broker, and that is what makes a frozen worker that wakes up harmless. Nothing here retries or catches:
an error that aiokafka does not get over by itself ends the process (`crash.py`), and the broker rolls back.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import aiokafka.producer.sender as aiokafka_sender
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from agents.engine.connection import Connection

# After a commit Kafka writes its markers and meanwhile answers CONCURRENT_TRANSACTIONS; aiokafka then sleeps. Its
# defaults (100 ms, and 20 ms before the first partition of a transaction) cost half of the throughput.
RETRY_BACKOFF_MS = 5
aiokafka_sender.BACKOFF_OVERRIDE = 0.002
MAX_BATCH_BYTES = 1 << 20  # below the broker's default message.max.bytes

_partitioner = DefaultPartitioner()


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key by Kafka's own default (murmur2), so that other producers and readers agree with ours."""
    numbers = list(range(partitions))
    partition: int = _partitioner(key, numbers, numbers)
    return partition


class Record(NamedTuple):
    """One record to send, encoded. Its Kafka time is the time of sending: retention is counted from there."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]] = []  # noqa: RUF012  (never changed; aiokafka wants a list)


Destination = tuple[str, int]  # topic name on the broker, partition


class Transactions:
    """The transactional producer of one partition."""

    def __init__(self, connection: Connection, partition: int) -> None:
        self._connection = connection
        self._producer = AIOKafkaProducer(
            **connection.client_options,
            transactional_id=f"{connection.application_id}-{partition}",
            transaction_timeout_ms=int(connection.transaction_timeout_seconds * 1000),
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=8 * MAX_BATCH_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MS,
            compression_type=connection.compression,
        )

    async def start(self) -> None:
        """Fence the former owner: its open transaction is aborted and it can never commit again."""
        await self._producer.start()

    async def stop(self) -> None:
        """Close the connection; an open transaction is left to the next owner, who aborts it."""
        await self._producer.stop()

    async def commit(self, records: Mapping[Destination, Iterable[Record]], offsets: Mapping[Destination, int]) -> None:
        """Publish the records and move the group's offsets, all or nothing."""
        producer = self._producer
        await producer.begin_transaction()
        deliveries: list[Awaitable[Any]] = []
        for (topic, partition), batch in records.items():
            deliveries += await self._send(topic, partition, batch)
        if offsets:
            positions = {TopicPartition(topic, partition): offset for (topic, partition), offset in offsets.items()}
            deliveries.append(producer.send_offsets_to_transaction(positions, self._connection.application_id))
        await asyncio.gather(*deliveries)
        await producer.commit_transaction()

    async def _send(self, topic: str, partition: int, records: Iterable[Record]) -> list[Awaitable[Any]]:
        """Build record batches ourselves: a tenth of the cost of `send` for each record."""
        producer = self._producer
        deliveries: list[Awaitable[Any]] = []
        builder = producer.create_batch()
        for key, value, headers in records:
            if builder.append(key=key, value=value, timestamp=None, headers=headers) is None:
                deliveries.append(await producer.send_batch(builder, topic, partition=partition))
                builder = producer.create_batch()
                builder.append(key=key, value=value, timestamp=None, headers=headers)
        if builder.record_count():
            deliveries.append(await producer.send_batch(builder, topic, partition=partition))
        return deliveries


def grouped(pairs: Iterable[tuple[Destination, Record]]) -> dict[Destination, list[Record]]:
    """Records by where they go, order kept."""
    groups: dict[Destination, list[Record]] = defaultdict(list)
    for destination, record in pairs:
        groups[destination].append(record)
    return groups
