"""The oracle: what the in-memory runner makes of a cluster's input, and whether the cluster made the same.

A stage reads several topics, and its position rows say in which order it read them: the oracle reads them in that
order. So it needs no luck with what came first, a sentence or the rules that it is judged by.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from agents.engine.recovery import POSITION_KEY, Position
from pipeline.rows import Store, encode_row
from pipeline.stage import Output, Stage, Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Record
from schemas.links import SignalKind, TicketSignal
from schemas.promises import Promise
from schemas.topics import CONTEXTS, DEADLETTERS, MESSAGES, TICKETS, TICKS, UTTERANCES, WINDOWS, Topic
from tests.support.topics import read_topics

INBOUND = (UTTERANCES, MESSAGES, TICKETS)
OURS = (b"ticket:", b"feedback:")
NEWEST_OF_OURS = 100  # what the last seconds of a cluster may leave unread on a topic of ours
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
    warnings: int  # and breaches of clocks
    contexts: int
    promises: dict[str, int]  # records of promises by the state that they tell
    moved: int  # tickets that a complaint in a call or a chat moved


async def compare(bootstrap: str, prefix: str, stages: Sequence[Stage[Any]], *, partitions: int = 4) -> Comparison:
    """Read everything back and compare row for row and record for record; raises AssertionError on any difference."""
    topics = {
        topic.name for stage in stages for topic in (*stage.sources, *stage.outputs, stage.changelog, DEADLETTERS)
    }
    found = await read_topics(bootstrap, [prefix + topic for topic in sorted(topics)])
    log: Log = {(topic.removeprefix(prefix), partition): records for (topic, partition), records in found.items()}

    published: list[Output] = []
    rows_count = 0
    for stage in stages:
        outputs, expected_rows = _replay(stage, log, partitions)
        rows = _rows(log, stage)
        _same(f"rows of {stage.name}", expected_rows, rows)
        published += outputs
        rows_count += len(rows)
    written = tuple({output.topic for output in published} | {each for stage in stages for each in stage.outputs})
    _same("records", _of_outputs(published), _of_log(log, written))
    return Comparison(
        events=sum(len(log.get((topic.name, number), ())) for topic in INBOUND for number in range(partitions)),
        outputs=len(published),
        rows=rows_count,
        dead_letters=sum(output.topic is DEADLETTERS for output in published),
        contexts=sum(output.topic is CONTEXTS for output in published),
        windows=sum(output.topic is WINDOWS for output in published),
        warnings=sum(getattr(output.value, "sla", None) is not None for output in published),
        promises=Counter(output.value.state.value for output in published if isinstance(output.value, Promise)),
        moved=sum(
            isinstance(output.value, TicketSignal)
            and output.value.kind is SignalKind.COMPLAINED
            and not output.value.conversation_id.encode().startswith(OURS)
            for output in published
        ),
    )


def _replay(stage: Stage[Any], log: Log, partitions: int) -> tuple[list[Output], Rows]:
    """A stage over its sources in the order in which the cluster committed having read them."""
    outputs: list[Output] = []
    rows: Rows = {}
    for number in range(partitions):
        store = stage.new_store()
        clock_ms = 0
        done: dict[str, int] = defaultdict(int)  # records of a topic, by their number
        for read in _turns(log[stage.changelog.name, number]):
            waiting = []
            for topic in stage.sources:
                end = read.get(topic.name, 0)
                unread = log[topic.name, number]
                place = bisect_left(unread, end, lo=done[topic.name], key=attrgetter("offset"))
                records = unread[done[topic.name] : place]
                done[topic.name] = place
                if records:
                    waiting.append(Waiting(topic, records))
            turn = take_turn(stage, store, open_waiting(stage, waiting, partition=number), clock_ms=clock_ms)
            store.apply(turn.changes, now_ms=turn.clock_ms)
            clock_ms = turn.clock_ms
            outputs += turn.outputs
        for topic in stage.sources:
            _is_read(topic, log[topic.name, number][done[topic.name] :])
        rows.update(_of_store(number, store))
    return outputs, rows


def _is_read(topic: Topic, left: Sequence[Record]) -> None:
    """Everything that came from outside was read. What ticks bring to the very end waits for the next worker."""
    from_outside = [each for each in left if topic.is_inbound and not (each.key or b"").startswith(OURS)]
    assert not from_outside, f"{topic}: {len(from_outside)} records were not read"
    assert topic is TICKS or len(left) <= NEWEST_OF_OURS, f"{topic}: {len(left)} of our own records were not read"


def _turns(changelog: Sequence[Record]) -> Iterable[Mapping[str, int]]:
    positions = (each.value for each in changelog if each.key == POSITION_KEY)
    return chain.from_iterable(msgspec.json.decode(value or b"{}", type=Position).turns for value in positions)


def _rows(log: Log, stage: Stage[Any]) -> Rows:
    """The last value of every key of a stage's changelog, unpacked; a stage may use one key on several partitions."""
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
                rows[number, each.key] = each.value if stage.packing is None else stage.packing.unpack(each.value)
    return rows


