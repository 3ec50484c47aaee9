"""Rosters: every hard day by hand, and years in small steps against a reference that knows no shortcut."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.roster import (
    Calendar,
    DayOff,
    Override,
    Roster,
    Rotation,
    Shift,
    Swap,
    duties,
    next_duty_ms,
    on_call,
)

CALENDAR = Calendar(
    holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2)}), workdays=frozenset({date(2026, 10, 10)})
)
WEEK = Rotation(("a", "b", "c"), date(2026, 9, 28))  # a Monday
HOUR_MS = 3_600_000
SHANGHAI, BERLIN, LONDON, NEW_YORK = map(
    ZoneInfo, ("Asia/Shanghai", "Europe/Berlin", "Europe/London", "America/New_York")
)


def at(text: str) -> int:
    """A local moment, as `2026-10-01 09:00`."""
    return CALENDAR.moment_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("roster", "moment", "people"),
    [
        pytest.param(Roster((Shift(WEEK),)), "2026-09-28 09:00", ("a",), id="exactly at the first hand-over"),
        pytest.param(Roster((Shift(WEEK),)), "2026-09-28 08:59", (), id="a minute before the rotation begins"),
        pytest.param(Roster((Shift(WEEK),)), "2026-10-05 08:59", ("a",), id="a minute before the hand-over"),
        pytest.param(Roster((Shift(WEEK),)), "2026-10-05 09:00", ("b",), id="at the hand-over"),
        pytest.param(Roster((Shift(WEEK),)), "2026-10-19 09:00", ("a",), id="round again after three weeks"),
        pytest.param(
            Roster((Shift(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),)),
            "2026-10-01 12:00",
            ("h",),
            id="a holiday",
        ),
        pytest.param(
            Roster((Shift(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),)),
            "2026-10-04 12:00",
            ("h",),
            id="a Sunday",
        ),
        pytest.param(
            Roster((Shift(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),)),
            "2026-10-10 12:00",
            ("b",),
            id="a Saturday that is worked 调休",
        ),
        pytest.param(
            Roster((Shift(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),)),
            "2026-10-01 08:00",
            ("a",),
            id="the night into a holiday belongs to the day before",
        ),
        pytest.param(
            Roster((Shift(WEEK),), swaps=(Swap(date(2026, 9, 29), "a", "c"),)), "2026-09-29 12:00", ("c",), id="swapped"
        ),
        pytest.param(
            Roster((Shift(WEEK),), swaps=(Swap(date(2026, 9, 29), "b", "c"),)),
            "2026-09-29 12:00",
            ("a",),
            id="others swapped",
        ),
        pytest.param(
            Roster((Shift(WEEK),), days_off=(DayOff("a", date(2026, 9, 28), date(2026, 9, 30)),)),
            "2026-09-30 12:00",
            ("b",),
            id="away: the next one stands in",
        ),
        pytest.param(
            Roster(
                (Shift(WEEK),), days_off=tuple(DayOff(each, date(2026, 9, 28), date(2026, 9, 28)) for each in "abc")
            ),
            "2026-09-28 12:00",
            (),
            id="everybody is away",
        ),
        pytest.param(
            Roster(
                (Shift(WEEK),),
                overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ("x", "y")),),
                swaps=(Swap(date(2026, 9, 29), "a", "c"),),
            ),
            "2026-09-29 11:59",
            ("x", "y"),
            id="an override before a swap",
        ),
        pytest.param(
            Roster((Shift(WEEK),), overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ("x",)),)),
            "2026-09-29 12:00",
            ("a",),
            id="an override is over at its end",
        ),
    ],
)
def test_who_is_on_call(roster, moment, people):
    """Overrides before swaps before the rotation."""
    assert on_call(roster, at(moment), calendar=CALENDAR) == people


def test_the_next_duty_after_a_gap():
    """Nobody until the override ends; and None where nobody ever is."""
    gap = Roster((Shift(WEEK),), overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ()),))
    assert next_duty_ms(gap, at("2026-09-29 11:00"), calendar=CALENDAR) == at("2026-09-29 12:00")
    assert next_duty_ms(gap, at("2026-09-29 09:30"), calendar=CALENDAR) == at("2026-09-29 09:30")
    assert (
        next_duty_ms(Roster((Shift(Rotation((), date(2026, 1, 1))),)), at("2026-09-29 11:00"), calendar=CALENDAR)
        is None
    )


def of_each_day(shift: Shift, roster: Roster, until: date) -> dict[date, str]:
    """Whose duty begins on each date, by counting days one by one from the start of each rotation."""
    found: dict[date, str] = {}
    for rotation in (shift.weekday, shift.holiday):
        if rotation is None:
            continue
        queue, day, left = list(rotation.members), rotation.starts_on, rotation.turn_days
        while day <= until:
            is_free = day not in CALENDAR.workdays and (day.weekday() > 4 or day in CALENDAR.holidays)
            if queue and (shift.holiday is None or is_free is (rotation is shift.holiday)):
                found[day] = stands_in(queue, roster, day)
            day, left = day + timedelta(days=1), left - 1
            if left == 0:
                queue, left = [*queue[1:], *queue[:1]], rotation.turn_days
    return found


def stands_in(queue: list[str], roster: Roster, day: date) -> str:
    """Who of a queue takes a day, when swaps and days off are taken in; the first of it would."""
    order = queue
    for swap in roster.swaps:
        if swap.day == day and order[0] in {swap.one, swap.other}:
            other = swap.other if order[0] == swap.one else swap.one
            at_other = queue.index(other)
            order = queue[at_other:] + queue[:at_other]
    away = {off.person for off in roster.days_off if off.first <= day <= off.last}
    return next((each for each in order if each not in away), "")


class Reference:
    """Walks through time in small steps, looks at the clock on the wall of each shift, and knows no shortcut."""

    def __init__(self, roster: Roster, until: date) -> None:
        self.roster = roster
        self.days = [of_each_day(shift, roster, until) for shift in roster.shifts]
        self.begun: list[datetime | None] = [None] * len(roster.shifts)

    def at(self, moment_ms: int) -> set[str]:
        """Who is on call; moments come in order, at least one a day."""
        found: set[str] = set()
        for number, shift in enumerate(self.roster.shifts):
            moment = datetime.fromtimestamp(moment_ms / 1000, tz=shift.zone or SHANGHAI).replace(tzinfo=None)
            handover = moment.replace(hour=shift.handover_minute // 60, minute=shift.handover_minute % 60)
            self.begun[number] = handover if handover <= moment else handover - timedelta(days=1)
            if moment - self.begun[number] < (shift.lasts or timedelta(days=1)):
                found.add(self.days[number].get(self.begun[number].date(), ""))
        for override in self.roster.overrides:
            if override.starts_at_ms <= moment_ms < override.ends_at_ms:
                found = set(override.people)
        return found - {""}


days = st.dates(date(2026, 9, 1), date(2026, 11, 30))
members = st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True).map(tuple)


@st.composite
def rosters(draw):
    """Rosters with everything in them."""
    people = draw(members)
    person = st.sampled_from(people)

    def override(day: date, hours: int, who: list[str]) -> Override:
        start = CALENDAR.moment_ms(datetime.combine(day, datetime.min.time()))
        return Override(start, start + hours * HOUR_MS, tuple(who))

    def day_off(who: str, first: date, more: int) -> DayOff:
        return DayOff(who, first, first + timedelta(days=more))

    def shift(draw_of) -> Shift:
        return Shift(
            weekday=Rotation(people, draw_of(days), draw_of(st.integers(1, 9))),
            holiday=draw_of(st.none() | st.builds(Rotation, st.just(people) | st.just(()), days, st.just(1))),
            handover_minute=draw_of(st.sampled_from([0, 9 * 60, 17 * 60 + 30])),
            lasts=draw_of(st.none() | st.sampled_from([timedelta(hours=8), timedelta(hours=12)])),
            zone=draw_of(st.none() | st.just(BERLIN)),
        )

    overrides = st.builds(override, days, st.integers(1, 60), st.lists(person, max_size=2))
    return Roster(
        shifts=tuple(shift(draw) for _ in range(draw(st.integers(1, 3)))),
        overrides=tuple(draw(st.lists(overrides, max_size=3))),
        swaps=tuple(draw(st.lists(st.builds(Swap, days, person, person), max_size=4))),
        days_off=tuple(draw(st.lists(st.builds(day_off, person, days, st.integers(0, 20)), max_size=3))),
    )


@settings(max_examples=25, deadline=None)
@given(rosters(), st.sampled_from([25, 47, 301]))
def test_small_steps_agree_with_a_reference(roster, step_minutes):
    """Through two years and their days of summer time, in steps that fit no hour; and the three busy months finer."""
    first, until = datetime(2025, 12, 1), datetime(2027, 12, 1)  # noqa: DTZ001  (local time is meant)
    reference = Reference(roster, until.date())
    moment_ms, busy, end_ms = (CALENDAR.moment_ms(each) for each in (first, datetime(2026, 9, 1), until))  # noqa: DTZ001
    while moment_ms < end_ms:
        assert set(on_call(roster, moment_ms, calendar=CALENDAR)) == reference.at(moment_ms)
        is_busy = busy <= moment_ms < busy + 90 * 24 * HOUR_MS
        moment_ms += (step_minutes if is_busy else 11 * 60 + 7) * 60_000


@settings(max_examples=40, deadline=None)
@given(rosters(), days)
def test_duties_cover_every_moment_once(roster, first):
    """No gap between duties, no overlap, and each says who is on call in it, from its first to its last moment."""
    start = CALENDAR.moment_ms(datetime.combine(first, datetime.min.time()))
    end = start + 30 * 24 * HOUR_MS
    at_ms = start
    for duty in duties(roster, start, end, calendar=CALENDAR):
        assert duty.starts_at_ms == at_ms < duty.ends_at_ms
        for moment in (duty.starts_at_ms, duty.ends_at_ms - 1):
            assert on_call(roster, moment, calendar=CALENDAR) == duty.people
        at_ms = duty.ends_at_ms
    assert at_ms == end


def test_ten_years_of_weekly_turns_are_fair():
    """Everybody has the same number of days, but for the last round."""
    moment = datetime.fromisoformat("2026-09-28 12:00")
    counts = dict.fromkeys("abc", 0)
    for number in range(3 * 7 * 174):
        (person,) = on_call(
            Roster((Shift(WEEK),)), CALENDAR.moment_ms(moment + timedelta(days=number)), calendar=CALENDAR
        )
        counts[person] += 1
    assert len(set(counts.values())) == 1


EARLY = Shift(Rotation(("a",), date(2026, 1, 1)), handover_minute=8 * 60, lasts=timedelta(hours=12))
LATE = Shift(Rotation(("b",), date(2026, 1, 1)), handover_minute=20 * 60, lasts=timedelta(hours=12))
OFFICE = Shift(Rotation(("a", "b"), date(2026, 1, 5)), holiday=Rotation((), date(2026, 1, 5)), lasts=timedelta(hours=9))
SUN = tuple(
    Shift(Rotation((person,), date(2026, 1, 1)), handover_minute=hour * 60, lasts=timedelta(hours=8), zone=zone)
    for person, hour, zone in (("east", 9, SHANGHAI), ("middle", 9, LONDON), ("west", 12, NEW_YORK))
)


@pytest.mark.parametrize(
    ("shifts", "moment", "people"),
    [
        pytest.param((EARLY, LATE), "2026-09-28 07:59", ("b",), id="the night runs into the morning"),
        pytest.param((EARLY, LATE), "2026-09-28 08:00", ("a",), id="handed over in the morning"),
        pytest.param((EARLY, LATE), "2026-09-28 19:59", ("a",), id="the last minute of the day"),
        pytest.param((EARLY, LATE), "2026-09-28 20:00", ("b",), id="handed over in the evening"),
        pytest.param((OFFICE,), "2026-09-28 17:59", ("a",), id="the last minute of an office"),
        pytest.param((OFFICE,), "2026-09-28 18:00", (), id="an office is closed"),
        pytest.param((OFFICE,), "2026-09-27 12:00", (), id="an office on a Sunday"),
        pytest.param((OFFICE,), "2026-10-10 12:00", ("b",), id="an office on a Saturday that is worked 调休"),
        pytest.param((EARLY, OFFICE), "2026-10-05 12:00", ("a", "b"), id="two shifts at once"),
        pytest.param(SUN, "2026-07-01 12:00", ("east",), id="follow the sun: noon in Shanghai"),
        pytest.param(SUN, "2026-07-01 16:30", ("east", "middle"), id="London begins an hour earlier in summer"),
        pytest.param(SUN, "2026-12-01 16:30", ("east",), id="London begins an hour later in winter"),
        pytest.param(SUN, "2026-12-02 01:30", ("west",), id="noon in New York"),
    ],
)
def test_shifts(shifts, moment, people):
    """A day has several duties, in one place or around the world."""
    assert on_call(Roster(shifts), at(moment), calendar=CALENDAR) == people


def test_a_chain_waits_for_the_next_shift():
    """From Friday's end to Monday's beginning."""
    office = Roster((OFFICE,))
    assert next_duty_ms(office, at("2026-09-25 18:00"), calendar=CALENDAR) == at("2026-09-28 09:00")


def test_shifts_are_swapped_by_the_day():
    """Two people of two shifts take each other's duty of one date, the night to its end in the morning."""
    swapped = Roster((EARLY, LATE), swaps=(Swap(date(2026, 9, 28), "a", "b"),))
    hours = ("2026-09-28 07:00", "2026-09-28 12:00", "2026-09-29 07:00", "2026-09-29 12:00")
    assert [on_call(swapped, at(each), calendar=CALENDAR) for each in hours] == [("b",), ("b",), ("a",), ("a",)]
