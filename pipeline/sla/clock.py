"""One clock: working time that runs, stands still, or is over. Each function gives the clock as it is afterwards.

A clock knows the working time it had used when its present span began, never what a wall clock shows; so whoever asks
later gets the same answer, and nothing has to be written while time merely passes.
"""

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from pipeline.sla.policy import Goal
from schemas.sla_clocks import ClockState, GoalKind


class Phase(StrEnum):
    """What a clock does in its present span."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # what was promised has been done
    CANCELLED = "cancelled"  # nothing is promised any more: no policy, merged away, solved without an answer


class Clock(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A goal's working time as it was at the beginning of the present span."""

    goal: GoalKind
    target_ms: int
    started_at_ms: int
    since_ms: int  # when the present span began
    phase: Phase = Phase.RUNNING
    elapsed_ms: int = 0  # working time used before it
    paused_ms: int = 0  # working time that passed in pauses before it
    pause_count: int = 0
    cycle: int = 1
    misses: int = 0  # of earlier cycles
    breached_at_ms: int | None = None

    @property
    def id(self) -> str:
        """Goal and cycle: `next_response#2`; of the first cycle only the goal."""
        return self.goal if self.cycle == 1 else f"{self.goal}#{self.cycle}"

    def state_at(self, due_at_ms: int | None, at_ms: int) -> ClockState:
        """Where it stands at a moment, as it is published; `due_at_ms` is when it is due if it runs."""
        is_missed = self.breached_at_ms is not None or (due_at_ms is not None and due_at_ms <= at_ms)
        if self.phase in {Phase.RUNNING, Phase.PAUSED}:
            return ClockState.ACTIVE_WITH_MISSES if is_missed or self.misses else ClockState.ACTIVE
        if is_missed:
            return ClockState.MISSED
        return ClockState.HIT if self.phase is Phase.STOPPED else ClockState.CANCELLED


def elapsed_at(clock: Clock, goal: Goal, at_ms: int) -> int:
    """Working time used up to a moment that is not before the present span."""
    if clock.phase is not Phase.RUNNING:
        return clock.elapsed_ms
    return clock.elapsed_ms + goal.calendar.open_ms(clock.since_ms, at_ms)


def due_at(clock: Clock, goal: Goal, elapsed_ms: int | None = None) -> int | None:
    """When so much working time will be used, the target unless said otherwise; None while the clock stands still."""
    if clock.phase is not Phase.RUNNING:
        return None
    wanted_ms = clock.target_ms if elapsed_ms is None else elapsed_ms
    if elapsed_ms is None and clock.breached_at_ms is not None and clock.elapsed_ms >= wanted_ms:
        return clock.breached_at_ms
    return goal.calendar.after(clock.since_ms, wanted_ms - clock.elapsed_ms)


def enter(clock: Clock, goal: Goal, phase: Phase, *, at_ms: int) -> Clock:
    """Begin a span of another phase: what passed in the last one is put down to it."""
    settled = settle(clock, goal, at_ms=at_ms)
    entered = replace(settled, phase=phase, pause_count=settled.pause_count + (phase is Phase.PAUSED))
    # Reopened under a shorter target than it was closed under: all of the time is used already.
    is_overdue = entered.breached_at_ms is None and entered.elapsed_ms >= entered.target_ms
    return replace(entered, breached_at_ms=at_ms) if is_overdue and phase in {Phase.RUNNING, Phase.PAUSED} else entered


def settle(clock: Clock, goal: Goal, *, at_ms: int) -> Clock:
    """The same clock with its present span begun anew at a moment, under the goal that held until then."""
    if clock.phase is Phase.PAUSED:
        paused_ms = clock.paused_ms + goal.calendar.open_ms(clock.since_ms, at_ms)
        return replace(clock, since_ms=at_ms, paused_ms=paused_ms)
    if clock.phase is not Phase.RUNNING:
        return replace(clock, since_ms=at_ms)
    elapsed_ms = elapsed_at(clock, goal, at_ms)
    breached_at_ms = clock.breached_at_ms
    if breached_at_ms is None and elapsed_ms >= clock.target_ms:
        breached_at_ms = due_at(clock, goal)
    return replace(clock, since_ms=at_ms, elapsed_ms=elapsed_ms, breached_at_ms=breached_at_ms)


def retarget(clock: Clock, goal: Goal, target_ms: int, *, at_ms: int) -> Clock:
    """Exchange the target under `goal`, which held until now: time used and time paused stay, and a miss is a miss."""
    settled = settle(clock, goal, at_ms=at_ms)
    breached_at_ms = settled.breached_at_ms
    if breached_at_ms is None and settled.elapsed_ms >= target_ms:
        breached_at_ms = at_ms
    return replace(settled, target_ms=target_ms, breached_at_ms=breached_at_ms)


def next_cycle(clock: Clock, goal: Goal, target_ms: int, *, at_ms: int) -> Clock:
    """A clock that starts anew; how often its cycles were missed is kept."""
    ended = settle(clock, goal, at_ms=at_ms)
    return Clock(
        goal=clock.goal,
        target_ms=target_ms,
        started_at_ms=at_ms,
        since_ms=at_ms,
        cycle=clock.cycle + 1,
        misses=clock.misses + (ended.breached_at_ms is not None),
    )
