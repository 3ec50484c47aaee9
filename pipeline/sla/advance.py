"""One fact more: `(standing, fact) -> (standing, entries)`. Every change of a clock is one line of its account."""

from typing import NamedTuple

from msgspec.structs import replace

from pipeline.sla.clock import Clock, Phase, due_at, elapsed_at, enter, next_cycle, retarget, settle
from pipeline.sla.conduct import kept
from pipeline.sla.facts import Fact
from pipeline.sla.goals import RESOLUTIONS, Duty, duty
from pipeline.sla.parking import parking
from pipeline.sla.policy import Goal, Policy, SlaPack
from pipeline.sla.standing import Standing, after
from schemas.sla_clocks import GoalKind, LedgerEntry, LedgerKind

MAX_MESSAGES = 8  # unanswered ones of a ticket that have a clock each
_GO_ON = RESOLUTIONS | {GoalKind.EVERY_RESPONSE}  # whose clocks never start anew
_FROM_CREATION = frozenset(
    {GoalKind.FIRST_RESPONSE, GoalKind.FIRST_RESOLUTION, GoalKind.TOTAL_RESOLUTION, GoalKind.REQUESTER_WAIT}
)
_OVER = frozenset({Phase.STOPPED, Phase.CANCELLED})
_KINDS = {
    Phase.RUNNING: LedgerKind.RESUME,
    Phase.PAUSED: LedgerKind.PAUSE,
    Phase.STOPPED: LedgerKind.STOP,
    Phase.CANCELLED: LedgerKind.STOP,
}


class Advanced(NamedTuple):
    """A ticket after a fact, and what its account says about it."""

    standing: Standing
    entries: list[LedgerEntry]


def advance(before: Standing, fact: Fact, pack: SlaPack) -> Advanced:
    """Move a ticket by one fact that is not older than those before it."""
    ticket = after(before, fact)
    old = pack.policy(before.policy)
    new = pack.choose(ticket.traits, created_at_ms=ticket.created_at_ms)
    ticket = replace(ticket, policy=new.id if new else "")
    entries: list[LedgerEntry] = []
    clocks: list[Clock | None] = []
    for kind in GoalKind:
        change = _Change(before, ticket, fact, _goal(old, kind), _goal(new, kind))
        known = [clock for clock in before.clocks if clock.goal is kind]
        clocks += [_moved(clock, change, entries) for clock in known or (None,)]
        if kind is GoalKind.EVERY_RESPONSE and known and ticket.message_count > before.message_count:
            clocks = _with_message(clocks, change, entries)
    ticket = replace(ticket, clocks=tuple(clock for clock in clocks if clock is not None))
    return Advanced(kept(before, parking(before, ticket, fact, old), fact, pack.house), entries)


def _with_message(clocks: list[Clock | None], change: "_Change", entries: list[LedgerEntry]) -> list[Clock | None]:
    """One more message of the customer: a clock of its own, and those of answered ones only count as misses.

    Of very many messages without an answer the oldest have clocks; one answer is for all of them.
    """
    of_messages = [clock for clock in clocks if clock is not None and clock.goal is GoalKind.EVERY_RESPONSE]
    answered = [clock for clock in of_messages if clock.phase is Phase.STOPPED]
    if len(of_messages) - len(answered) >= MAX_MESSAGES:
        return clocks
    begun = _moved(None, change, entries)
    if begun is None:
        return clocks
    misses = sum(clock.misses + (clock.breached_at_ms is not None) for clock in answered)
    return [clock for clock in clocks if clock not in answered] + [replace(begun, misses=begun.misses + misses)]


class _Change(NamedTuple):
    before: Standing
    ticket: Standing
    fact: Fact
    old: Goal | None  # under which the clock ran until now
    new: Goal | None


def _goal(policy: Policy | None, kind: GoalKind) -> Goal | None:
    return policy.goals.get(kind) if policy else None


def _moved(clock: Clock | None, change: _Change, entries: list[LedgerEntry]) -> Clock | None:
    """One goal's clock after the fact; None where there never was one."""
    fact, ticket, new = change.fact, change.ticket, change.new
    target_ms = new.target_ms(ticket.priority, ticket.action_level) if new else None
    if new is None or target_ms is None:
        if clock is None or clock.phase in _OVER:
            return clock
        return _cancelled(clock, change, entries)
    owed = duty(new, ticket)
    if clock is None:
        return _started(new, target_ms, owed, change, entries)
    goal = change.old or new
    if fact.since_ms is not None and clock.goal in _FROM_CREATION:
        clock = _reaching_back(clock, goal, ticket, fact, entries)
    if owed.cycle > clock.cycle and clock.goal not in _GO_ON:
        clock = _begun_anew(clock, goal, new, target_ms, owed, fact, entries)
    else:
        target_ms = _target(clock, goal, target_ms, change)
    if target_ms != clock.target_ms or goal is not new:
        clock = _retargeted(clock, goal, new, target_ms, owed, change, entries)
    if owed.phase is not clock.phase and not _is_final(clock, owed):
        clock = _entered(clock, new, owed, fact, entries)
    return clock


def _target(clock: Clock, goal: Goal, target_ms: int, change: _Change) -> int:
    """The target from now on. A complaint that rises while nobody acts has time of its own, never more than before."""
    if clock.goal is not GoalKind.FIRST_ACTION or clock.phase in _OVER:
        return target_ms
    if change.ticket.action_level.rank <= change.before.action_level.rank:
        return clock.target_ms
    return min(clock.target_ms, elapsed_at(clock, goal, change.fact.at_ms) + target_ms)


