"""Rosters: every hard day by hand, and years in small steps against a reference that knows no shortcut."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.roster import (
    Calendar,
    DayOff,
    Override,
    Roster,
    Rotation,
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


def at(text: str) -> int:
    """A local moment, as `2026-10-01 09:00`."""
    return CALENDAR.moment_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("roster", "moment", "people"),
    [
        pytest.param(Roster(WEEK), "2026-09-28 09:00", ("a",), id="exactly at the first hand-over"),
        pytest.param(Roster(WEEK), "2026-09-28 08:59", (), id="a minute before the rotation begins"),
        pytest.param(Roster(WEEK), "2026-10-05 08:59", ("a",), id="a minute before the hand-over"),
        pytest.param(Roster(WEEK), "2026-10-05 09:00", ("b",), id="at the hand-over"),
        pytest.param(Roster(WEEK), "2026-10-19 09:00", ("a",), id="round again after three weeks"),
        pytest.param(
            Roster(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)), "2026-10-01 12:00", ("h",), id="a holiday"
        ),
        pytest.param(
            Roster(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)), "2026-10-04 12:00", ("h",), id="a Sunday"
        ),
        pytest.param(
            Roster(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),
            "2026-10-10 12:00",
            ("b",),
            id="a Saturday that is worked 调休",
        ),
        pytest.param(
            Roster(WEEK, holiday=Rotation(("h",), date(2026, 1, 1), 1)),
            "2026-10-01 08:00",
            ("a",),
            id="the night into a holiday belongs to the day before",
        ),
        pytest.param(
            Roster(WEEK, swaps=(Swap(date(2026, 9, 29), "a", "c"),)), "2026-09-29 12:00", ("c",), id="swapped"
        ),
        pytest.param(
            Roster(WEEK, swaps=(Swap(date(2026, 9, 29), "b", "c"),)), "2026-09-29 12:00", ("a",), id="others swapped"
        ),
        pytest.param(
            Roster(WEEK, days_off=(DayOff("a", date(2026, 9, 28), date(2026, 9, 30)),)),
            "2026-09-30 12:00",
            ("b",),
            id="away: the next one stands in",
        ),
        pytest.param(
            Roster(WEEK, days_off=tuple(DayOff(each, date(2026, 9, 28), date(2026, 9, 28)) for each in "abc")),
            "2026-09-28 12:00",
            (),
            id="everybody is away",
        ),
        pytest.param(
            Roster(
                WEEK,
                overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ("x", "y")),),
                swaps=(Swap(date(2026, 9, 29), "a", "c"),),
            ),
            "2026-09-29 11:59",
            ("x", "y"),
            id="an override before a swap",
        ),
        pytest.param(
            Roster(WEEK, overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ("x",)),)),
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
    gap = Roster(WEEK, overrides=(Override(at("2026-09-29 10:00"), at("2026-09-29 12:00"), ()),))
    assert next_duty_ms(gap, at("2026-09-29 11:00"), calendar=CALENDAR) == at("2026-09-29 12:00")
    assert next_duty_ms(gap, at("2026-09-29 09:30"), calendar=CALENDAR) == at("2026-09-29 09:30")
    assert next_duty_ms(Roster(Rotation((), date(2026, 1, 1))), at("2026-09-29 11:00"), calendar=CALENDAR) is None


def reference(roster: Roster, moment: datetime) -> tuple[str, ...]:
    """Who is on call, by counting days one by one from the start of the rotation."""
    moment_ms = CALENDAR.moment_ms(moment)
    found = None
    for override in roster.overrides:
        if override.starts_at_ms <= moment_ms < override.ends_at_ms:
            found = override.people
    if found is not None:
        return found
    begins = (moment - timedelta(minutes=roster.handover_minute)).date()
    is_free = begins not in CALENDAR.workdays and (begins.weekday() > 4 or begins in CALENDAR.holidays)
    rotation = roster.holiday if roster.holiday is not None and is_free else roster.weekday
    if begins < rotation.starts_on:
        return ()
    queue, day, left = list(rotation.members), rotation.starts_on, rotation.turn_days
    while day < begins:
        day, left = day + timedelta(days=1), left - 1
        if left == 0:
            queue, left = [*queue[1:], queue[0]], rotation.turn_days
    order = list(queue)
    for swap in roster.swaps:
        if swap.day == begins and order[0] in {swap.one, swap.other}:
            other = swap.other if order[0] == swap.one else swap.one
            at_other = queue.index(other)
            order = queue[at_other:] + queue[:at_other]
    away = {off.person for off in roster.days_off if off.first <= begins <= off.last}
    free = [each for each in order if each not in away]
    return (free[0],) if free else ()


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

    overrides = st.builds(override, days, st.integers(1, 60), st.lists(person, max_size=2))
    return Roster(
        weekday=Rotation(people, draw(days), draw(st.integers(1, 9))),
        holiday=draw(st.none() | st.builds(Rotation, st.just(people), days, st.just(1))),
        handover_minute=draw(st.sampled_from([0, 9 * 60, 17 * 60 + 30])),
        overrides=tuple(draw(st.lists(overrides, max_size=3))),
        swaps=tuple(draw(st.lists(st.builds(Swap, days, person, person), max_size=4))),
        days_off=tuple(draw(st.lists(st.builds(day_off, person, days, st.integers(0, 20)), max_size=3))),
    )


@settings(max_examples=60)
@given(rosters(), days)
def test_small_steps_agree_with_a_reference(roster, first):
    """Every hour of three weeks."""
    moment = datetime.combine(first, datetime.min.time())
    for _ in range(21 * 24):
        assert on_call(roster, CALENDAR.moment_ms(moment), calendar=CALENDAR) == reference(roster, moment)
        moment += timedelta(hours=1)


@settings(max_examples=60)
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
        (person,) = on_call(Roster(WEEK), CALENDAR.moment_ms(moment + timedelta(days=number)), calendar=CALENDAR)
        counts[person] += 1
    assert len(set(counts.values())) == 1
