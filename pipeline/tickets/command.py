"""Commands to the ticket system: what an action comes to for one ticket, and which event shows that it was done."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.conversation.ids import record_id
from pipeline.places.provinces import UNKNOWN
from pipeline.sla.actions import Action, Do, Trigger
from pipeline.sla.clock import due_at
from pipeline.sla.policy import SlaPack, fits
from pipeline.tickets.state import Pending, TicketRow
from pipeline.words import TICKET_STATUS
from schemas.commands import Command, CommandKind
from schemas.sla_clocks import GoalKind
from schemas.tickets import Priority, TicketEvent, TicketEventKind
from schemas.vocabulary import Role

_TRADITIONAL_REGIONS = frozenset({"710000", "810000", "820000"})
_STEPS = tuple(Priority)
# By which events, otherwise a person's, a ticket system may show that it did as it was told.
_ECHOES: Mapping[TicketEventKind, frozenset[CommandKind]] = {
    TicketEventKind.ASSIGNED: frozenset({CommandKind.ASSIGN}),
    TicketEventKind.ESCALATED: frozenset({CommandKind.ASSIGN, CommandKind.SET_PRIORITY}),
}
_DUE = "{due}"
_VARIABLE = re.compile(r"\{([^{}]*)\}")


class Cause(NamedTuple):
    """Why something is done: the alert that says so, and what about it actions may ask for."""

    trigger: Trigger
    alert_id: str
    of: tuple[str, ...]  # the shares that were passed, the finding, the level
    clock: str = ""
    reasons: frozenset[str] = frozenset()
    conversation_id: str = ""


class Issued(NamedTuple):
    """What one cause comes to for a ticket: commands to send, and those that an action only tries."""

    commands: tuple[Command, ...]
    pending: tuple[Pending, ...]
    tried: tuple[str, ...]


def issue(
    ticket_id: str, row: TicketRow, cause: Cause, pack: SlaPack, *, load: Mapping[str, int], emitted_at_ms: int
) -> Issued:
    """The commands that follow from a cause. One that would change nothing, or is on its way, is not sent."""
    commands: list[Command] = []
    pending: list[Pending] = []
    tried: list[str] = []
    on_their_way = {(each.command, each.wanted) for each in row.pending}
    for action, do in _asked(row, cause, pack):
        wanted = _wanted(do, row, cause, pack, load, at_ms=emitted_at_ms)
        if not wanted or (do.command, wanted) in on_their_way:
            continue
        if action.is_dry_run or row.test:  # a drill tries everything and asks the ticket system for nothing
            tried.append(f"{do.command}:{wanted}")
            continue
        on_their_way.add((do.command, wanted))
        expires_at_ms = emitted_at_ms + action.answer_within_ms
        command = _command(ticket_id, row, cause, do, wanted, pack, expires_at_ms=expires_at_ms, at_ms=emitted_at_ms)
        commands.append(command)
        pending.append(Pending(command.command_id, do.command, wanted, expires_at_ms, emitted_at_ms))
    return Issued(tuple(commands), tuple(pending), tuple(tried))


def is_answered(pending: Pending, event: TicketEvent) -> bool:
    """Whether an event of the ticket system shows that a command was carried out."""
    comment = event.comment
    match pending.command:
        case CommandKind.ASSIGN:
            return event.group_id == pending.wanted
        case CommandKind.SET_PRIORITY:
            return _STEPS.index(event.priority) >= _STEPS.index(Priority(pending.wanted))
        case CommandKind.LINK:
            return event.conversation_id == pending.wanted
        case CommandKind.NOTIFY_CUSTOMER:
            return comment is not None and comment.public and comment.author_role is not Role.CUSTOMER
        case CommandKind.ADD_NOTE:
            return comment is not None and not comment.public


def is_echo(pending: tuple[Pending, ...], event: TicketEvent) -> bool:
    """Whether the ticket system only shows, by nobody's name, that it moved a ticket as it was told to."""
    commands = frozenset() if event.actor_id else _ECHOES.get(event.event, frozenset())
    return any(
        each.command in commands and event.occurred_at >= each.sent_at_ms and is_answered(each, event)
        for each in pending
    )


