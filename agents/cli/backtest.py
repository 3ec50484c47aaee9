"""`tocsin backtest`: what another rule pack would have told, over Kafka's history or a recording."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from agents.backtest.comparison import Counts, Plan, compare
from agents.backtest.saved import Backtest, save
from agents.backtest.sides import TOPICS
from agents.cli.exits import Exit
from agents.cli.show import LEVEL_NAMES, console, plainly, print_json
from agents.settings import load_settings
from pipeline.backtest.ledger import Told
from pipeline.backtest.report import Quality, Report, Side
from pipeline.times import in_china
from schemas.vocabulary import Level

_SHOWN = 20  # of each kind, to people; --json says all


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
    """Judge history by two packs: alerts a day and region, what came and went, precision, recall, lead time.

    Exit code 1 when nothing was judged, or something of a recording was refused.
    """
    settings = load_settings()
    plan = Plan(
        pack=str(pack),
        against=str(against or settings.rules_dir or ""),
        since_ms=0 if since is None else max(_ms(since), 0),
        until_ms=int(time.time() * 1000) if until is None else _ms(until),
        events=events,
        labels=labels,
        least=least,
    )
    if plan.since_ms >= plan.until_ms:
        raise typer.BadParameter(
            "--from: expected a moment before that of --to, which is now unless given; both are UTC"
        )
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)  # before the hours of comparing, not after them
    with _progress() as progress:
        task = progress.add_task("回测 back-test", total=None)
        found, counts = compare(settings, plan, lambda done, total: progress.update(task, completed=done, total=total))
    if keep is not None:
        save(keep, Backtest(time.time_ns() // 1_000_000, plan.since_ms, plan.until_ms, found))
    if json:
        print_json({**msgspec.to_builtins(found), "records": msgspec.to_builtins(counts)})
    else:
        _show(found)
    for line in _told(counts):
        typer.echo(line, err=True)
    if not counts.judged or (events and counts.refused):  # what Kafka has of those was refused by the worker already
        raise typer.Exit(Exit.PROBLEMS)


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


def _told(counts: Counts) -> Iterator[str]:
    yield (
        f"记录 records：读到 read {counts.read}，判读 judged {counts.judged}，拒绝 refused {counts.refused}，"
        f"略过 passed over {counts.passed_over}"
    )
    if counts.refused:
        yield plainly(f"拒绝 refused, the first: {counts.first_refused}")
    if not counts.judged:
        names = ", ".join(topic.name for topic in TOPICS)
        yield f"没有判读任何记录 nothing was judged: expected topics {names} without a prefix, and times of the span"


def _show(found: Report) -> None:
    out = console()
    table = Table(title="每天每地区的升级会话 conversations that rose, a day and region", title_justify="left")
    for name in ("日期 day", "地区 region", "原 before", "新 after", "+", "-"):
        table.add_column(name)
    for row in found.days:
        counts = map(str, (row.before, row.after, row.added, row.removed))
        table.add_row(row.day, escape(plainly(row.region)), *counts)
    out.print(table)
    for sign, told in (("+", found.added), ("-", found.removed)):
        for each in told[:_SHOWN]:
            out.print(f"{sign} {_line(each)}", markup=False)
        if len(told) > _SHOWN:
            out.print(f"{sign} …… 另有 {len(told) - _SHOWN} 条 more", markup=False)
    for name, side in (("原 before", found.before), ("新 after", found.after)):
        out.print(f"{name} {side.version}: {_figures(side)}", markup=False)


def _line(told: Told) -> str:
    """As plain text: ids and words are what customers and systems sent. The clock is that of China, as the days are."""
    at = in_china(told.at_ms).strftime("%m-%d %H:%M")
    text = " ".join(told.text.split())
    return plainly(f"{LEVEL_NAMES[told.level]} {told.region} {at} {told.conversation_id} {told.rule} {text}")


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


def _ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
