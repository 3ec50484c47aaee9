"""At which instant who is told how far a clock has come. Instants are exact; a tick only shows that one has passed."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.sla.clock import Clock, Phase, elapsed_at
from pipeline.sla.policy import BREACH, Audience, Goal, Point
from pipeline.times import DAY_MS, MINUTE_MS
from schemas.tickets import Priority

_DAILY = "day"
_REMINDED = (Audience.HANDLER, Audience.ADMINISTRATOR)
_LINGERS_MS = 60 * MINUTE_MS  # after closing: what is due at closing is told a tick later, or when a worker is back

Told = Mapping[str, int]  # `first_response:0.75` -> the instant it was about, once it has been told


class Notice(NamedTuple):
    """Somebody is to be told about one clock."""

    clock: Clock
    key: str  # `0.75`, `1` for the breach, `day` for a daily reminder after it
    at_ms: int  # the instant that it is about
    audience: tuple[Audience, ...]
    is_breach: bool  # the target is used up
    passed: tuple[str, ...]  # the keys of all points that this one notice is about, its own the last


def told_key(clock: Clock, key: str) -> str:
    """What a notice is remembered by."""
    return f"{clock.id}:{key}"


def next_instant(clock: Clock, goal: Goal, told: Told) -> int | None:
    """When there is something to tell next about a clock that runs; None where nothing is left, or it stands still."""
    if clock.phase is not Phase.RUNNING:
        return None
    for point in _untold(clock, goal, told):
        return _instant(clock, goal, point)
    return _next_day(clock, goal, told)


def untold_breach(clock: Clock, goal: Goal | None, told: Told) -> Notice | None:
    """That a clock that stands still was too late before it did, where no tick came in between to tell it."""
    if clock.phase is Phase.RUNNING or clock.breached_at_ms is None or told_key(clock, BREACH.key) in told:
        return None
    told_of = goal.points(clock.target_ms) if goal else ()
    audience = next((point.audience for point in told_of if point.key == BREACH.key), BREACH.audience)
    return Notice(clock, BREACH.key, clock.breached_at_ms, audience, is_breach=True, passed=(BREACH.key,))


def due_notice(clock: Clock, goal: Goal, told: Told, *, now_ms: int) -> tuple[Notice | None, dict[str, int]]:
    """What is to be told at `now_ms` of a clock that runs, and all that counts as told from then on.

    Of several instants that have passed only the last is told, to all who were to hear of any: who was away for an
    hour wants to know where things stand.
    """
    notice: Notice | None = None
    noted: dict[str, int] = {}
    for point in _untold(clock, goal, told):
        at_ms = _instant(clock, goal, point)
        if at_ms > now_ms:
            return notice, noted
        noted[told_key(clock, point.key)] = at_ms
        is_breach = point.elapsed_ms >= clock.target_ms
        notice = _after(notice, Notice(clock, point.key, at_ms, point.audience, is_breach, passed=point.keys))
    known = dict(told) | noted
    day_ms = _next_day(clock, goal, known)
    while day_ms is not None and day_ms <= now_ms:
        known[told_key(clock, _DAILY)] = noted[told_key(clock, _DAILY)] = day_ms
        daily = Notice(clock, _DAILY, day_ms, _REMINDED, is_breach=True, passed=(_DAILY,))
        notice = _after(notice, daily)
        day_ms = _next_day(clock, goal, known)
    return notice, noted


def ahead_again(clock: Clock, goal: Goal, told: Told, *, at_ms: int) -> dict[str, int]:
    """What was told of a clock whose target was raised at a moment, and lies ahead once more.

    Three quarters of an hour are no three quarters of a day. What was late stays late, and was told.
    """
    elapsed_ms = elapsed_at(clock, goal, max(at_ms, clock.since_ms))
    is_late = clock.breached_at_ms is not None
    ahead = [
        point.key
        for point in goal.points(clock.target_ms)
        if point.elapsed_ms > elapsed_ms and not (is_late and point.elapsed_ms <= clock.target_ms)
    ]
    keys = [told_key(clock, key) for key in ([*ahead, _DAILY] if ahead else ())]
    return {key: told[key] for key in keys if key in told}


def held_until(goal: Goal, priority: Priority, *, now_ms: int) -> int | None:
    """When the goal's hours begin again, where it is too late to tell anybody now; None where it is not.

    A clock comes to its points while its calendar is open. But a priority that is raised at night, or a worker that
    was away, must wake nobody for office hours (zammad/zammad#4432); what is urgent may.
    """
    if priority is Priority.URGENT or goal.calendar.open_ms(now_ms - _LINGERS_MS, now_ms + 1):
        return None
    return goal.calendar.after(now_ms, 1) - 1


def _after(earlier: Notice | None, notice: Notice) -> Notice:
    """A notice that stands for an earlier one as well."""
    if earlier is None:
        return notice
    audience = tuple(dict.fromkeys((*earlier.audience, *notice.audience)))
    return notice._replace(audience=audience, passed=tuple(dict.fromkeys((*earlier.passed, *notice.passed))))


def _untold(clock: Clock, goal: Goal, told: Told) -> Iterator[Point]:
    """The points that are still to be told, in order; of a clock that is late already not what comes before."""
    is_late = clock.breached_at_ms is not None
    for point in goal.points(clock.target_ms):
        if told_key(clock, point.key) not in told and not (is_late and point.elapsed_ms < clock.target_ms):
            yield point


def _instant(clock: Clock, goal: Goal, point: Point) -> int:
    """When a running clock comes to a point; the beginning of its span where it came there before."""
    if point.key == BREACH.key and clock.breached_at_ms is not None:
        return clock.breached_at_ms
    return goal.calendar.after(clock.since_ms, point.elapsed_ms - clock.elapsed_ms)


def _next_day(clock: Clock, goal: Goal, told: Told) -> int | None:
    """The next daily reminder: when the first working day after the last thing told opens."""
    first = told.get(told_key(clock, goal.points(clock.target_ms)[-1].key))
    if first is None or not goal.remind_days:
        return None
    at_ms = goal.calendar.next_opening(told.get(told_key(clock, _DAILY), first))
    return at_ms if at_ms <= first + goal.remind_days * DAY_MS else None