def _asked(row: TicketRow, cause: Cause, pack: SlaPack) -> Iterator[tuple[Action, Do]]:
    """What the actions that fit ask for."""
    standing = row.ticket.standing
    if standing.is_over or standing.merged_into:
        return
    for action in pack.automation.actions:
        if (
            action.when is cause.trigger
            and (not action.of or not action.of.isdisjoint(cause.of))
            and (not action.clocks or cause.clock in action.clocks)
            and fits(action.match, standing.traits)
        ):
            for do in action.do:
                yield action, do


def _wanted(do: Do, row: TicketRow, cause: Cause, pack: SlaPack, load: Mapping[str, int], *, at_ms: int) -> str:
    """What the command is to bring about; nothing where it is so already, or cannot be."""
    standing = row.ticket.standing
    match do.command:
        case CommandKind.ASSIGN:
            if not do.group and _is_with_a_task_force(row, pack):
                return ""
            group = do.group or pack.automation.choose_group(standing.region or UNKNOWN, cause.reasons, load)
            return "" if standing.group_id == group else group
        case CommandKind.SET_PRIORITY:
            now = _STEPS.index(standing.priority)
            wanted = _STEPS.index(do.priority) if do.priority else min(now + 1, len(_STEPS) - 1)
            return _STEPS[wanted].value if wanted > now else ""
        case CommandKind.LINK:
            return "" if cause.conversation_id == row.conversation_id else cause.conversation_id
        case CommandKind.NOTIFY_CUSTOMER | CommandKind.ADD_NOTE:
            says_when = _DUE in pack.automation.templates[do.template].zh
            return do.template if _due(row, pack, at_ms=at_ms) or not says_when else ""


def _is_with_a_task_force(row: TicketRow, pack: SlaPack) -> bool:
    """Whether one has it or is about to: that its own load grew by this ticket is no reason to choose another."""
    forces = {force.group for force in pack.automation.task_forces}
    coming = {each.wanted for each in row.pending if each.command is CommandKind.ASSIGN}
    return row.ticket.standing.group_id in forces or not forces.isdisjoint(coming)


def _command(
    ticket_id: str,
    row: TicketRow,
    cause: Cause,
    do: Do,
    wanted: str,
    pack: SlaPack,
    *,
    expires_at_ms: int,
    at_ms: int,
) -> Command:
    return Command(
        command_id=record_id(do.command, ticket_id, f"{wanted}:{cause.alert_id}"),
        ticket_id=ticket_id,
        command=do.command,
        cause_alert_id=cause.alert_id,
        expires_at=expires_at_ms,
        group_id=wanted if do.command is CommandKind.ASSIGN else "",
        priority=Priority(wanted) if do.command is CommandKind.SET_PRIORITY else None,
        template=do.template,
        params=_params(ticket_id, row, do, pack, at_ms=at_ms) if do.template else {},
        conversation_id=wanted if do.command is CommandKind.LINK else row.conversation_id,
        emitted_at=at_ms,
        test=row.test,
    )


def _due(row: TicketRow, pack: SlaPack, *, at_ms: int) -> str:
    """Until when the customer may be told to wait: the next due time that is still to come; nothing where none is.

    In how many minutes somebody is to look at a complaint is between us.
    """
    policy = pack.policy(row.ticket.standing.policy)
    goals = policy.goals if policy else {}
    dues = [
        (moment, goals[clock.goal].calendar.spec.zone)
        for clock in row.ticket.standing.clocks
        if clock.goal in goals and clock.goal is not GoalKind.FIRST_ACTION
        for moment in (due_at(clock, goals[clock.goal]),)
        if moment is not None and moment > at_ms
    ]
    due_ms, zone = min(dues, default=(0, "Asia/Shanghai"))
    return datetime.fromtimestamp(due_ms / 1000, ZoneInfo(zone)).strftime("%m-%d %H:%M") if due_ms else ""


def _params(ticket_id: str, row: TicketRow, do: Do, pack: SlaPack, *, at_ms: int) -> dict[str, str]:
    """The variables of a template and the text that they make of it, in the customer's script."""
    standing = row.ticket.standing
    values = {
        "ticket_id": ticket_id,
        "status": TICKET_STATUS[standing.status],
        "group": standing.group_id,
        "due": _due(row, pack, at_ms=at_ms),
    }
    template = pack.automation.templates[do.template]
    text = template.zh_hant if standing.region in _TRADITIONAL_REGIONS else template.zh
    # In one pass: a ticket id with braces in it names no variable.
    return {**values, "text": _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)}
