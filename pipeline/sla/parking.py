"""Parking: signs that a clock was stopped to look good, not because anybody had to wait (`domain.md` 10.6).

Each sign is a finding with a name, counted once a ticket; what it rests on is in the ledger.
"""

from msgspec.structs import replace

from pipeline.sla.clock import Clock, Phase, elapsed_at
from pipeline.sla.facts import Fact
from pipeline.sla.policy import Goal, Policy
from pipeline.sla.standing import SOON_MS, Standing
from pipeline.times import MINUTE_MS

LATE_PAUSE = "late_pause"  # a pause began in the last tenth before the clock was due
LONG_PAUSE = "long_pause"  # more than half of the working time was paused
MANY_PAUSES = "many_pauses"  # three and more pauses: it bounces
DODGED_WARNINGS = "dodged_warnings"  # twice a pause began just before a warning
UNHEARD_CUSTOMER = "unheard_customer"  # the customer wrote while it was paused, and it stayed paused
REOPENED_SOON = "reopened_soon"  # reopened within a day after it was solved

UNHEARD_AFTER_MS = 5 * MINUTE_MS
_LONG_MS = 60 * MINUTE_MS  # below an hour of pauses a share says nothing
_MANY = 3


def parking(before: Standing, ticket: Standing, fact: Fact, old: Policy | None) -> Standing:
    """The ticket with the signs that this fact added. `old` is the policy under which its clocks ran until now."""
    found: list[str] = []
    dodges = 0
    known = {clock.id: clock for clock in before.clocks}
    for clock in ticket.clocks:
        earlier, goal = known.get(clock.id), old.goals.get(clock.goal) if old else None
        if clock.phase is Phase.PAUSED and earlier and earlier.phase is Phase.RUNNING and goal:
            elapsed_ms = elapsed_at(earlier, goal, fact.at_ms)
            if 10 * elapsed_ms >= 9 * clock.target_ms > 9 * elapsed_ms:
                found.append(LATE_PAUSE)
            dodges = max(dodges, _is_just_before_a_warning(earlier, goal, elapsed_ms))
        if clock.pause_count >= _MANY:
            found.append(MANY_PAUSES)
        if clock.paused_ms > max(clock.elapsed_ms, _LONG_MS):
            found.append(LONG_PAUSE)
    is_reopened = before.is_over and not ticket.is_over and not ticket.merged_into
    if is_reopened and fact.at_ms - before.solved_at_ms < SOON_MS:
        found.append(REOPENED_SOON)
    dodge_count = before.dodge_count + dodges
    if dodge_count > 1:
        found.append(DODGED_WARNINGS)
    unheard_since_ms = _unheard_since(before, ticket, fact)
    if before.unheard_since_ms and fact.at_ms - before.unheard_since_ms >= UNHEARD_AFTER_MS:
        found.append(UNHEARD_CUSTOMER)
    findings = tuple(dict.fromkeys((*before.findings, *found)))
    return replace(ticket, findings=findings, dodge_count=dodge_count, unheard_since_ms=unheard_since_ms)


def _is_just_before_a_warning(clock: Clock, goal: Goal, elapsed_ms: int) -> bool:
    """Within a fiftieth of the target, or a minute, before somebody would have been told."""
    near_ms = max(clock.target_ms // 50, MINUTE_MS)
    return any(
        0 < point.elapsed_ms - elapsed_ms <= near_ms and point.elapsed_ms <= clock.target_ms
        for point in goal.points(clock.target_ms)
    )


def _unheard_since(before: Standing, ticket: Standing, fact: Fact) -> int:
    """Since when a customer's words have met a clock that stands still; 0 where they have not."""
    if not any(clock.phase is Phase.PAUSED for clock in ticket.clocks):
        return 0
    if fact.is_answer:
        return 0
    return before.unheard_since_ms or (fact.at_ms if fact.is_question else 0)
