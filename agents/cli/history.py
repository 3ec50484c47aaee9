"""What was said on topics of ours, decoded: from a file of records, or from the broker as far back as it is kept."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from agents.recording.lines import open_lines
from agents.recording.records import read_records
from agents.settings import Settings
from schemas import codec
from schemas.topics import Topic


class Said(NamedTuple):
    """One event, and when its record was written; 0 where nobody knows."""

    key: bytes
    event: Any
    written_at_ms: int


def read_history(settings: Settings, topics: Sequence[Topic], *, file: str = "") -> list[Said]:
    """Everything on the topics, in its order; the broker's unless a file is named, `-` for standard input.

    What a worker would refuse is left out.
    """
    if not file:
        return asyncio.run(_of_broker(settings, topics))
    known = {topic.name: topic for topic in topics}
    with open_lines(file) as lines:
        return [
            said
            for each in read_records(lines, name=file)
            if each.topic in known
            for said in _decoded(known[each.topic], each.timestamp_ms, each.key, each.value, each.headers)
        ]


async def _of_broker(settings: Settings, topics: Sequence[Topic]) -> list[Said]:
    from agents.recording.follow import follow

    async with follow(settings, topics, from_start=True) as follower:
        return [
            said
            for each in await follower.until_now()
            for said in _decoded(each.topic, each.timestamp_ms, each.key, each.value, each.headers)
        ]


def _decoded(
    topic: Topic, timestamp_ms: int, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
) -> Iterable[Said]:
    record = codec.Record(0, timestamp_ms, key, value, tuple(headers))
    events = codec.decode_batch(topic, [record], 0, lift_past_limit=True).events
    return [Said(key or b"", event, timestamp_ms) for event in events]
