"""`tocsin sla`: the policies as a worker would read them, and the whole account of one ticket's clocks."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import orjson
import typer

from agents.cli.account import show_account
from agents.cli.exits import Exit
from agents.cli.history import read_history
from agents.cli.show import console, print_json, print_problems
from agents.files.sla import load_sla
from agents.settings import load_settings
from pipeline.sla.account import Written, account
from pipeline.sla.load import SlaError
from pipeline.sla.policy import SlaPack
from schemas.topics import SIGNALS, TICKETS

TOLD = (TICKETS, SIGNALS)  # all that moves a ticket's clocks


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
    history = read_history(settings, TOLD, file=events)
    found = [Written(said.event, said.written_at_ms) for said in history if said.key == ticket.encode()]
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
