"""What each goal's clock should be doing, given where the ticket stands: which cycle it is in, and whether it runs."""

from typing import NamedTuple

from pipeline.sla.clock import Phase
from pipeline.sla.policy import Goal
from pipeline.sla.standing import Standing
from schemas.sla_clocks import GoalKind

RESOLUTIONS = frozenset({GoalKind.TOTAL_RESOLUTION, GoalKind.REQUESTER_WAIT, GoalKind.HANDLE})


class Duty(NamedTuple):
    """What is owed under a goal: its how-manieth cycle, 0 where nothing was ever owed, and what its clock does."""

    cycle: int
    phase: Phase
    why: str = ""  # where it is not the status


def duty(goal: Goal, ticket: Standing) -> Duty:
    """What a goal asks of a ticket as it stands."""
    cycle, is_done, why = _OWED[goal.kind](ticket)
    if ticket.merged_into:
        return Duty(cycle, Phase.CANCELLED, f"merged:{ticket.merged_into}")
    if ticket.void:
        return Duty(cycle, Phase.CANCELLED, f"closed:{ticket.void}")
    if is_done:
        return Duty(cycle, Phase.STOPPED, why)
    if ticket.is_over:  # closing a ticket answers nobody: if it is reopened, the clock goes on
        return Duty(cycle, Phase.CANCELLED, f"status:{ticket.status}")
    if ticket.status in goal.pause_on:
        return Duty(cycle, Phase.PAUSED, f"status:{ticket.status}")
    if not goal.pause_on_tags.isdisjoint(ticket.tags):
        return Duty(cycle, Phase.PAUSED, f"tag:{next(tag for tag in ticket.tags if tag in goal.pause_on_tags)}")
    return Duty(cycle, Phase.RUNNING)


def _first_response(ticket: Standing) -> tuple[int, bool, str]:
    return 1, ticket.answer_count > 0, "answer"


def _next_response(ticket: Standing) -> tuple[int, bool, str]:
    return ticket.wait_count, not ticket.is_waiting, "answer"


def _every_response(ticket: Standing) -> tuple[int, bool, str]:
    return ticket.message_count, not ticket.is_unanswered, "answer"


def _periodic_update(ticket: Standing) -> tuple[int, bool, str]:
    return ticket.answer_count, ticket.is_over, f"status:{ticket.status}"


def _resolution(ticket: Standing) -> tuple[int, bool, str]:
    return 1, ticket.is_over, f"status:{ticket.status}"


def _handle(ticket: Standing) -> tuple[int, bool, str]:
    return int(ticket.is_assigned), ticket.is_over, f"status:{ticket.status}"


def _first_resolution(ticket: Standing) -> tuple[int, bool, str]:
    return 1, ticket.solved_count > 0, f"status:{ticket.status}"


def _first_action(ticket: Standing) -> tuple[int, bool, str]:
    return ticket.complaint_count, not ticket.needs_action, ticket.acknowledged or "action"


_OWED = {
    GoalKind.FIRST_RESPONSE: _first_response,
    GoalKind.NEXT_RESPONSE: _next_response,
    GoalKind.EVERY_RESPONSE: _every_response,
    GoalKind.PERIODIC_UPDATE: _periodic_update,
    GoalKind.REQUESTER_WAIT: _resolution,
    GoalKind.HANDLE: _handle,
    GoalKind.FIRST_RESOLUTION: _first_resolution,
    GoalKind.TOTAL_RESOLUTION: _resolution,
    GoalKind.FIRST_ACTION: _first_action,
}
