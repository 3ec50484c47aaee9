"""Events into Kafka: acknowledged by all replicas within a time, or not; and what to do while the broker is away.

The producer is idempotent: it repeats what it sent until the broker has it, once. So an event whose sender was told
`not now` may still arrive, and arrives again when the sender repeats it; both have the same event id.

One task keeps the connection. While the broker is away it asks every second whether it is back, and meanwhile nobody
waits for it: the answer is no at once.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.broker_news import BrokerNews
from agents.engine.transactions import partition_of
from agents.settings import Settings, kafka_security

log = structlog.get_logger("tocsin.publisher")

CONNECT_WITHIN_SECONDS = 15.0
LOOK_WITHIN_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 1.0
CLOSE_WITHIN_SECONDS = 5.0
MAX_REQUEST_BYTES = 4 * 1024 * 1024  # a dead letter holds its body in base64
HEADERS = [("content-type", b"application/json")]
_AWAY = (KafkaError, OSError, TimeoutError)


class Outgoing(NamedTuple):
    """One record for a topic, named without prefix."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


class Publisher:
    """The one connection to Kafka of a process that listens for others."""

    def __init__(self, settings: Settings, topics: Collection[str]) -> None:
        self._settings = settings
        self._topics = sorted(topics)
        self._producer: AIOKafkaProducer | None = None
        self._partitions: Mapping[str, int] = {}
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._endings: set[asyncio.Future[None]] = set()  # of producers that failed
        self._news = BrokerNews(settings.bootstrap, meanwhile="what comes is not taken, and its senders are told so")
        self.is_connected = False
        self.has_connected = False
        self.topic_problems: tuple[str, ...] | None = None

    async def publish(self, records: Sequence[Outgoing], *, within_seconds: float) -> bool:
        """Send records; whether every one of them was acknowledged in time."""
        producer = self._producer
        if producer is None or not self.is_connected:
            return False
        deliveries: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(within_seconds):
                for record in records:
                    delivery = await self._send(producer, record)
                    deliveries.append(delivery)
                # not `gather`: on a timeout it would cancel what the producer still means to answer
                await asyncio.wait(deliveries)
        except _AWAY as error:
            _forget(deliveries)
            self._lost(error, is_broken=not isinstance(error, TimeoutError))
            return False
        failures = [each.exception() for each in deliveries if each.exception() is not None]
        if failures:
            self._lost(failures[0], is_broken=True)
        return not failures

    async def keep(self) -> None:
        """Connect, and connect again whenever it is lost, until closed."""
        while not self._closing.is_set():
            self._wake.clear()
            if self._producer is None:
                await self._open()
            elif not self.is_connected:
                await self._look(self._producer)
            pause = None if self.is_connected else LOOK_AGAIN_SECONDS
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue
        await self._shut()

    def close(self) -> None:
        """Let `keep` flush and end."""
        self._closing.set()
        self._wake.set()

    async def _send(self, producer: AIOKafkaProducer, record: Outgoing) -> "asyncio.Future[Any]":
        delivery: asyncio.Future[Any] = await producer.send(
            self._settings.topic_prefix + record.topic,
            value=record.value,
            key=record.key,
            partition=partition_of(record.key, self._partitions[record.topic]),
            headers=[*HEADERS] if not record.headers else list(record.headers),
        )
        return delivery

    async def _open(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap,
            enable_idempotence=True,  # and with it acks=all
            linger_ms=2,
            max_request_size=MAX_REQUEST_BYTES,
            **kafka_security(self._settings),
        )
        try:
            async with asyncio.timeout(CONNECT_WITHIN_SECONDS):
                await producer.start()
        except _AWAY as error:
            await _stop(producer)
            self._news.away(error=error)
            return
        self._producer = producer
        await self._look(producer)

    async def _look(self, producer: AIOKafkaProducer) -> None:
        """Ask the broker for the topics: whether it answers, and whether they are there."""
        try:
            async with asyncio.timeout(LOOK_WITHIN_SECONDS):
                metadata = await producer.client.fetch_all_metadata()
        except _AWAY as error:
            self._news.away(error=error)
            return
        prefix = self._settings.topic_prefix
        found = {name: len(metadata.partitions_for_topic(prefix + name) or ()) for name in self._topics}
        problems = tuple(f"{prefix}{name}: missing" for name, count in found.items() if not count)
        if problems and problems != self.topic_problems:
            log.error("topics_missing", problems=problems)
        self.topic_problems = problems
        self._partitions = found
        self.has_connected = True
        self.is_connected = not problems
        if self.is_connected:
            self._news.back()

    def _lost(self, error: BaseException | None, *, is_broken: bool) -> None:
        """Nothing is sent until the broker was asked again; a producer that failed is exchanged for another."""
        self._news.away(error=error)
        self.is_connected = False
        if is_broken and self._producer is not None:
            producer, self._producer = self._producer, None
            ending = asyncio.ensure_future(_stop(producer))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
        self._wake.set()

    async def _shut(self) -> None:
        self.is_connected = False
        if self._producer is not None:
            await _stop(self._producer)
        if self._endings:
            await asyncio.wait(self._endings)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Flush and close; a broker that is away may keep it from both, and then nobody was told `accepted`."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_SECONDS):
            await producer.stop()
    except _AWAY as error:
        log.warning("producer_not_closed", error=type(error).__name__)


def _forget(deliveries: Sequence["asyncio.Future[Any]"]) -> None:
    """Nobody waits for these any more; their failures are no news."""
    for each in deliveries:
        each.add_done_callback(lambda done: done.cancelled() or done.exception())
