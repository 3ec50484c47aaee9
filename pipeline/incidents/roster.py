"""Rosters: who is on call at a moment. Overrides come before swaps, swaps before the rotation; nobody's day off counts.

A roster has one shift or several, each with a rotation and a time zone of its own, so that offices around the world can
hand over to each other. A duty of a shift runs from its hand-over to the next one, or for as long as the shift lasts,
and belongs to the date on which it begins. On holidays, and on weekends that are not worked, another rotation may
hold, or nobody; a make-up day 调休 is a workday like others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipeline.sla.holidays import DayKind, china_day

DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns of so many days, beginning on a date. One person alone is a rotation too."""

    members: tuple[str, ...]
    starts_on: date
    turn_days: int = 7

    def on(self, day: date) -> str:
        """Who has the duty that begins on `day`; "" before the rotation starts."""
        if not self.members or day < self.starts_on:
            return ""
        return self.members[(day - self.starts_on).days // self.turn_days % len(self.members)]

    def after(self, person: str) -> tuple[str, ...]:
        """The others in the order in which they would stand in."""
        if person not in self.members:
            return self.members
        at = self.members.index(person)
        return self.members[at + 1 :] + self.members[:at]


@dataclass(frozen=True, slots=True)
class Override:
    """From one moment to another these people are on call, whoever else would be; nobody, if it is empty."""

    starts_at_ms: int
    ends_at_ms: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayOff:
    """Somebody is away on these dates, both included."""

    person: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Swap:
    """Two people take each other's duty on a date."""

    day: date
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty of each day: who has it, when it is handed over, and for how long it lasts."""

    weekday: Rotation
    holiday: Rotation | None = None  # on holidays and weekends; None: the same people as on workdays
    handover_minute: int = 9 * 60  # of the local day
    lasts: timedelta | None = None  # by the clock on the wall; None: until the next hand-over
    zone: ZoneInfo | None = None  # whose local time it is; None: the calendar's


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on call when. Where shifts overlap, everybody of them is."""

    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    days_off: tuple[DayOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which dates are worked, and how far local time is from UTC."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    utc_offset: timedelta = timedelta(hours=8)
    follows_china: bool = False  # public holidays and make-up days of China, where the two sets do not say otherwise

    def local(self, at_ms: int) -> datetime:
        """Local date and time of a moment, without a zone."""
        return datetime.fromtimestamp(at_ms / 1000, tz=UTC).replace(tzinfo=None) + self.utc_offset

    def moment_ms(self, local: datetime) -> int:
        """The moment of a local date and time."""
        return (local - self.utc_offset - datetime(1970, 1, 1)) // timedelta(milliseconds=1)  # noqa: DTZ001

    def is_worked(self, day: date) -> bool:
        """Monday to Friday but for holidays, and make-up days."""
        if day in self.workdays or day in self.holidays:
            return day in self.workdays
        kind = china_day(day) if self.follows_china else DayKind.ORDINARY
        return kind is DayKind.MAKE_UP or (day.weekday() < 5 and kind is not DayKind.HOLIDAY)


@dataclass(frozen=True, slots=True)
class Duty:
    """A stretch of time and who is on call in it; nobody: a gap."""

    starts_at_ms: int
    ends_at_ms: int
    people: tuple[str, ...] = field(default=())


def on_call(roster: Roster, at_ms: int, *, calendar: Calendar) -> tuple[str, ...]:
    """Who is on call at a moment."""
    for override in reversed(roster.overrides):  # the last one written wins
        if override.starts_at_ms <= at_ms < override.ends_at_ms:
            return override.people
    people = (_on_shift(shift, roster, at_ms, calendar) for shift in roster.shifts)
    return tuple(dict.fromkeys(person for person in people if person))


def next_duty_ms(roster: Roster, at_ms: int, *, calendar: Calendar) -> int | None:
    """When somebody is on call again after `at_ms`; None where nobody is for two months."""
    for duty in duties(roster, at_ms, at_ms + LOOK_AHEAD // timedelta(milliseconds=1), calendar=calendar):
        if duty.people:
            return max(duty.starts_at_ms, at_ms)
    return None


def duties(roster: Roster, from_ms: int, to_ms: int, *, calendar: Calendar) -> Iterator[Duty]:
    """The duties that cover a span, in order, neighbours of the same people joined; gaps are duties of nobody."""
    edges = {from_ms, to_ms}
    edges |= {edge for each in roster.overrides for edge in (each.starts_at_ms, each.ends_at_ms)}
    for shift in roster.shifts:
        day = _local(shift, from_ms, calendar).date() - DAY
        while (begins := _begins_ms(shift, day, calendar)) < to_ms:
            edges |= {begins, _ends_ms(shift, day, calendar)}
            day += DAY
    kept = sorted(edge for edge in edges if from_ms <= edge <= to_ms)
    current: Duty | None = None
    for start, end in pairwise(kept):
        people = on_call(roster, start, calendar=calendar)
        if current is not None and current.people == people:
            current = Duty(current.starts_at_ms, end, people)
            continue
        if current is not None:
            yield current
        current = Duty(start, end, people)
    if current is not None:
        yield current


def _on_shift(shift: Shift, roster: Roster, at_ms: int, calendar: Calendar) -> str:
    today = _local(shift, at_ms, calendar).date()
    for day in (today, today - DAY):
        if _begins_ms(shift, day, calendar) <= at_ms < _ends_ms(shift, day, calendar):
            return _on_day(shift, roster, day, calendar)
    return ""


def _local(shift: Shift, at_ms: int, calendar: Calendar) -> datetime:
    if shift.zone is None:
        return calendar.local(at_ms)
    return datetime.fromtimestamp(at_ms / 1000, tz=shift.zone).replace(tzinfo=None)


def _begins_ms(shift: Shift, day: date, calendar: Calendar, *, after: timedelta = timedelta(0)) -> int:
    """When the duty of a date begins, or so long after that by the clock on the wall."""
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=shift.handover_minute) + after
    return calendar.moment_ms(wall) if shift.zone is None else int(wall.replace(tzinfo=shift.zone).timestamp() * 1000)


def _ends_ms(shift: Shift, day: date, calendar: Calendar) -> int:
    return _begins_ms(shift, day, calendar, after=DAY if shift.lasts is None else shift.lasts)


def _on_day(shift: Shift, roster: Roster, day: date, calendar: Calendar) -> str:
    """Whose duty begins on a date, swaps and days off taken in."""
    rotation = shift.weekday if shift.holiday is None or calendar.is_worked(day) else shift.holiday
    person = rotation.on(day)
    for swap in roster.swaps:
        if swap.day == day and person in {swap.one, swap.other}:
            person = swap.other if person == swap.one else swap.one
    if not _is_off(roster, person, day):
        return person
    return next((each for each in rotation.after(person) if not _is_off(roster, each, day)), "")


def _is_off(roster: Roster, person: str, day: date) -> bool:
    return any(off.person == person and off.first <= day <= off.last for off in roster.days_off)
