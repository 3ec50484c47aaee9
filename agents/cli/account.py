"""How the account of a ticket looks in a terminal. Chinese first, times in the zone of the ticket's calendar.

Ids, and whoever did something, are what ticket systems sent: shown sign by sign, neither obeyed nor taken for markup.
"""

from datetime import datetime, timedelta, tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.cli.show import plainly
from pipeline.sla.account import Account
from pipeline.words import GOALS, PARKING
from schemas.sla_clocks import ClockState, LedgerKind

STATES = {
    ClockState.ACTIVE: "计时中 active",
    ClockState.ACTIVE_WITH_MISSES: "计时中，已有超时 active, missed",
    ClockState.HIT: "达标 hit",
    ClockState.MISSED: "超时 missed",
    ClockState.CANCELLED: "取消 cancelled",
}
KINDS = {
    LedgerKind.START: "开始 start",
    LedgerKind.PAUSE: "暂停 pause",
    LedgerKind.RESUME: "恢复 resume",
    LedgerKind.RESET: "重计 reset",
    LedgerKind.POLICY: "换策略 policy",
    LedgerKind.PRIORITY: "改优先级 priority",
    LedgerKind.CALENDAR: "换日历 calendar",
    LedgerKind.WARN: "预警 warn",
    LedgerKind.BREACH: "超时 breach",
    LedgerKind.STOP: "停止 stop",
}
_PARKING_ENGLISH = {
    "late_pause": "paused in the last tenth before it was due",
    "long_pause": "paused for more than half of the working time",
    "many_pauses": "paused three times or more",
    "dodged_warnings": "paused just before warnings",
    "unheard_customer": "the customer wrote and it stayed paused",
    "refiled_category": "a case of quality was filed again as something else",
    "unexplained_rejection": "refused, and nobody wrote why",
    "repeated_order": "several open tickets for one order",
    "bulk_rejection": "one person refused ten within five minutes",
    "bulk_status": "one person stopped the clocks of ten within five minutes",
    "unstaffed_hours": "in staffed hours the customer waited and nobody wrote to anybody",
    "reopened_soon": "reopened within a day of being solved",
}


def show_account(out: Console, reckoned: Account, *, zone: tzinfo) -> None:
    """The ticket, each of its clocks, and every line of the ledger."""
    ticket = reckoned.clocks
    about = (
        f"工单 ticket {ticket.ticket_id}  状态 {ticket.status}  优先级 {ticket.priority}  "
        f"策略 policy {ticket.policy or '无 none'}  版本 {ticket.policy_version}"
    )
    out.print(plainly(about), markup=False)
    out.print(
        f"事件 events {reckoned.events}，重复 repeated {reckoned.repeats}，迟到 late {reckoned.late}", markup=False
    )
    clocks = Table("时钟 clock", "状态 state", "已用 used", "时限 target", "暂停 paused", "到期 due", box=None)
    for clock in ticket.clocks:
        used = f"{_span(clock.elapsed_ms)} ({100 * clock.elapsed_ms // max(clock.target_ms, 1)}%)"
        name = f"{GOALS[clock.clock]} {clock.clock}" + (f" #{clock.cycle}" if clock.cycle > 1 else "")
        total = clock.elapsed_ms + clock.paused_ms
        paused = f"{_span(clock.paused_ms)} ({100 * clock.paused_ms // max(total, 1)}%)"
        due = _time(clock.due_at, zone) + ("（估计 estimated）" if clock.due_is_estimated else "")
        clocks.add_row(name, STATES[clock.state], used, _span(clock.target_ms), paused, due)
    out.print(clocks)
    ledger = Table("时间 when", "时钟 clock", "动作 what", "原因 why", "谁 by", "已用 used", "到期 due", box=None)
    for entry in ticket.ledger_tail:
        due = _time(entry.due_after, zone)
        if entry.due_before and entry.due_before != entry.due_after:
            due = f"{_time(entry.due_before, zone)} → {due}"
        used = "" if entry.elapsed_before is None else _span(entry.elapsed_before)
        why, by = (Text(plainly(part)) for part in (entry.why, f"{entry.by} {entry.event_id}".strip()))
        ledger.add_row(_time(entry.at, zone), entry.clock, KINDS[entry.kind], why, by, used, due)
    out.print(ledger)
    for finding in ticket.findings:
        out.print(f"发现 finding  {plainly(_finding(finding))}", style="yellow", markup=False)


def _finding(sign: str) -> str:
    return f"{PARKING[sign]} {_PARKING_ENGLISH[sign]}" if sign in PARKING else sign


def _time(at_ms: int | None, zone: tzinfo) -> str:
    return "—" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _span(span_ms: int) -> str:
    return str(timedelta(seconds=span_ms // 1000))
