"""The picture of a past moment: made anew from what the log had by then. The live picture is not touched.

Of incidents every version of the last weeks stays on their compacted topic, which is therefore read from its beginning.
Deadlines have no past: their topic keeps the newest state alone.
"""

import asyncio
from collections.abc import Mapping
from functools import reduce
from operator import or_

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.board.natures import natures_by_leaf
from agents.board.reader import BACK_MS
from agents.board.readmodel import ReadModel
from agents.recording.follow import committed_consumer, places_of
from agents.recording.layout import layout_of
from agents.settings import Settings
from pipeline.rules.load import DEFAULT_PACK
from pipeline.times import MINUTE_MS
from schemas.topics import ALERTS, HOT_WORDS, INCIDENTS, KPI_HOURS, WINDOWS, CleanUp, Topic

READ = (ALERTS, WINDOWS, HOT_WORDS, KPI_HOURS, INCIDENTS)
PICTURES_MAX = 3
WITHIN_SECONDS = 60.0
_FETCH_RECORDS = 2_000  # decoded between two looks at the loop, which live boards share
_DECODERS = {topic: msgspec.json.Decoder(reduce(or_, topic.messages)).decode for topic in READ}


class Past:
    """Pictures of past minutes; the last few are kept, and one is made at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pictures: dict[int, ReadModel] = {}
        self._making = asyncio.Lock()

    async def at(self, at_ms: int) -> ReadModel:
        """What a board showed at a minute; raises KafkaError or TimeoutError where the log cannot be read."""
        minute_ms = at_ms - at_ms % MINUTE_MS
        async with self._making:
            picture = self._pictures.pop(minute_ms, None)
            if picture is None:
                async with asyncio.timeout(WITHIN_SECONDS):
                    picture = await self._made(minute_ms)
            self._pictures[minute_ms] = picture
            while len(self._pictures) > PICTURES_MAX:
                del self._pictures[next(iter(self._pictures))]
        return picture

    async def _made(self, at_ms: int) -> ReadModel:
        model = ReadModel(nature_by_leaf=natures_by_leaf(self._settings.rules_dir or DEFAULT_PACK))
        topics = {self._settings.topic_prefix + topic.name: topic for topic in READ}
        places = places_of(await layout_of(self._settings), topics)
        async with committed_consumer(self._settings) as consumer:
            consumer.assign(places)
            since_ms = {place: _since_ms(topics[place.topic], at_ms) for place in places}
            left = await _seek(consumer, since_ms, until_ms=at_ms)
            while left:
                fetched = await consumer.getmany(*left, timeout_ms=200, max_records=_FETCH_RECORDS)
                for place, records in fetched.items():
                    for record in records:
                        if record.offset < left[place] and record.value is not None:
                            _take(model, topics[place.topic], record.value)
                left = {place: end for place, end in left.items() if await consumer.position(place) < end}
                await asyncio.sleep(0)
        model.forget(now_ms=at_ms)
        model.drain()
        return model


def _since_ms(topic: Topic, at_ms: int) -> int:
    return 0 if topic.clean_up is CleanUp.COMPACT else at_ms - BACK_MS


async def _seek(
    consumer: AIOKafkaConsumer, since_ms: Mapping[TopicPartition, int], *, until_ms: int
) -> dict[TopicPartition, int]:
    """Go to where the span begins; where it ends, of every partition that has something of it."""
    begins = await consumer.offsets_for_times(dict(since_ms))
    untils = await consumer.offsets_for_times(dict.fromkeys(since_ms, until_ms))
    ends = await consumer.end_offsets(list(since_ms))
    left = {}
    for place in since_ms:
        begin, until = begins.get(place), untils.get(place)
        first, end = begin.offset if begin else ends[place], until.offset if until else ends[place]
        consumer.seek(place, first)
        if first < end:
            left[place] = end
    return left


def _take(model: ReadModel, topic: Topic, value: bytes) -> None:
    try:
        model.take(_DECODERS[topic](value))
    except ValueError:  # somebody else put it there: the live picture counts it
        return
