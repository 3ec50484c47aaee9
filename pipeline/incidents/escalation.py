"""Escalation: what of a case is due at a moment, one thing at a time. Moments are those that were set, not of the tick.

However late or often the clock ticks, a step happens at the moment it was due, so that a worker that was away, or a
batch that was cut elsewhere, changes nothing about who is told.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.incidents.case import Case
from pipeline.incidents.plan import Chain, Hours, Plan, Step, milliseconds
from pipeline.incidents.roster import DAY, LOOK_AHEAD, Calendar
from schemas.incidents import IncidentState, ReasonCode

WORKING_WEEK = frozenset(range(5))
SUNDAY = 6


class Due(StrEnum):
    """What is due."""

    STEP = "step"
    NEWS = "news"
    ACK_EXPIRES = "ack_expires"
    RESOLVES = "resolves"  # nothing new for long
    SETTLES = "settles"  # held open because it came and went, and now over for long enough
    SHOWS = "shows"  # a large one grew, and not every alert of it was published
    CLOSES = "closes"  # resolved, and too long ago to be opened again


class Next(NamedTuple):
    """The next thing of a case, and when."""

    at_ms: int
    due: Due


def next_due(case: Case, plan: Plan) -> Next:
    """What comes next. There always is something, so no case lives for ever."""
    if case.state is IncidentState.RESOLVED:
        moments = [Next(case.resolved_at_ms + milliseconds(plan.reopen_within), Due.CLOSES)]
    else:
        quiet_until_ms = case.alerted_at_ms + milliseconds(plan.resolve_after)
        moments = [Next(max(quiet_until_ms, case.kept_until_ms), Due.RESOLVES)]
    if case.show_at_ms:
        moments.append(Next(case.show_at_ms, Due.SHOWS))
    if case.step_at_ms:
        moments.append(Next(case.step_at_ms, Due.STEP))
    if case.news_at_ms:
        moments.append(Next(case.news_at_ms, Due.NEWS))
    if case.held_until_ms:
        moments.append(Next(case.held_until_ms, Due.SETTLES))
    if case.ack_expires_at_ms:
        moments.append(Next(case.ack_expires_at_ms, Due.ACK_EXPIRES))
    return min(moments, key=lambda each: each.at_ms)


def after_step(case: Case, chain: Chain, plan: Plan, *, now_ms: int) -> Case:
    """The case when its step has been taken: the next one, the next round, or the end of the chain."""
    if case.step + 1 < len(chain.steps):
        wait_ms = milliseconds(chain.steps[case.step + 1].after)
        return replace(case, step=case.step + 1, step_at_ms=now_ms + wait_ms, reason=ReasonCode.ESCALATED)
    if case.round < chain.repeat:
        quiet_ms = min(milliseconds(plan.quiet_first) << case.round, milliseconds(plan.quiet_most))
        return replace(case, step=0, round=case.round + 1, step_at_ms=now_ms + quiet_ms, reason=ReasonCode.REMINDER)
    return replace(case, step_at_ms=0)


def waiting(case: Case, plan: Plan, *, step: int, until_ms: int) -> Case:
    """The case with a step that waits until it can tell somebody; it is not over before that has come of it."""
    kept_until_ms = case.kept_until_ms or until_ms + milliseconds(plan.resolve_after)
    return replace(case, step=step, step_at_ms=until_ms, kept_until_ms=kept_until_ms)


def is_skipped(step: Step, case: Case, *, calendar: Calendar, now_ms: int) -> bool:
    """Whether a step's conditions keep it from telling anybody; its place in time stays."""
    return is_shut(step, calendar=calendar, now_ms=now_ms) or not _is_often(step, case, now_ms=now_ms)


def is_shut(step: Step, *, calendar: Calendar, now_ms: int) -> bool:
    """Whether it is outside of a step's hours."""
    return step.only_within is not None and not is_within(step.only_within, now_ms, calendar=calendar)


def next_opening(case: Case, chain: Chain, *, calendar: Calendar, now_ms: int) -> tuple[int, int] | None:
    """When which step of a chain may tell somebody that only its hours keep from it now."""
    opening = [
        (at_ms, number)
        for number, step in enumerate(chain.steps)
        if step.only_within is not None and is_shut(step, calendar=calendar, now_ms=now_ms)
        if _is_often(step, case, now_ms=now_ms)
        if (at_ms := opens_ms(step.only_within, now_ms, calendar=calendar)) is not None
    ]
    return min(opening, default=None)


def _is_often(step: Step, case: Case, *, now_ms: int) -> bool:
    """Whether there are as many alerts as a step asks for."""
    since_ms = None if step.of_last is None else now_ms - milliseconds(step.of_last)
    count = case.count if since_ms is None else sum(at_ms > since_ms for at_ms in case.lately_ms)
    return count >= step.only_from_count


def is_within(hours: Hours, at_ms: int, *, calendar: Calendar) -> bool:
    """Whether a moment falls into the hours."""
    local = calendar.local(at_ms)
    minute = local.hour * 60 + local.minute
    return _is_day_of(hours, local.date(), calendar) and hours.from_minute <= minute < hours.to_minute


def opens_ms(hours: Hours, at_ms: int, *, calendar: Calendar) -> int | None:
    """When the hours begin next after a moment; None where they do not for two months."""
    today = calendar.local(at_ms).date()
    for ahead in range(LOOK_AHEAD // DAY):
        day = today + ahead * DAY
        begins_ms = calendar.moment_ms(datetime.combine(day, time()) + timedelta(minutes=hours.from_minute))
        if begins_ms > at_ms and _is_day_of(hours, day, calendar):
            return begins_ms
    return None


def _is_day_of(hours: Hours, day: date, calendar: Calendar) -> bool:
    """Whether the hours hold on a date: a holiday counts as a Sunday, a make-up day as any day of the working week."""
    is_worked = calendar.is_worked(day)
    if is_worked is (day.weekday() in WORKING_WEEK):
        return day.weekday() in hours.weekdays
    return hours.weekdays >= WORKING_WEEK if is_worked else SUNDAY in hours.weekdays
