"""Writing a benchmark's input: whole record batches, as fast as it goes or at a steady rate."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

BATCH_BYTES = 512 * 1024
SLICE_SECONDS = 0.01  # a steady feed writes so often


class Line(NamedTuple):
    """One record to write."""

    topic: str
    partition: int
    key: bytes
    value: bytes


async def create_topics(bootstrap: str, names: Iterable[str], *, partitions: int) -> None:
    """Create topics with one replica."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
    finally:
        await admin.close()


async def write(bootstrap: str, lines: Iterable[Line]) -> int:
    """Write everything as fast as it goes; returns how many."""
    count = 0
    async with _Writer(bootstrap) as writer:
        for line in lines:
            count += 1
            await writer.add(line, timestamp_ms=None)
    return count


async def write_steadily(bootstrap: str, lines: Sequence[Line], *, per_second: int) -> None:
    """Write at a steady rate; each record's Kafka time is the moment at which it was due."""
    async with _Writer(bootstrap) as writer:
        started_at = time.time()
        done = 0
        while done < len(lines):
            await asyncio.sleep(SLICE_SECONDS)
            due = min(len(lines), int((time.time() - started_at) * per_second))
            for number in range(done, due):
                await writer.add(lines[number], timestamp_ms=int((started_at + number / per_second) * 1000))
            await writer.flush()
            done = due


class _Writer:
    """Record batches by topic and partition."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=BATCH_BYTES)
        self._builders: dict[tuple[str, int], Any] = {}
        self._deliveries: list[Any] = []

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.flush()
        await asyncio.gather(*self._deliveries)
        await self._producer.stop()

    async def add(self, line: Line, *, timestamp_ms: int | None) -> None:
        """Add a record; a full batch is sent."""
        place = (line.topic, line.partition)
        builder = self._builders.get(place)
        if builder is None:
            builder = self._builders[place] = self._producer.create_batch()
        if builder.append(key=line.key, value=line.value, timestamp=timestamp_ms) is None:
            await self._send(place, builder)
            builder = self._builders[place] = self._producer.create_batch()
            builder.append(key=line.key, value=line.value, timestamp=timestamp_ms)

    async def flush(self) -> None:
        """Send what was not full."""
        for place, builder in self._builders.items():
            await self._send(place, builder)
        self._builders.clear()

    async def _send(self, place: tuple[str, int], builder: Any) -> None:
        self._deliveries.append(await self._producer.send_batch(builder, place[0], partition=place[1]))
        self._deliveries = [each for each in self._deliveries if not each.done()]
