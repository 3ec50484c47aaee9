"""`tocsin oncall` and `tocsin channels`: is the file right, who is on call, does a channel really take a card?"""

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from agents.channels.base import Judgement, Message
from agents.channels.build import build_channels, secrets_of, targets_of
from agents.channels.outgoing import Outgoing
from agents.cli.exits import Exit
from agents.cli.show import console, print_json
from agents.files.oncall import DEFAULT_FILE, load_oncall
from agents.settings import load_settings
from pipeline.incidents.coverage import warnings_of
from pipeline.incidents.load import OnCall, OnCallError
from pipeline.incidents.receivers import calendar_of
from pipeline.incidents.roster import LOOK_AHEAD, Calendar, duties, on_call
from pipeline.rules.problems import Problem
from pipeline.times import DAY_MS
from schemas.cards import Card, Fact
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

File = Annotated[Path | None, typer.Option(help="The on-call file, instead of TOCSIN_ONCALL_FILE.")]
Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def check_command(
    file: File = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Also look up every secret and judge addresses.")] = False,
    json: Json = False,
) -> None:
    """Read the on-call file and list every problem by file and line. Exit code 1 when there is one."""
    path = _path(file)
    problems: tuple[Problem, ...] = ()
    warnings: list[str] = []
    try:
        oncall = load_oncall(path)
        if secrets:
            problems = (*secrets_of(oncall, file=path.name)[1], *_answer_problems(path, oncall))
        now_ms = _now_ms()
        warnings = warnings_of(oncall.plan, from_ms=now_ms, to_ms=now_ms + LOOK_AHEAD // timedelta(milliseconds=1))
    except OnCallError as error:
        problems = error.problems
    if json:
        print_json({"ok": not problems, "problems": [problem._asdict() for problem in problems], "warnings": warnings})
    else:
        for line in (*map(str, problems), *warnings):
            typer.echo(line)
        typer.echo(f"{path.name}: {len(problems)} 个问题 problem(s), {len(warnings)} 个提醒 warning(s)")
    if problems:
        raise typer.Exit(Exit.PROBLEMS)


def who_command(
    roster: Annotated[str, typer.Argument(help="One roster; all of them unless given.")] = "",
    at: Annotated[str, typer.Option(help="As 2026-10-01T09:00, local, or with a zone; now unless given.")] = "",
    file: File = None,
    json: Json = False,
) -> None:
    """Say who is on call."""
    oncall = load_oncall(_path(file))
    calendar = calendar_of(oncall.plan)
    at_ms = _moment_ms(at, calendar) if at else _now_ms()
    rosters = {name: each for name, each in oncall.plan.rosters.items() if roster in {"", name}}
    if roster and not rosters:
        raise typer.BadParameter(f"no roster {roster}; there are {', '.join(oncall.plan.rosters) or 'none'}")
    found = {name: on_call(each, at_ms, calendar=calendar) for name, each in rosters.items()}
    if json:
        print_json(found)
        return
    for name, people in found.items():
        typer.echo(f"{name}: {', '.join(people) or '无人值班 nobody'}")


def preview_command(
    roster: Annotated[str, typer.Argument(help="The roster.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look.")] = 14,
    file: File = None,
    json: Json = False,
) -> None:
    """Show the next duties of a roster, gaps too."""
    oncall = load_oncall(_path(file))
    calendar, now_ms = calendar_of(oncall.plan), _now_ms()
    if roster not in oncall.plan.rosters:
        raise typer.BadParameter(f"no roster {roster}; there are {', '.join(oncall.plan.rosters) or 'none'}")
    found = list(duties(oncall.plan.rosters[roster], now_ms, now_ms + days * DAY_MS, calendar=calendar))
    if json:
        print_json([{"from_ms": each.starts_at_ms, "to_ms": each.ends_at_ms, "people": each.people} for each in found])
        return
    for duty in found:
        starts, ends = (
            calendar.local(each).strftime("%m-%d %a %H:%M") for each in (duty.starts_at_ms, duty.ends_at_ms)
        )
        typer.echo(f"{starts} – {ends}  {', '.join(duty.people) or '无人值班 nobody'}")


def channels_test_command(
    channel: Annotated[str, typer.Argument(help="A channel of the file.")],
    to: Annotated[str, typer.Option(help="A person of the file; the whole group unless given.")] = "",
    file: File = None,
    json: Json = False,
) -> None:
    """Send one test card through a channel and show what the vendor answered. Exit code 1 when it was not taken."""
    path = _path(file)
    oncall = load_oncall(path)
    if channel not in oncall.channels:
        raise typer.BadParameter(f"no channel {channel}; there are {', '.join(oncall.channels)}")
    if to and channel not in oncall.contacts.get(to, {}):
        raise typer.BadParameter(f"{to} has no contact on {channel}")
    secrets, problems = secrets_of(oncall, file=path.name)
    mine = [problem for problem in problems if problem.path.startswith(f"channels.{channel}.")]
    if mine:
        raise OnCallError(mine)
    judged = asyncio.run(_test(oncall, channel, secrets, to=oncall.contacts[to][channel] if to else ""))
    told = {"channel": channel, "outcome": judged.outcome.value, "vendor_code": judged.vendor_code}
    if json:
        print_json(told)
    else:
        console().print("  ".join(f"{name} {value}" for name, value in told.items()), markup=False)
    if judged.outcome is not Outcome.ACCEPTED:
        raise typer.Exit(Exit.PROBLEMS)


def _answer_problems(path: Path, oncall: OnCall) -> tuple[Problem, ...]:
    """What `tocsin answer` would say of its keys and secrets."""
    if oncall.answers is None:
        return ()
    from agents.answer.load import load_answers

    try:
        load_answers(path)
    except OnCallError as error:
        return error.problems
    return ()


async def _test(oncall: OnCall, channel: str, secrets: dict[str, dict[str, object]], *, to: str) -> Judgement:
    now_ms = _now_ms()
    card = Card(
        title="【测试】Tocsin 通道测试｜无需处理",
        level=Level.NONE,
        facts=(Fact(name="通道", value=channel),),
        english="A test card: nothing to do.",
    )
    message = Message(f"test:{channel}:{now_ms}", f"test:{channel}", f"test:{channel}", card, to=to, at_ms=now_ms)
    async with Outgoing(targets_of(oncall)) as outgoing:
        return await build_channels(oncall, secrets, outgoing)[channel].send(message, now_ms=now_ms)


def _path(file: Path | None) -> Path:
    return file or load_settings().oncall_file or DEFAULT_FILE


def _moment_ms(text: str, calendar: Calendar) -> int:
    """A moment as somebody wrote it: by the plan's own clock, unless it says its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("write the moment as 2026-10-01T09:00") from error
    return calendar.moment_ms(moment) if moment.tzinfo is None else int(moment.timestamp() * 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
