"""What a worker has still to read: the day is over when there is nothing more, however slow the machine is."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.recording.follow import committed_consumer, places_of
from agents.recording.layout import layout_of
from agents.settings import Settings
from agents.topics import admin_client
from schemas.topics import AGENT_STATES, FEEDBACK, MESSAGES, TICKETS, TICKS, UTTERANCES

_SOURCES = (UTTERANCES, MESSAGES, TICKETS, FEEDBACK, AGENT_STATES, TICKS)
_LOOK_SECONDS = 0.2
_GIVE_UP_SECONDS = 120.0  # a second or two on an idle machine


async def worked_off(settings: Settings) -> bool:
    """Wait until the worker has committed everything up to now; False is giving up on one that died."""
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            await _committed(settings)
            await _committed(settings)  # the ticks that were written meanwhile: deadlines come with them
    except TimeoutError:
        return False
    return True


async def _committed(settings: Settings) -> None:
    async with committed_consumer(settings) as consumer, admin_client(settings) as admin:
        names = [settings.topic_prefix + topic.name for topic in _SOURCES]
        ends = await _ends(consumer, places_of(await layout_of(settings), names))
        while ends:
            done = await admin.list_consumer_group_offsets(settings.application_id)
            ends = {place: end for place, end in ends.items() if end > (done[place].offset if place in done else 0)}
            await asyncio.sleep(_LOOK_SECONDS)


async def _ends(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """Where the last record of each place ends. What stands behind it, the mark of a transaction, nobody commits."""
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends, last = await consumer.end_offsets(places), dict.fromkeys(places, 0)
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for place, records in (await consumer.getmany(timeout_ms=100)).items():
            last[place] = records[-1].offset + 1
    return last
