"""Who is told about a ticket, and in which words. Chinese first, then English; times in the calendar's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.hints import hint_about
from pipeline.places.provinces import UNKNOWN
from pipeline.sla.clock import due_at, elapsed_at
from pipeline.sla.policy import Audience, Goal, SlaPack
from pipeline.sla.warnings import Notice
from pipeline.stage import Output
from pipeline.tickets.state import Pending, TicketRow
from pipeline.times import MINUTE_MS
from pipeline.words import GOALS
from schemas.alerts import Alert, SlaAlert
from schemas.sla_clocks import GoalKind
from schemas.topics import ALERTS
from schemas.vocabulary import AlertKind, ChannelClass, Level


def announce_clock(
    ticket_id: str, row: TicketRow, notice: Notice, pack: SlaPack, *, emitted_at_ms: int
) -> list[Output]:
    """An alert about one clock, and a hint to the handler. What only the board shows is told to nobody."""
    audience = _audience(row, notice)
    if not audience:
        return []
    standing, clock = row.ticket.standing, notice.clock
    policy = pack.policy(standing.policy)
    goal = policy.goals.get(clock.goal) if policy else None
    kind = AlertKind.SLA_BREACH if notice.is_breach else AlertKind.SLA_WARNING
    alert = about_ticket(
        ticket_id,
        row,
        kind,
        alert_id=record_id(kind, ticket_id, f"{clock.id}:{notice.key}:{notice.at_ms}"),
        payload=f"{ticket_id}:{clock.id}",
        audience=audience,
        occurred_at_ms=notice.at_ms,
        emitted_at_ms=emitted_at_ms,
        sla=SlaAlert(
            clock=clock.goal,
            key=notice.key,
            policy=standing.policy,
            target_ms=clock.target_ms,
            elapsed_ms=elapsed_at(clock, goal, max(emitted_at_ms, clock.since_ms)) if goal else clock.elapsed_ms,
            due_at=clock.breached_at_ms or (due_at(clock, goal) if goal else None),
            cycle=clock.cycle,
            priority=standing.priority,
            status=standing.status,
            group_id=standing.group_id,
        ),
    )
    outputs = [told(alert)]
    if Audience.HANDLER in audience and standing.assignee_id:
        advice, advice_en = _words(alert, notice, goal)
        outputs.append(hint_about(alert, advice=advice, advice_en=advice_en))
    return outputs


def announce_finding(ticket_id: str, row: TicketRow, finding: str, *, cause_id: str, emitted_at_ms: int) -> Output:
    """An alert that something was done with a ticket which the house does not want; once for each cause."""
    kind = AlertKind.HOUSE_RULE
    return told(
        about_ticket(
            ticket_id,
            row,
            kind,
            alert_id=record_id(kind, ticket_id, cause_id),
            payload=f"{ticket_id}:{finding}",
            audience=(Audience.ADMINISTRATOR,),
            occurred_at_ms=emitted_at_ms,
            emitted_at_ms=emitted_at_ms,
            finding=finding,
        )
    )


def announce_unanswered(ticket_id: str, row: TicketRow, pending: Pending, *, emitted_at_ms: int) -> Output:
    """An alert that the ticket system did not show in time that it did what it was told."""
    kind = AlertKind.COMMAND_UNANSWERED
    return told(
        about_ticket(
            ticket_id,
            row,
            kind,
            alert_id=record_id(kind, ticket_id, pending.command_id),
            payload=f"{ticket_id}:{pending.command}",
            audience=(Audience.ADMINISTRATOR, Audience.ESCALATION),
            occurred_at_ms=pending.expires_at_ms,
            emitted_at_ms=emitted_at_ms,
            finding=f"{pending.command}:{pending.wanted}",
        )
    )


def about_ticket(  # noqa: PLR0913  (an alert has many parts; all are named)
    ticket_id: str,
    row: TicketRow,
    kind: AlertKind,
    *,
    alert_id: str,
    payload: str,
    audience: tuple[Audience, ...],
    occurred_at_ms: int,
    emitted_at_ms: int,
    sla: SlaAlert | None = None,
    finding: str = "",
) -> Alert:
    """An alert with everything that is known of the ticket."""
    standing = row.ticket.standing
    return Alert(
        alert_id=alert_id,
        kind=kind,
        region=standing.region or UNKNOWN,
        fingerprint=fingerprint(kind, payload),
        occurred_at=occurred_at_ms,
        emitted_at=emitted_at_ms,
        level=standing.level if standing.level is not Level.NONE else None,
        channel=ChannelClass.TICKET,
        product=standing.product,
        conversation_id=row.conversation_id,
        ticket_id=ticket_id,
        agent_id=standing.assignee_id,
        customer_key=row.customer_key,
        tenant=standing.tenant,
        test=row.test,
        audience=tuple(audience),
        sla=sla,
        finding=finding,
    )


def told(alert: Alert) -> Output:
    """The alert on its topic."""
    return Output(ALERTS, alert.region.encode(), alert)


def _audience(row: TicketRow, notice: Notice) -> tuple[Audience, ...]:
    """Who hears of it. Where nobody handles the ticket, the administrator hears what the handler would.

    Whether anybody looked at a complaint that may become one is for the board alone (`domain.md` 3.4).
    """
    if notice.clock.goal is GoalKind.FIRST_ACTION and row.ticket.standing.action_level is Level.POTENTIAL:
        return ()
    audience = [each for each in notice.audience if each is not Audience.BOARD]
    if Audience.HANDLER in audience and not row.ticket.standing.assignee_id:
        audience[audience.index(Audience.HANDLER)] = Audience.ADMINISTRATOR
    return tuple(dict.fromkeys(audience))


def _words(alert: Alert, notice: Notice, goal: Goal | None) -> tuple[str, str]:
    """What the handler reads: which promise, how much is left of it, until when."""
    clock = notice.clock
    name = GOALS[clock.goal]
    if notice.is_breach:
        return (
            f"工单 {alert.ticket_id} 的{name}已超时：请立即处理，并告知客户新的时间。",
            f"Ticket {alert.ticket_id}: {clock.goal} is late. Act now, and tell the customer when.",
        )
    sla = alert.sla
    due_ms = sla.due_at if sla else None
    zone = ZoneInfo(goal.calendar.spec.zone if goal else "Asia/Shanghai")
    due = "" if due_ms is None else datetime.fromtimestamp(due_ms / 1000, zone).strftime("%m-%d %H:%M")
    left_minutes = max(0, clock.target_ms - (sla.elapsed_ms if sla else 0)) // MINUTE_MS
    return (
        f"工单 {alert.ticket_id} 的{name}还剩 {left_minutes} 分钟工作时间（{due} 到期）：请先处理，来不及请告知主管。",
        f"Ticket {alert.ticket_id}: {left_minutes} minutes left for {clock.goal} (due {due}). Act or tell a lead.",
    )
