"""What stood on the topics between two moments, over all partitions in the order of its times, and how much that is."""

import heapq
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.backtest.sides import TOPICS
from agents.recording.layout import layout_of
from agents.settings import Settings, kafka_security
from pipeline.runner import Incoming
from schemas.codec import Record
from schemas.topics import Topic

_WAIT_MS = 5_000


class History:
    """The records of some partitions, from where they begin to where they end."""

    def __init__(
        self, consumer: AIOKafkaConsumer, topics: Mapping[str, Topic], spans: Mapping[TopicPartition, tuple[int, int]]
    ) -> None:
        self._consumer = consumer
        self._topics = topics
        self._ends = {place: end for place, (_, end) in spans.items()}
        self._waiting: dict[TopicPartition, deque[Incoming]] = {place: deque() for place in spans}
        self.total = sum(end - begin for begin, end in spans.values())

    async def records(self) -> AsyncIterator[Incoming]:
        """The oldest record of all partitions first: that of a partition that is behind is waited for."""
        heads: list[tuple[int, str, int]] = []
        for place in self._waiting:
            await self._push(heads, place)
        while heads:
            _, topic, partition = heapq.heappop(heads)
            place = TopicPartition(topic, partition)
            yield self._waiting[place].popleft()
            await self._push(heads, place)

    async def _push(self, heads: list[tuple[int, str, int]], place: TopicPartition) -> None:
        waiting = self._waiting[place]
        if not waiting:
            await self._fetch(place)
        if waiting:
            heapq.heappush(heads, (waiting[0].record.timestamp or 0, place.topic, place.partition))

    async def _fetch(self, place: TopicPartition) -> None:
        end = self._ends[place]
        while not self._waiting[place] and await self._consumer.position(place) < end:
            fetched = await self._consumer.getmany(place, timeout_ms=_WAIT_MS)
            if not fetched:  # an open transaction holds back what comes after it
                return
            self._waiting[place].extend(
                Incoming(
                    self._topics[place.topic],
                    place.partition,
                    Record(each.offset, each.timestamp, each.key, each.value, each.headers),
                )
                for each in fetched[place]
                if each.offset < end
            )


@asynccontextmanager
async def history(settings: Settings, *, since_ms: int, until_ms: int) -> AsyncIterator[History]:
    """The history of what was said, while the block runs."""
    topics = {settings.topic_prefix + topic.name: topic for topic in TOPICS}
    layout = await layout_of(settings)
    layout.require(*topics)
    places = [TopicPartition(name, number) for name in topics for number in range(layout.partitions[name])]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        **kafka_security(settings),
    )
    try:
        await consumer.start()
        consumer.assign(places)
        begins = await consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        later = await consumer.offsets_for_times(dict.fromkeys(places, until_ms))
        ends = await consumer.end_offsets(places)
        spans = {}
        for place in places:
            begin, end = begins.get(place), later.get(place)
            spans[place] = (begin.offset if begin else ends[place], end.offset if end else ends[place])
            consumer.seek(place, spans[place][0])
        yield History(consumer, topics, spans)
    finally:
        await consumer.stop()
