"""Fill the picture from Kafka: committed records only, in no group, a day back and then as they come.

The board never reads what customers say. Of the source topics it asks the broker only where they end and when their
last record was written; whether a source sends is seen by its end moving.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import reduce
from operator import or_

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.board.freshness import Facts, Source
from agents.board.readmodel import ReadModel
from agents.broker_news import BrokerNews
from agents.recording.follow import committed_consumer, places_of
from agents.recording.layout import Layout, layout_of
from agents.settings import Settings
from agents.topics import admin_client
from pipeline.times import HOUR_MS
from schemas.topics import (
    ALERTS,
    FEEDBACK,
    HOT_WORDS,
    INCIDENTS,
    KPI_HOURS,
    MESSAGES,
    SLA_CLOCKS,
    TICKETS,
    TICKS,
    UTTERANCES,
    WINDOWS,
    CleanUp,
    Topic,
)

log = structlog.get_logger("tocsin.board")

READ = (ALERTS, WINDOWS, HOT_WORDS, INCIDENTS, SLA_CLOCKS, KPI_HOURS)
SOURCES = (UTTERANCES, MESSAGES, TICKETS, FEEDBACK)
WATCH_SECONDS = 2.0
BACK_MS = 25 * HOUR_MS
_ASK_SECONDS = 5.0
_FETCH_RECORDS = 2_000  # decoded between two looks at the loop: some 20 ms


def wall_ms() -> int:
    """Now, as people see it."""
    return time.time_ns() // 1_000_000


class LogReader:
    """Reads until cancelled; says at any time how far it has come."""

    def __init__(self, settings: Settings, model: ReadModel) -> None:
        self._settings = settings
        self._model = model
        self._topics: dict[str, Topic] = {settings.topic_prefix + topic.name: topic for topic in READ}
        self._decoders = {topic: msgspec.json.Decoder(reduce(or_, topic.messages)).decode for topic in READ}
        self._to_load: dict[TopicPartition, int] = {}
        self._refused = 0
        self._heard_at: int | None = None
        self._ends: dict[TopicPartition, int] = {}
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._remaining = 0
        self._is_started = False

    @property
    def facts(self) -> Facts:
        """How things stand."""
        return Facts(
            loaded=self._is_started and not self._to_load,
            to_load=self._remaining,
            heard_at=self._heard_at,
            ticked_at=self._newest.get(TICKS.name),
            sources={
                topic.name: Source(self._newest.get(topic.name), self._waiting.get(topic.name)) for topic in SOURCES
            },
            refused=self._refused,
        )

    async def run(self) -> None:
        """Read the topics and watch the sources until cancelled."""
        layout = await layout_of(self._settings)
        async with committed_consumer(self._settings) as consumer, asyncio.TaskGroup() as group:
            await self._start(consumer, layout)
            group.create_task(self._watch(layout))
            group.create_task(self._read(consumer))

    async def _start(self, consumer: AIOKafkaConsumer, layout: Layout) -> None:
        """Begin where the last day begins; a compacted topic from its start."""
        places = _places(layout, self._settings, READ)
        consumer.assign(places)
        recent = [place for place in places if self._topics[place.topic].clean_up is CleanUp.DELETE]
        since_ms = wall_ms() - BACK_MS
        offsets = await consumer.offsets_for_times(dict.fromkeys(recent, since_ms))
        ends = await consumer.end_offsets(places)
        begins = await consumer.beginning_offsets(places)
        for place in places:
            found = offsets.get(place)
            first = begins[place] if place not in recent else found.offset if found else ends[place]
            consumer.seek(place, first)
            if first < ends[place]:
                self._to_load[place] = ends[place]
        self._remaining = sum(self._to_load.values())
        self._is_started, self._heard_at = True, wall_ms()
        log.info("board_loads", partitions=len(places), behind=len(self._to_load))

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=200, max_records=_FETCH_RECORDS)
            for place, records in fetched.items():
                topic = self._topics[place.topic]
                for record in records:
                    self._take(topic, record.key, record.value)
            if self._to_load:
                await self._note_loaded(consumer)
            await asyncio.sleep(0)  # a full fetch returns at once: others have their turn

    async def _note_loaded(self, consumer: AIOKafkaConsumer) -> None:
        left = {place: end - await consumer.position(place) for place, end in self._to_load.items()}
        self._to_load = {place: self._to_load[place] for place, count in left.items() if count > 0}
        self._remaining = sum(count for count in left.values() if count > 0)
        if not self._to_load:
            log.info("board_loaded")

    def _take(self, topic: Topic, key: bytes | None, value: bytes | None) -> None:
        try:
            if value is None:
                self._model.remove(topic, (key or b"").decode())
            else:
                self._model.take(self._decoders[topic](value))
        except ValueError:  # somebody else put it there: counted and shown as a number
            self._refused += 1

    async def _watch(self, layout: Layout) -> None:
        """Ask the broker every moment where its topics end: it answers, sources move, workers follow."""
        places = _places(layout, self._settings, (*SOURCES, TICKS))
        news = BrokerNews(self._settings.bootstrap, meanwhile="the page stands still and says so")
        async with committed_consumer(self._settings) as consumer:
            consumer.assign(places)
            await self._last_records(consumer, places)
            async with admin_client(self._settings) as admin:
                while True:
                    try:
                        async with asyncio.timeout(_ASK_SECONDS):
                            ends = await consumer.end_offsets(places)
                            done = await admin.list_consumer_group_offsets(self._settings.application_id)
                    except (KafkaError, OSError, TimeoutError) as error:
                        news.away(error=error)
                    else:
                        news.back()
                        self._note_ends(ends, {place: each.offset for place, each in done.items()})
                    await asyncio.sleep(WATCH_SECONDS)

    async def _last_records(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        """When the newest record of each source was written; its words are let go unread."""
        ends = await consumer.end_offsets(places)
        filled = [place for place in places if ends[place] > 0]
        for place in places:
            consumer.seek(place, max(0, ends[place] - 1))
        if filled:
            fetched = await consumer.getmany(*filled, timeout_ms=2_000)
            for place, records in fetched.items():
                self._note_newest(self._bare(place), records[-1].timestamp)
        consumer.pause(*places)
        self._ends = dict(ends)

    def _note_ends(self, ends: dict[TopicPartition, int], done: dict[TopicPartition, int]) -> None:
        self._heard_at = now_ms = wall_ms()
        waiting: dict[str, int] = {}
        for place, end in ends.items():
            name = self._bare(place)
            before = self._ends.get(place, end)
            if end > before:
                self._note_newest(name, now_ms)
            # What was there at the look before: offsets are committed once a second, so what came since may be done.
            waiting[name] = waiting.get(name, 0) + max(0, before - done.get(place, before))
        self._waiting, self._ends = waiting, ends

    def _note_newest(self, name: str, at_ms: int) -> None:
        self._newest[name] = max(at_ms, self._newest.get(name, 0))

    def _bare(self, place: TopicPartition) -> str:
        return str(place.topic).removeprefix(self._settings.topic_prefix)


def _places(layout: Layout, settings: Settings, topics: Sequence[Topic]) -> list[TopicPartition]:
    return places_of(layout, [settings.topic_prefix + topic.name for topic in topics])
