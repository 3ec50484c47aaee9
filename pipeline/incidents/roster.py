"""Rosters: who is on call at a moment. Overrides come before swaps, swaps before the rotation; nobody's day off counts.

A duty runs from hand-over to hand-over in local time; a duty of a day belongs to the date on which it begins. On
holidays, and on weekends that are not worked, another rotation may hold; a make-up day 调休 is a workday like others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

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
class Roster:
    """Who is on call when."""

    weekday: Rotation
    holiday: Rotation | None = None  # on holidays and weekends; None: the same people as on workdays
    handover_minute: int = 9 * 60  # of the local day
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
    local = calendar.local(at_ms)
    begins = local.date() if local.hour * 60 + local.minute >= roster.handover_minute else local.date() - DAY
    person = _on_day(roster, begins, calendar)
    return (person,) if person else ()


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
    midnight = datetime.combine(calendar.local(from_ms).date(), datetime.min.time())
    day = midnight + timedelta(minutes=roster.handover_minute)
    while (edge := calendar.moment_ms(day)) < to_ms:
        edges.add(edge)
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


def _on_day(roster: Roster, day: date, calendar: Calendar) -> str:
    """Whose duty begins on a date, swaps and days off taken in."""
    rotation = roster.weekday if roster.holiday is None or calendar.is_worked(day) else roster.holiday
    person = rotation.on(day)
    for swap in roster.swaps:
        if swap.day == day and person in {swap.one, swap.other}:
            person = swap.other if person == swap.one else swap.one
    if not _is_off(roster, person, day):
        return person
    return next((each for each in rotation.after(person) if not _is_off(roster, each, day)), "")


def _is_off(roster: Roster, person: str, day: date) -> bool:
    return any(off.person == person and off.first <= day <= off.last for off in roster.days_off)