def _of_store(number: int, store: Store[Any]) -> Iterable[tuple[tuple[int, bytes], bytes]]:
    for key, row in store.items():
        yield (number, key), encode_row(row)


def _of_outputs(outputs: Iterable[Output]) -> Published:
    published: Published = defaultdict(list)
    for output in outputs:
        value, headers = (b"", []) if output.value is None else codec.encode_record(output.value)
        published[output.topic.name, output.key, _subject(value)].append(_line(value, headers))
    return published


def _of_log(log: Log, topics: Sequence[Topic]) -> Published:
    inbound = {topic.name: topic.is_inbound for topic in topics}
    published: Published = defaultdict(list)
    for (name, _), records in sorted(log.items()):
        if name in inbound:
            for each in records:
                value, key = each.value or b"", each.key or b""
                if inbound[name] and not key.startswith(OURS):  # others write there too
                    continue
                published[name, key, _subject(value)].append(_line(value, each.headers))
    return published


def _line(value: bytes, headers: Iterable[tuple[str, bytes]]) -> bytes:
    return value + b" " + b" ".join(name.encode() + b"=" + text for name, text in headers)


def _subject(value: bytes) -> str:
    """What has an order within a key: the alerts of one region come from many conversations."""
    if not value:  # a tombstone
        return ""
    fields = msgspec.json.decode(value)
    for name in ("saying_id", "incident_id", "tally_id"):  # under one key, from every partition
        if name in fields:
            return str(fields[name])
    if "home" in fields:  # what one customer was promised comes from every partition
        return str(fields.get("deed_id") or fields["to"]["conversation_id"])
    if "link" in fields and "alert_id" in fields:  # links and promises both write of one conversation
        return str(fields["alert_id"])
    if fields.get("schema") == "ticket.signal/1":  # a ticket is told by its conversation, its order and its customer
        return str(fields["cause_id"])
    if "ticket_id" in fields:
        return str(fields["ticket_id"])
    if "conversation_id" in fields:
        return str(fields["conversation_id"])
    if "window_start" in fields:
        return f"{fields.get('channel')}:{fields['window_start']}"  # hot tickets have no channel
    # Alerts of one region about several agents come from as many partitions; the rest are dead letters.
    return str(fields.get("fingerprint") or f"{fields.get('topic')}:{fields.get('partition')}")


def _same(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    """Equal, or an error that names the first few differences."""
    if expected == found:
        return
    keys = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
    shown = "\n".join(
        f"{key}:\n  expected {expected.get(key)!r:.900}\n  found    {found.get(key)!r:.900}" for key in keys[:3]
    )
    raise AssertionError(f"{what}: {len(keys)} of {len({**expected, **found})} keys differ\n{shown}")
