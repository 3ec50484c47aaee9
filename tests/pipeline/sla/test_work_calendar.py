"""Working time on real dates: holiday weeks, make-up Saturdays, leap days, daylight saving, midnight."""

from datetime import date

import pytest

from pipeline.sla.calendar import CalendarSpec, WorkCalendar
from pipeline.sla.holidays import KNOWN_UNTIL
from tests.support.tickets import HOUR, MINUTE, at

WEEK = (((540, 720), (780, 1080)),) * 5 + ((), ())
CHINA = WorkCalendar(CalendarSpec("china", hours=WEEK, follows_china=True, makeup_hours=WEEK[0]))
ROUND_THE_CLOCK = WorkCalendar(CalendarSpec("always", hours=(((0, 1440),),) * 7))
NEW_YORK = WorkCalendar(CalendarSpec("ny", "America/New_York", (((0, 1440),),) * 7))
NIGHT = WorkCalendar(CalendarSpec("night", "America/New_York", (((60, 180),),) * 7))


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        pytest.param("2026-09-30 17:00", 60, "2026-09-30 18:00", id="the last hour before National Day"),
        pytest.param("2026-09-30 17:00", 61, "2026-10-08 09:01", id="the minute after it: a week later"),
        pytest.param("2026-10-09 17:30", 60, "2026-10-10 09:30", id="the Saturday after it is a make-up day"),
        pytest.param("2026-10-10 17:30", 60, "2026-10-12 09:30", id="the Sunday is none"),
        pytest.param("2026-02-13 17:00", 120, "2026-02-14 10:00", id="before Spring Festival a Saturday is worked"),
        pytest.param("2026-02-14 17:00", 120, "2026-02-24 10:00", id="Spring Festival: nine days"),
        pytest.param("2026-02-16 10:00", 480, "2026-02-24 18:00", id="opened on New Year's Eve"),
        pytest.param("2025-01-26 17:59", 2, "2025-01-27 09:01", id="a make-up Sunday, then a Monday"),
        pytest.param("2026-03-02 11:59", 2, "2026-03-02 13:01", id="lunch"),
        pytest.param("2026-03-06 18:00", 1, "2026-03-09 09:01", id="a weekend"),
        pytest.param("2026-03-02 03:00", 480, "2026-03-02 18:00", id="before opening, a whole day"),
        pytest.param("2024-02-28 18:00", 481, "2024-03-01 09:01", id="a leap day is a working day"),
    ],
)
def test_due_on_chinese_dates(start, minutes, due):
    """So much working time after a moment is the moment that the dates of the State Council make it."""
    assert CHINA.after(at(start), minutes * MINUTE) == at(due)
    assert CHINA.open_ms(at(start), at(due)) == minutes * MINUTE


def test_who_works_on_saturdays_anyway_keeps_those_hours_on_a_make_up_saturday():
    """A shop that is open from ten to four on every Saturday; the make-up hours are for whose Saturdays are free."""
    saturdays = (*WEEK[:5], ((600, 960),), ())
    shop = WorkCalendar(CalendarSpec("shop", hours=saturdays, follows_china=True, makeup_hours=WEEK[0]))
    assert shop.hours_of(date(2026, 10, 10)) == shop.hours_of(date(2026, 10, 17)) == ((600, 960),)
    assert shop.open_ms(at("2026-10-10 00:00"), at("2026-10-11 00:00")) == 6 * HOUR


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        pytest.param(NEW_YORK, "2026-03-08 00:00", "2026-03-09 00:00", 23, id="the day that loses an hour"),
        pytest.param(NEW_YORK, "2026-11-01 00:00", "2026-11-02 00:00", 25, id="the day that has one twice"),
        pytest.param(NIGHT, "2026-03-08 00:00", "2026-03-09 00:00", 1, id="01:00 to 03:00 without its second half"),
        pytest.param(NIGHT, "2026-11-01 00:00", "2026-11-02 00:00", 3, id="01:00 to 03:00 with its first half twice"),
    ],
)
def test_daylight_saving(calendar, start, end, hours):
    """Hours are read off the wall clock of the calendar's zone."""
    zone = calendar.spec.zone
    assert calendar.open_ms(at(start, zone), at(end, zone)) == hours * HOUR


def test_hours_that_begin_inside_the_gap_begin_at_its_end():
    """02:30 does not exist on that day; the clock that shows 03:00 shows that it is past."""
    calendar = WorkCalendar(CalendarSpec("gap", "America/New_York", (((150, 240),),) * 7))
    assert calendar.next_opening(at("2026-03-07 12:00", "America/New_York")) == at(
        "2026-03-08 03:00", "America/New_York"
    )


def test_midnight_closes_nothing():
    """Days that touch at midnight are one stretch."""
    assert ROUND_THE_CLOCK.after(at("2026-01-01 23:59"), 2 * MINUTE) == at("2026-01-02 00:01")
    assert ROUND_THE_CLOCK.after(at("2024-02-28 12:00"), 48 * HOUR) == at("2024-03-01 12:00")


def test_a_year_that_nobody_knows_is_estimated_and_says_so():
    """Beyond the announced years a weekday is taken for one, and the calendar says from when on."""
    last = at(f"{KNOWN_UNTIL} 12:00")
    assert CHINA.known_until == KNOWN_UNTIL
    assert not CHINA.is_estimated(last)
    assert CHINA.is_estimated(last + 24 * HOUR)
    assert CHINA.hours_of(date(KNOWN_UNTIL.year + 1, 10, 4)) == WEEK[date(KNOWN_UNTIL.year + 1, 10, 4).weekday()]
    assert ROUND_THE_CLOCK.known_until is None


def test_the_operator_knows_better():
    """A date of the override file counts before the country's, and extends how far holidays are known."""
    day, until = date(KNOWN_UNTIL.year + 1, 2, 5), date(KNOWN_UNTIL.year + 1, 12, 31)
    days = {day: (), date(2026, 10, 1): ((600, 660),)}
    calendar = WorkCalendar(CalendarSpec("ours", hours=WEEK, follows_china=True, days=days, known_until=until))
    assert calendar.hours_of(day) == ()
    assert calendar.hours_of(date(2026, 10, 1)) == ((600, 660),)
    assert calendar.hours_of(date(2026, 10, 2)) == ()
    assert calendar.known_until == until


def test_an_opening_is_that_of_another_day():
    """The next opening after a moment of a working day is the next working day's."""
    assert CHINA.next_opening(at("2026-09-30 08:00")) == at("2026-10-08 09:00")
