"""`tocsin promises`: what agents have promised and what became of it, and the whole account of one promise."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from agents.cli.exits import Exit
from agents.cli.history import read_history
from agents.cli.show import console, marked, plainly, print_json
from agents.files.sla import load_sla
from agents.recording.follow import follow
from agents.settings import Settings, load_settings
from pipeline.promises.account import PromiseEvent, Step, account, homes_of
from pipeline.promises.ledger import BROKEN_KEY
from pipeline.words import PROMISES as KINDS
from schemas.promises import Promise, PromiseState
from schemas.topics import PROMISE_EVENTS, PROMISES

STATES = {
    PromiseState.OPEN: "未到期 open",
    PromiseState.KEPT: "已兑现 kept",
    PromiseState.BROKEN: "未兑现 broken",
    PromiseState.RELEASED: "已解除 released",
}
STATE_STYLES = {PromiseState.BROKEN: "bold red", PromiseState.KEPT: "green", PromiseState.RELEASED: "dim"}
REASONS = {
    "outreach": "已回电 we called",
    "return": "回到会话 the agent came back",
    "agent_said": "坐席说已办 the agent said so",
    "customer_said": "客户说已办 the customer said so",
    "ticket_comment": "工单回复 a comment on the ticket",
    "ticket_solved": "工单解决 the ticket is solved",
    "waived": "客户不再需要 the customer waives it",
    "taken_back": "原话被改 the text was edited",
    "replaced": "改期 promised again for another time",
}


def list_command(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are kept or released.")] = False,
    agent: Annotated[str, typer.Option(help="Only what this agent promised.")] = "",
    customer: Annotated[str, typer.Option(help="Only what this customer was promised, by key.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON, one promise a line.")] = False,
) -> None:
    """Show what is still owed, open and broken promises, the one that is due first at the top."""
    settings = load_settings()
    owed = {PromiseState.OPEN, PromiseState.BROKEN}
    found = [
        promise
        for promise in asyncio.run(_read_promises(settings))
        if (everything or (promise.state in owed and promise.done_at is None))
        and agent in {"", promise.to.agent_id}
        and customer in {"", promise.to.customer_key}
    ]
    if json:
        for promise in found:
            print_json(msgspec.to_builtins(promise))
        return
    zone = ZoneInfo(load_sla(settings.sla).promises.calendar.spec.zone)
    table = Table(
        "到期 due", "状态 state", "承诺 promise", "坐席 agent", "客户 customer", "原话 words", "编号 id", box=None
    )
    for promise in found:
        state = STATES[promise.state] + (f"（{promise.postponed} 次改期 postponed）" if promise.postponed else "")
        words = marked(plainly(promise.quote), promise.mark_start, promise.mark_end, "bold")
        due = _time(promise.due_at, zone) + ("?" if promise.is_vague else "")
        who = (escape(promise.to.agent_id), escape(promise.to.customer_key or promise.to.conversation_id))
        table.add_row(
            due, state, KINDS[promise.kind], *who, words, escape(promise.promise_id),
            style=STATE_STYLES.get(promise.state),
        )  # fmt: skip
    console().print(table)


def explain_command(
    promise: Annotated[str, typer.Argument(help="The promise's id, as `tocsin promises list` shows it.")],
    events: Annotated[str, typer.Option(help="JSON lines of records, - for standard input; else Kafka is read.")] = "",
    sla: Annotated[str, typer.Option(help="Policies to go by; those of TOCSIN_SLA unless given.")] = "",
    until: Annotated[datetime | None, typer.Option(help="The moment to reckon to, UTC; now unless given.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON, one change a line.")] = False,
) -> None:
    """Show every change of a promise and what brought it. Exit code 1 when nothing is known of the promise."""
    settings = load_settings()
    policy = load_sla(sla or settings.sla).promises
    until_ms = int((until.replace(tzinfo=UTC).timestamp() if until else time.time()) * 1000)
    told: list[PromiseEvent] = [each.event for each in read_history(settings, (PROMISE_EVENTS,), file=events)]
    homes = homes_of(told, promise)
    steps = [
        step
        for home in sorted(homes)
        for step in account((event for event in told if event.home == home), promise, policy, until_ms=until_ms)
    ]
    if not steps:
        typer.echo(f"没有承诺 {promise} 的记录 nothing is known of this promise", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    if json:
        for step in steps:
            print_json(msgspec.to_builtins(step._asdict()))
        return
    _show(steps, ZoneInfo(policy.calendar.spec.zone))


def _show(steps: list[Step], zone: ZoneInfo) -> None:
    """The promise as it is now, and how it came to that."""
    out, last = console(), steps[-1].promise
    to = last.to
    out.print(f"承诺 promise {last.promise_id}  {KINDS[last.kind]}  {STATES[last.state]}", markup=False)
    out.print(marked(plainly(last.quote), last.mark_start, last.mark_end, "bold"))
    out.print(
        f"坐席 agent {to.agent_id or '—'}  客户 customer {to.customer_key or '—'}  "
        f"会话 conversation {to.conversation_id}  订单 order {to.order_id or '—'}",
        markup=False,
    )
    notes = [
        "没说时间 no time was said" * last.is_vague,
        "节假日未公布，估计 holidays not known yet" * last.is_estimated,
        f"改期 postponed {last.postponed}" * bool(last.postponed),
        f"改为 replaced by {last.replaced_by}" * bool(last.replaced_by),
    ]
    due = f"到期 due {_time(last.due_at, zone)}"
    out.print("  ".join([f"说于 said {_time(last.said_at, zone)}", due, *filter(None, notes)]), markup=False)
    table = Table("时间 when", "结果 what", "原因 why", "事件 event", "到期 due", box=None)
    for number, step in enumerate(steps):
        before = steps[number - 1].promise if number else None
        table.add_row(
            _time(step.at_ms, zone),
            _what(step, before),
            REASONS.get(step.promise.reason, ""),
            escape(step.event_id),
            _time(step.promise.due_at, zone),
        )
    out.print(table)


def _what(step: Step, before: Promise | None) -> str:
    """One change in words."""
    promise = step.promise
    if before is None:
        return "承诺 promised"
    if step.told == BROKEN_KEY or promise.state is not before.state:
        return STATES[promise.state]
    if step.told:
        return f"提醒 warned at {step.told}"
    if promise.done_at is not None and before.done_at is None:
        return "逾期补办 done too late"
    return "改时间 another time"


async def _read_promises(settings: Settings) -> list[Promise]:
    """Every promise as it stands now, the one that is due first at the top."""
    async with follow(settings, (PROMISES,), from_start=True) as follower:
        newest = {promise.promise_id: promise for promise in [seen.decoded() for seen in await follower.until_now()]}
    return sorted(newest.values(), key=lambda promise: (promise.due_at, promise.promise_id))


def _time(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
