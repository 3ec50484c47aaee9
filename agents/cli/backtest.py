"""`tocsin backtest`: what another rule pack would have told, over Kafka's history or a recording."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from agents.backtest.history import history
from agents.backtest.saved import Backtest, save
from agents.backtest.sides import TOPICS, WARM_UP_MS, Sides, build_pack
from agents.backtest.truth import read_labels, read_verdicts
from agents.cli.lines import count_lines, open_lines
from agents.cli.show import LEVEL_NAMES, console, print_json
from agents.recording.records import Recorded, read_records
from agents.settings import Settings, load_settings
from pipeline.backtest.ledger import Told
from pipeline.backtest.report import Quality, Report, Side, report
from pipeline.runner import Incoming
from schemas.codec import Record
from schemas.topics import Topic
from schemas.vocabulary import Level

_BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
_CHUNK = 2_000
_SHOWN = 20  # of each kind, to people; --json says all


class _Span(msgspec.Struct, frozen=True):
    since_ms: int
    until_ms: int


def backtest_command(
    *,
    pack: Annotated[Path, typer.Option(help="Folder of the pack to be tried.")],
    against: Annotated[
        Path | None, typer.Option(help="Folder of the pack before; that of TOCSIN_RULES_DIR, else the shipped one.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="First moment, UTC; as far back as there is.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="The moment after the last, UTC; now.")] = None,
    events: Annotated[str, typer.Option(help="JSON lines of records, - for standard input; else Kafka is read.")] = "",
    labels: Annotated[str, typer.Option(help="JSON lines with conversation_id and level.")] = "",
    least: Annotated[
        Level, typer.Option(help="From which level a conversation counts as a complaint.")
    ] = Level.EXPLICIT,
    keep: Annotated[
        Path | None, typer.Option("--save", help="Folder to keep the comparison in, for the board.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Say everything as JSON.")] = False,
) -> None:
    """Judge history by two packs: alerts a day and region, what came and went, precision, recall, lead time."""
    settings = load_settings()
    span = _Span(_ms(since) or 0, _ms(until) or int(time.time() * 1000))
    packs = [build_pack(settings, against or settings.rules_dir), build_pack(settings, pack)]
    sides = Sides(packs, partitions=settings.partitions, since_ms=span.since_ms, until_ms=span.until_ms)
    truth: dict[str, bool] = {}
    if labels:
        with open_lines(labels) as lines:
            truth = read_labels(lines, name=labels, least=least)
    if events:
        _feed_file(events, sides, span)
    else:
        verdicts = asyncio.run(_feed_kafka(settings, sides, span))
        truth = {**verdicts, **truth}
    before, after = sides.ledgers
    found = report(before, after, versions=(packs[0].version, packs[1].version), truth=truth, least=least)
    if keep is not None:
        save(keep, Backtest(time.time_ns() // 1_000_000, span.since_ms, span.until_ms, found))
    if json:
        print_json(msgspec.to_builtins(found))
    else:
        _show(found)


def _feed_file(file: str, sides: Sides, span: _Span) -> None:
    with open_lines(file) as lines, _progress() as progress:
        task = progress.add_task("回测 back-test", total=count_lines(file))
        counted = progress.track(read_records(lines, name=file), task_id=task)
        sides.feed(each for recorded in counted if (each := _incoming(recorded, sides, span)) is not None)
        sides.end()


def _incoming(recorded: Recorded, sides: Sides, span: _Span) -> Incoming | None:
    topic = _BY_NAME.get(recorded.topic)
    if topic is None or not span.since_ms - WARM_UP_MS <= recorded.timestamp_ms < span.until_ms:
        return None
    partition = sides.place(recorded.key or b"") if recorded.partition is None else recorded.partition
    record = Record(recorded.offset or 0, recorded.timestamp_ms, recorded.key, recorded.value, recorded.headers)
    return Incoming(topic, partition, record)


async def _feed_kafka(settings: Settings, sides: Sides, span: _Span) -> dict[str, bool]:
    since_ms = max(span.since_ms - WARM_UP_MS, 0)
    async with history(settings, since_ms=since_ms, until_ms=span.until_ms) as found:
        with _progress() as progress:
            task = progress.add_task("回测 back-test", total=found.total)
            async for chunk in _chunks(found.records()):
                sides.feed(chunk)
                progress.advance(task, len(chunk))
            sides.end()
            progress.update(task, completed=found.total)  # marks of transactions are no records
    return await read_verdicts(settings, sides.ledgers[0].conversation_of | sides.ledgers[1].conversation_of)


async def _chunks(records: AsyncIterator[Incoming]) -> AsyncIterator[list[Incoming]]:
    chunk: list[Incoming] = []
    async for each in records:
        chunk.append(each)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def _show(found: Report) -> None:
    out = console()
    table = Table(title="每天每地区的升级会话 conversations that rose, a day and region", title_justify="left")
    for name in ("日期 day", "地区 region", "原 before", "新 after", "+", "-"):
        table.add_column(name)
    for row in found.days:
        table.add_row(row.day, row.region, str(row.before), str(row.after), str(row.added), str(row.removed))
    out.print(table)
    for sign, told in (("+", found.added), ("-", found.removed)):
        for each in told[:_SHOWN]:
            out.print(f"{sign} {_line(each)}", markup=False)
        if len(told) > _SHOWN:
            out.print(f"{sign} …… 另有 {len(told) - _SHOWN} 条 more", markup=False)
    for name, side in (("原 before", found.before), ("新 after", found.after)):
        out.print(f"{name} {side.version}: {_figures(side)}", markup=False)


def _line(told: Told) -> str:
    at = datetime.fromtimestamp(told.at_ms / 1000, UTC).strftime("%m-%d %H:%M")
    return (
        f"{LEVEL_NAMES[told.level]} {told.region} {at} {told.conversation_id} {told.rule} {' '.join(told.text.split())}"
    )


def _figures(side: Side) -> str:
    levels = "，".join(f"{LEVEL_NAMES[level]} {count}" for level, count in side.levels.items()) or "0"
    lead = side.lead
    ahead = f"提前预警 warned ahead {lead.warned_ahead}/{lead.high_risk}"
    if lead.median_ms is not None:
        ahead += f"，中位 median {lead.median_ms / 1000:.0f} s"
    return "；".join([levels, ahead, *([_shares(side.quality)] if side.quality else [])])


def _shares(quality: Quality) -> str:
    precision = "—" if quality.precision is None else f"{quality.precision:.1%}"
    recall = "—" if quality.recall is None else f"{quality.recall:.1%}"
    return (
        f"准确率 precision {precision}（{quality.right}/{quality.told}），"
        f"召回率 recall {recall}（{quality.right}/{quality.complaints}）"
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp() * 1000)