def _cancelled(clock: Clock, change: _Change, entries: list[LedgerEntry]) -> Clock:
    """The clock of a goal that promises nothing any more; where its former calendar is gone, with what it had used."""
    fact, why = change.fact, f"policy:{change.ticket.policy}"
    if change.old is not None:
        return _entered(clock, change.old, Duty(clock.cycle, Phase.CANCELLED, why), fact, entries)
    entries.append(_entry(LedgerKind.STOP, clock, fact, why, due_after=None))
    return replace(clock, phase=Phase.CANCELLED, since_ms=fact.at_ms)


def _is_final(clock: Clock, owed: Duty) -> bool:
    """What was done stays done, whatever the ticket's status; only a resolution is undone by reopening."""
    return clock.phase is Phase.STOPPED and (owed.phase is Phase.CANCELLED or clock.goal not in RESOLUTIONS)


def _started(goal: Goal, target_ms: int, owed: Duty, change: _Change, entries: list[LedgerEntry]) -> Clock | None:
    """The first clock of a goal, where something is owed now."""
    fact, ticket = change.fact, change.ticket
    if owed.cycle == 0 or owed.phase in _OVER:
        return None
    is_first = change.before.created_at_ms == 0
    why = fact.event if not is_first or ticket.has_creation else "no_created_event"
    if not is_first and change.before.policy != ticket.policy:
        why = f"policy:{ticket.policy}"
    clock = Clock(
        goal=goal.kind, target_ms=target_ms, started_at_ms=fact.at_ms, since_ms=fact.at_ms, cycle=max(owed.cycle, 1)
    )
    entries.append(_entry(LedgerKind.START, clock, fact, why, due_after=due_at(clock, goal)))
    return clock if owed.phase is Phase.RUNNING else _entered(clock, goal, owed, fact, entries)


def _begun_anew(
    clock: Clock, old: Goal, new: Goal, target_ms: int, owed: Duty, fact: Fact, entries: list[LedgerEntry]
) -> Clock:
    """The next cycle of a clock that starts anew each time."""
    fresh = replace(next_cycle(clock, old, target_ms, at_ms=fact.at_ms), cycle=owed.cycle)
    entries.append(
        _entry(LedgerKind.RESET, fresh, fact, "answer" if fact.is_answer else fact.event, due_after=due_at(fresh, new))
    )
    return fresh


def _retargeted(
    clock: Clock, old: Goal, new: Goal, target_ms: int, owed: Duty, change: _Change, entries: list[LedgerEntry]
) -> Clock:
    """The clock under another target or calendar: the time it has used stays."""
    if clock.phase in _OVER:  # what was met stays as it was told; what is reopened goes by what holds now
        is_reopened = owed.phase not in _OVER and not _is_final(clock, owed)
        return replace(clock, target_ms=target_ms) if is_reopened or clock.phase is Phase.CANCELLED else clock
    before, ticket, fact = change.before, change.ticket, change.fact
    moved = retarget(clock, old, target_ms, at_ms=fact.at_ms)
    if before.policy != ticket.policy:
        kind, why = LedgerKind.POLICY, f"policy:{ticket.policy}"
    elif before.priority != ticket.priority:
        kind, why = LedgerKind.PRIORITY, f"priority:{ticket.priority}"
    elif before.action_level is not ticket.action_level:
        kind, why = LedgerKind.PRIORITY, f"level:{ticket.action_level}"
    else:  # what is older than the remembered facts went by an earlier version of the policies
        kind, why = LedgerKind.POLICY, f"policy:{ticket.policy}"
    entries.append(_entry(kind, clock, fact, why, old, due_after=due_at(moved, new)))
    return moved


def _reaching_back(clock: Clock, goal: Goal, ticket: Standing, fact: Fact, entries: list[LedgerEntry]) -> Clock:
    """A clock of a ticket that took in an older one: the older customer has waited since that was created.

    Only of clocks that start with the ticket; when it was assigned, answered or complained of, no merger changes.
    """
    started_at_ms = ticket.created_at_ms
    if clock.started_at_ms <= started_at_ms or clock.cycle > 1 or clock.phase in _OVER:
        return clock
    settled = settle(clock, goal, at_ms=fact.at_ms)
    waited_ms = goal.calendar.open_ms(started_at_ms, clock.started_at_ms)
    earlier = replace(settled, started_at_ms=started_at_ms, elapsed_ms=settled.elapsed_ms + waited_ms)
    if earlier.breached_at_ms is None and earlier.elapsed_ms >= earlier.target_ms:
        earlier = replace(earlier, breached_at_ms=fact.at_ms)
    entries.append(_entry(LedgerKind.RESET, clock, fact, "absorbed", goal, due_after=due_at(earlier, goal)))
    return earlier


def _entered(clock: Clock, goal: Goal, owed: Duty, fact: Fact, entries: list[LedgerEntry]) -> Clock:
    """The clock in another phase."""
    moved = enter(clock, goal, owed.phase, at_ms=fact.at_ms)
    why = owed.why or f"status:{fact.status}"
    entries.append(_entry(_KINDS[owed.phase], clock, fact, why, goal, due_after=due_at(moved, goal)))
    return moved


def _entry(
    kind: LedgerKind, clock: Clock, fact: Fact, why: str, goal: Goal | None = None, *, due_after: int | None
) -> LedgerEntry:
    return LedgerEntry(
        at=fact.at_ms,
        kind=kind,
        clock=clock.id,
        by=fact.by,
        why=why,
        event_id=fact.event_id,
        elapsed_before=elapsed_at(clock, goal, fact.at_ms) if goal else None,
        due_before=due_at(clock, goal) if goal else None,
        due_after=due_after,
    )
