"""`tocsin sla`: the policies as a worker would read them, and the whole account of one ticket's clocks."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import orjson
import typer

from agents.cli.account import show_account
from agents.cli.exits import Exit
from agents.cli.lines import open_lines
from agents.cli.show import console, print_json, print_problems
from agents.files.sla import load_sla
from agents.recording.records import read_records
from agents.settings import Settings, load_settings
from pipeline.sla.account import Written, account
from pipeline.sla.load import SlaError
from pipeline.sla.policy import SlaPack
from schemas import codec
from schemas.topics import SIGNALS, TICKETS, Topic

TOLD = {topic.name: topic for topic in (TICKETS, SIGNALS)}  # all that moves a ticket's clocks


def check_command(
    source: Annotated[str, typer.Argument(help="A preset, a file or a folder; that of TOCSIN_SLA unless given.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Read policies and list every problem by file and line. Exit code 1 when there is one."""
    try:
        pack = load_sla(source or load_settings().sla)
    except SlaError as error:
        print_problems(error.problems, as_json=json)
        raise typer.Exit(Exit.PROBLEMS) from error
    known = {name: str(until) for name, until in pack.known_until.items()}
    if json:
        policies = [policy.id for policy in pack.policies]
        print_json({"ok": True, "version": pack.version, "policies": policies, "calendars_known_until": known})
        return
    out = console()
    out.print(f"服务时限 policies {pack.version}: 没有问题 no problems", style="green")
    for policy in pack.policies:
        out.print(f"{policy.id}  {policy.zh}: {', '.join(policy.goals)}", markup=False)
    for name, until in known.items():
        out.print(f"日历 calendar {name}: 节假日已知至 holidays are known until {until}", markup=False)


def explain_command(
    ticket: Annotated[str, typer.Argument(help="The ticket's id.")],
    events: Annotated[str, typer.Option(help="JSON lines of records, - for standard input; else Kafka is read.")] = "",
    sla: Annotated[str, typer.Option(help="Policies to go by; those of TOCSIN_SLA unless given.")] = "",
    until: Annotated[datetime | None, typer.Option(help="The moment to reckon to, UTC; now unless given.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Show the whole account of a ticket's clocks. Exit code 1 when nothing is known of the ticket."""
    settings = load_settings()
    pack = load_sla(sla or settings.sla)
    until_ms = int((until.replace(tzinfo=UTC) if until else datetime.now(UTC)).timestamp() * 1000)
    if events:
        with open_lines(events) as lines:
            found = _of_lines(lines, events, ticket)
    else:
        found = asyncio.run(_of_topics(settings, ticket))
    reckoned = account(found, pack, until_ms=until_ms)
    if reckoned is None:
        typer.echo(f"没有工单 {ticket} 的事件 no event of this ticket", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    if json:
        print_json(orjson.loads(msgspec.json.encode(reckoned.clocks)))
        return
    show_account(console(), reckoned, zone=_zone(pack, reckoned.clocks.policy))


def _zone(pack: SlaPack, policy_id: str) -> ZoneInfo:
    """The zone in which times are shown: that of the ticket's calendar."""
    policy = pack.policy(policy_id)
    goal = next(iter(policy.goals.values()), None) if policy else None
    return ZoneInfo(goal.calendar.spec.zone if goal else "Asia/Shanghai")


def _of_lines(lines: Iterable[bytes], name: str, ticket: str) -> list[Written]:
    """What a file of records says of the ticket, in its order; what a worker would refuse is left out."""
    return [
        written
        for each in read_records(lines, name=name)
        if each.topic in TOLD and each.key == ticket.encode()
        for written in _decoded(TOLD[each.topic], each.timestamp_ms, each.key, each.value, each.headers)
    ]


async def _of_topics(settings: Settings, ticket: str) -> list[Written]:
    """What the broker has of the ticket, as far back as it is kept."""
    from agents.recording.follow import follow

    async with follow(settings, tuple(TOLD.values()), from_start=True) as follower:
        return [
            written
            for each in await follower.until_now()
            if each.key == ticket.encode()
            for written in _decoded(each.topic, each.timestamp_ms, each.key, each.value, each.headers)
        ]


def _decoded(
    topic: Topic, timestamp_ms: int, key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> list[Written]:
    record = codec.Record(0, timestamp_ms, key, value, headers)
    events = codec.decode_batch(topic, [record], 0, lift_past_limit=True).events
    return [Written(event, timestamp_ms) for event in events]
