"""Follow `agents.hints`: committed records only, in no group, the last minutes and then as they come."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka import TopicPartition
from msgspec.structs import replace

from agents.engine.lookout import Lookout
from agents.engine.reach import has_connection
from agents.hints.memory import KEPT_MS, Kept, Place
from agents.hints.streams import Streams
from agents.recording.follow import committed_consumer, places_of
from agents.recording.layout import layout_of
from agents.settings import Settings
from agents.web.masking import masked_again
from pipeline.text.redact import redact
from schemas import codec
from schemas.codec import Record
from schemas.hints import Hint
from schemas.topics import HINTS

log = structlog.get_logger("tocsin.hints")

_FETCH_RECORDS = 500  # between two looks at the loop


def wall_ms() -> int:
    """Now, as desktops see it."""
    return time.time_ns() // 1_000_000


class HintReader:
    """Reads until cancelled; `is_loaded` once the last minutes are known."""

    def __init__(self, settings: Settings, streams: Streams, *, observe_seconds: Callable[[float], None]) -> None:
        self._settings = settings
        self._streams = streams
        self._observe_seconds = observe_seconds
        self._to_load: dict[TopicPartition, int] = {}
        self.is_loaded = False
        self.heard_at_ms: int | None = None
        self.broker_silent_seconds = 0.0
        self._lookout = Lookout(settings.bootstrap, meanwhile="hints come late, when it is back")

    async def run(self) -> None:
        """Read until cancelled. A broker that goes away is waited for; hints then come late, not never."""
        places = places_of(await layout_of(self._settings), [self._settings.topic_prefix + HINTS.name])
        async with committed_consumer(self._settings) as consumer:
            consumer.assign(places)
            await self._start(consumer, places)
            while True:
                fetched = await consumer.getmany(timeout_ms=500, max_records=_FETCH_RECORDS)
                for place, records in fetched.items():
                    self._take(place.partition, records)
                if not self.is_loaded:
                    await self._look_whether_loaded(consumer)
                self.heard_at_ms = wall_ms()
                self.broker_silent_seconds = self._lookout.look(is_heard=has_connection(consumer))
                await asyncio.sleep(0)

    async def _look_whether_loaded(self, consumer: Any) -> None:
        if not [place for place, end in self._to_load.items() if await consumer.position(place) < end]:
            self.is_loaded = True
            self._streams.begin()

    async def _start(self, consumer: Any, places: list[TopicPartition]) -> None:
        since_ms = wall_ms() - KEPT_MS
        offsets = await consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        self._to_load = await consumer.end_offsets(places)
        for place in places:
            found = offsets.get(place)
            first = found.offset if found else self._to_load[place]
            consumer.seek(place, first)
            self._streams.memory.begin(place.partition, first)
        log.info("hints_loads", partitions=len(places))

    def _take(self, partition: int, records: list[Any]) -> None:
        raw = [Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records]
        decoded = codec.decode_batch(HINTS, raw, partition)
        for refusal in decoded.refusals:  # somebody else put it there
            log.warning("record_unreadable", refusal=str(refusal))
        now_ms = wall_ms()
        for hint, record in zip(decoded.events, decoded.records, strict=True):
            self._streams.publish(kept(hint, Place(partition, record.offset)), now_ms=now_ms)
            if self.is_loaded:  # what was said before this server began says nothing about its delay
                self._observe_seconds(max(now_ms - hint.occurred_at, 0) / 1000)


def kept(hint: Hint, place: Place) -> Kept:
    """A hint as desktops get it. What the customer said is masked on the topic, and once more here."""
    masked = replace(
        hint,
        keywords=tuple(redact(word).text for word in hint.keywords),
        evidence=tuple(map(masked_again, hint.evidence)),
    )
    return Kept(place, hint.agent_id, codec.encode(masked), bool(hint.test), hint.emitted_at)
