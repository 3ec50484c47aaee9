"""The oracle: what the in-memory runner makes of a cluster's input, and whether the cluster made the same.

Conversations are independent of each other and of ticks, so any order of partitions will do. The regions stage reads
two topics, and its position rows say in which order it read them: the oracle reads them in that order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from agents.engine.recovery import POSITION_KEY, Position
from agents.engine.transactions import partition_of
from pipeline.rows import Store, encode_row
from pipeline.runner import Incoming, Runner
from pipeline.stage import Output, Stage, Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Record
from schemas.topics import ALERTS, DEADLETTERS, HINTS, MESSAGES, TAGGED, TICKS, UTTERANCES, WINDOWS, Topic
from tests.support.topics import read_topics

Log = Mapping[tuple[str, int], Sequence[Record]]
Published = dict[tuple[str, bytes, str], list[bytes]]
Rows = dict[tuple[int, bytes], bytes]  # by partition and key, as encoded


class Comparison(msgspec.Struct):
    """What was compared, for the message of a test that passed or failed."""

    events: int
    outputs: int
    rows: int
    dead_letters: int
    windows: int


async def compare(bootstrap: str, prefix: str, stages: Sequence[Stage[Any]], *, partitions: int = 4) -> Comparison:
    """Read everything back and compare row for row and record for record; raises AssertionError on any difference."""
    conversations, regions = stages
    sources = (UTTERANCES, MESSAGES, TICKS)
    outputs = (TAGGED, ALERTS, HINTS, DEADLETTERS, WINDOWS)
    changelogs = tuple(stage.changelog for stage in stages)
    topics = (*sources, *outputs, *changelogs)
    found = await read_topics(bootstrap, [prefix + topic.name for topic in topics])
    log: Log = {(topic.removeprefix(prefix), partition): records for (topic, partition), records in found.items()}

    runner = Runner([conversations], partition_of=lambda key: partition_of(key, partitions))
    expected = list(runner.feed(_incoming(log, (UTTERANCES, MESSAGES))))
    _same_records("conversations", _of_outputs(expected), _of_log(log, (TAGGED, ALERTS, HINTS, DEADLETTERS)))
    rows = _rows(log, conversations)
    _same("rows of conversations", {at: encode_row(row) for at, row in runner.rows(conversations).items()}, rows)

    windows, region_rows = _replay(regions, log, partitions)
    _same_records("regions", _of_outputs(windows), _of_log(log, (WINDOWS,)))
    _same("rows of regions", region_rows, _rows(log, regions))
    return Comparison(
        events=sum(len(log[topic.name, number]) for topic in (UTTERANCES, MESSAGES) for number in range(partitions)),
        outputs=len(expected),
        rows=len(rows),
        dead_letters=sum(output.topic is DEADLETTERS for output in expected),
        windows=len(windows),
    )


def _incoming(log: Log, topics: Sequence[Topic]) -> Iterable[Incoming]:
    for topic in topics:
        for (name, partition), records in sorted(log.items()):
            if name == topic.name:
                for record in records:
                    yield Incoming(topic, partition, record)


def _replay(stage: Stage[Any], log: Log, partitions: int) -> tuple[list[Output], Rows]:
    """A stage over its sources in the order in which the cluster committed having read them."""
    outputs: list[Output] = []
    rows: Rows = {}
    for number in range(partitions):
        store: Store[Any] = Store(stage.row)
        clock_ms = 0
        done: dict[str, int] = defaultdict(int)
        for read in _turns(log[stage.changelog.name, number]):
            waiting = []
            for topic in stage.sources:
                end = read.get(topic.name, 0)
                records = [each for each in log[topic.name, number] if done[topic.name] <= each.offset < end]
                done[topic.name] = max(done[topic.name], end)
                if records:
                    waiting.append(Waiting(topic, records))
            turn = take_turn(stage, store, open_waiting(stage, waiting, partition=number), clock_ms=clock_ms)
            store.apply(turn.changes, now_ms=turn.clock_ms)
            clock_ms = turn.clock_ms
            outputs += turn.outputs
        rows.update(_of_store(number, store))
    return outputs, rows


def _turns(changelog: Sequence[Record]) -> Iterable[Mapping[str, int]]:
    positions = (each.value for each in changelog if each.key == POSITION_KEY)
    return chain.from_iterable(msgspec.json.decode(value or b"{}", type=Position).turns for value in positions)


def _rows(log: Log, stage: Stage[Any]) -> Rows:
    """The last value of every key of a stage's changelog; a stage may use one key on several partitions."""
    rows: Rows = {}
    for (name, number), records in sorted(log.items()):
        if name != stage.changelog.name:
            continue
        for each in records:
            if each.key is None or each.key == POSITION_KEY:
                continue
            if each.value is None:
                rows.pop((number, each.key), None)
            else:
                rows[number, each.key] = each.value
    return rows


def _of_store(number: int, store: Store[Any]) -> Iterable[tuple[tuple[int, bytes], bytes]]:
    for key, row in store.items():
        yield (number, key), encode_row(row)


def _of_outputs(outputs: Iterable[Output]) -> Published:
    published: Published = defaultdict(list)
    for output in outputs:
        value, headers = codec.encode_record(output.value)
        published[output.topic.name, output.key, _subject(value)].append(_line(value, headers))
    return published


def _of_log(log: Log, topics: Sequence[Topic]) -> Published:
    names = {topic.name for topic in topics}
    published: Published = defaultdict(list)
    for (name, _), records in sorted(log.items()):
        if name in names:
            for each in records:
                value, key = each.value or b"", each.key or b""
                published[name, key, _subject(value)].append(_line(value, each.headers))
    return published


def _line(value: bytes, headers: Iterable[tuple[str, bytes]]) -> bytes:
    return value + b" " + b" ".join(name.encode() + b"=" + text for name, text in headers)


def _subject(value: bytes) -> str:
    """What has an order within a key: the alerts of one region come from many conversations."""
    fields = msgspec.json.decode(value)
    if "conversation_id" in fields:
        return str(fields["conversation_id"])
    if "window_start" in fields:
        return f"{fields['channel']}:{fields['window_start']}"
    return f"{fields.get('topic')}:{fields.get('partition')}"


def _same_records(what: str, expected: Published, found: Published) -> None:
    _same(f"records of {what}", dict(expected), dict(found))


def _same(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    """Equal, or an error that names the first few differences."""
    if expected == found:
        return
    keys = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
    shown = "\n".join(
        f"{key}:\n  expected {expected.get(key)!r:.900}\n  found    {found.get(key)!r:.900}" for key in keys[:3]
    )
    raise AssertionError(f"{what}: {len(keys)} of {len({**expected, **found})} keys differ\n{shown}")
