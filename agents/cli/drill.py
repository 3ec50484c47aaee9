"""`tocsin drill`: a made-up storm through everything, and what became of it."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from agents.cli.exits import Exit
from agents.cli.show import print_json
from agents.drill.hold import hold, look_back
from agents.drill.report import Report
from agents.drill.storm import COMPLAINING, LEVELS, DrillError, Storm
from agents.files.oncall import load_oncall
from agents.settings import Settings, load_settings
from pipeline.incidents.plan import Plan

Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def start_command(
    name: Annotated[str, typer.Option(help="A name that no drill had; the moment unless given.")] = "",
    alerts_per_minute: Annotated[float, typer.Option(min=0.1, max=60_000, help="Conversations that complain.")] = 60.0,
    minutes: Annotated[float, typer.Option(min=0.01, max=600, help="For how long.")] = 1.0,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for what comes of it.")] = 120.0,
    json: Json = False,
) -> None:
    """Hold a drill: send the storm, wait, and say what was seen, who was told and who would have been.

    Every event is marked; nobody but marked people and the drill channel hears of it (docs/on-call.md). Exit code 1
    when something was missed, is still waiting, reached nobody, or reached somebody who is not marked.
    """
    settings = load_settings()
    plan = _plan(settings)
    count = max(1, round(alerts_per_minute * minutes * len(LEVELS) / COMPLAINING))
    storm = Storm(name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S"), count, alerts_per_minute)
    typer.echo(f"演练 drill {storm.name}：{count} 个会话 conversations", err=True)
    _tell(asyncio.run(hold(settings, storm, plan, wait_seconds=wait)), as_json=json)


def report_command(
    name: Annotated[str, typer.Argument(help="What the drill is called.")],
    json: Json = False,
) -> None:
    """Say what became of a drill, as it stands now. Exit code 1 as for `start`."""
    settings = load_settings()
    _tell(asyncio.run(look_back(settings, name, _plan(settings))), as_json=json)


def _plan(settings: Settings) -> Plan:
    plan = load_oncall(settings.oncall_file).plan
    if not plan.drill_channel and not any(person.takes_drills for person in plan.people.values()):
        raise DrillError(
            'nobody would hear of a drill: write drill_channel in the on-call file, or drills: "yes" at a person'
        )
    return plan


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(report))
    else:
        for line in _lines(report):
            typer.echo(line)
    if not report.is_good:
        raise typer.Exit(Exit.PROBLEMS)


def _lines(report: Report) -> list[str]:
    sent = report.said_to_sent
    lines = [
        f"演练 drill {report.name}：{report.conversations} 个会话 conversations",
        f"应见 expected {_pairs(report.expected)}",
        f"所见 seen     {_pairs(report.seen)}",
        f"工单 tickets  {_pairs(report.tickets)}",
        f"只试未发 would do  {_pairs(report.would_do)}",
        f"事件 incidents {_pairs(report.incidents)}",
        *(f"通知 {channel}  {_pairs(results)}" for channel, results in report.notifications.items()),
        f"本应通知 would have told  {_pairs(report.would_have_told)}",
    ]
    if sent is not None:
        lines.append(f"高危：说出到送达 said to sent  n={sent.count} p50 {sent.p50_ms} ms  p99 {sent.p99_ms} ms")
    named = (
        ("漏报 missed", report.missed),
        ("无时限 unclocked", report.unclocked),
        ("等待 waiting", report.waiting),
        ("未通知 untold", report.untold),
        ("误达 leaked", report.leaked),
    )
    return lines + [f"{what}: {', '.join(found)}" for what, found in named if found]


def _pairs(counts: dict[str, int]) -> str:
    return "  ".join(f"{name} {count}" for name, count in counts.items()) or "-"
