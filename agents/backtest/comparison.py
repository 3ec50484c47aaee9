"""One back-test from its plan to its report: both packs are built, history is read, what is true is looked up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from agents.backtest.history import history
from agents.backtest.sides import TOPICS, WARM_UP_MS, Sides, build_pack
from agents.backtest.truth import judged, read_labels, read_verdicts
from agents.recording.lines import count_lines, open_lines
from agents.recording.records import Recorded, read_records
from agents.settings import Settings
from pipeline.backtest.report import Report, report
from pipeline.runner import Incoming
from schemas.codec import Record
from schemas.labels import VerdictLabel
from schemas.topics import Topic
from schemas.vocabulary import Level

_BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
_CHUNK = 2_000

Tell = Callable[[int, int | None], None]  # so many records are read, of so many; None where that is not known


class Plan(Struct, frozen=True, kw_only=True):
    """What is compared over what."""

    pack: str  # folder of the one to be tried
    against: str = ""  # folder of the one before; "" is the shipped one
    since_ms: int = 0  # the first moment
    until_ms: int  # the moment after the last
    events: str = ""  # a recording, `-` for standard input; "" is Kafka's history
    labels: str = ""  # a file of labels
    least: Level = Level.EXPLICIT  # from which level a conversation counts as a complaint


class Counts(Struct, frozen=True):
    """What became of the records of history."""

    read: int
    judged: int
    refused: int  # dead letters, of a worker too
    passed_over: int  # on other topics, or of other times: those of the hour before were only to warm up
    first_refused: str = ""  # what was expected of the first that was refused


class Compared(NamedTuple):
    """Two packs over the same history, and how much of it there was: no difference over nothing means nothing."""

    report: Report
    counts: Counts


def compare(settings: Settings, plan: Plan, tell: Tell) -> Compared:
    """Judge history by both packs; raises what is wrong with a pack, a file or the broker."""
    folders = [Path(plan.against) if plan.against else None, Path(plan.pack)]
    packs = [build_pack(settings, folder) for folder in folders]
    truth: dict[str, bool] = {}
    if plan.labels:
        with open_lines(plan.labels) as lines:
            truth = read_labels(lines, name=plan.labels, least=plan.least)
    sides = Sides(
        packs, partitions=settings.partitions, since_ms=plan.since_ms, until_ms=plan.until_ms, labelled=truth.keys()
    )
    if plan.events:
        read = _feed_file(plan, sides, tell)
    else:
        read, verdicts = asyncio.run(_feed_kafka(settings, plan, sides, tell))
        told = {each for ledger in sides.ledgers for each in ledger.told}
        truth = {**judged(verdicts, told, least=plan.least), **truth}
    before, after = sides.ledgers
    truth = {name: is_complaint for name, is_complaint in truth.items() if sides.occurred(name)}
    found = report(before, after, versions=(packs[0].version, packs[1].version), truth=truth, least=plan.least)
    judged_count = sides.heard - sides.refused
    return Compared(found, Counts(read, judged_count, sides.refused, read - sides.heard, sides.first_refused))


def _feed_file(plan: Plan, sides: Sides, tell: Tell) -> int:
    done, total = 0, count_lines(plan.events)
    with open_lines(plan.events) as lines:
        for chunk in _chunks_of(read_records(lines, name=plan.events)):
            sides.feed(each for recorded in chunk if (each := _incoming(recorded, sides, plan)) is not None)
            done += len(chunk)
            tell(done, total)
    sides.end()
    return done


def _incoming(recorded: Recorded, sides: Sides, plan: Plan) -> Incoming | None:
    topic = _BY_NAME.get(recorded.topic)
    if topic is None or not plan.since_ms - WARM_UP_MS <= recorded.timestamp_ms < plan.until_ms:
        return None
    partition = sides.place(recorded.key or b"") if recorded.partition is None else recorded.partition
    record = Record(recorded.offset or 0, recorded.timestamp_ms, recorded.key, recorded.value, recorded.headers)
    return Incoming(topic, partition, record)


async def _feed_kafka(settings: Settings, plan: Plan, sides: Sides, tell: Tell) -> tuple[int, list[VerdictLabel]]:
    since_ms = max(plan.since_ms - WARM_UP_MS, 0)
    async with history(settings, since_ms=since_ms, until_ms=plan.until_ms) as found:
        done = 0
        async for chunk in _chunks(found.records()):
            sides.feed(chunk)
            done += len(chunk)
            tell(done, found.total)
        sides.end()
        tell(found.total, found.total)  # marks of transactions are no records
    return done, await read_verdicts(settings)


async def _chunks(records: AsyncIterator[Incoming]) -> AsyncIterator[list[Incoming]]:
    chunk: list[Incoming] = []
    async for each in records:
        chunk.append(each)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _chunks_of(records: Iterator[Recorded]) -> Iterator[list[Recorded]]:
    while chunk := list(islice(records, _CHUNK)):
        yield chunk
