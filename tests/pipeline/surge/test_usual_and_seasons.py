"""Kinds of days, seasons, and what is learnt of them."""

from datetime import date

import pytest

from bench.storms import monday_ms
from pipeline.surge.seasons import DayClass, Hour, day_class, factor_of, hour_of
from pipeline.surge.usual import LEARNT_AFTER, expect, learn

NINE = Hour(DayClass.WORKDAY, 9, 1.0)
SUNDAY_NINE = Hour(DayClass.WEEKEND, 9, 1.0)


@pytest.mark.parametrize(
    ("day", "kind", "factor"),
    [
        pytest.param(date(2026, 3, 9), DayClass.WORKDAY, 1.0, id="the day before the season"),
        pytest.param(date(2026, 3, 10), DayClass.WORKDAY, 2.0, id="the first day of 315"),
        pytest.param(date(2026, 3, 15), DayClass.WEEKEND, 2.0, id="315 itself"),
        pytest.param(date(2026, 3, 17), DayClass.WORKDAY, 2.0, id="the last day of 315"),
        pytest.param(date(2026, 3, 18), DayClass.WORKDAY, 1.0, id="the day after"),
        pytest.param(date(2026, 5, 31), DayClass.WEEKEND, 1.0, id="the day before 618"),
        pytest.param(date(2026, 6, 1), DayClass.WORKDAY, 1.5, id="the first day of 618"),
        pytest.param(date(2026, 6, 18), DayClass.WORKDAY, 1.5, id="618"),
        pytest.param(date(2026, 6, 20), DayClass.HOLIDAY, 1.5, id="the last day of 618, which is dragon boat"),
        pytest.param(date(2026, 6, 21), DayClass.HOLIDAY, 1.0, id="the day after 618"),
        pytest.param(date(2026, 10, 31), DayClass.WEEKEND, 1.0, id="the day before 双11"),
        pytest.param(date(2026, 11, 1), DayClass.WEEKEND, 2.0, id="the first day of 双11"),
        pytest.param(date(2026, 11, 11), DayClass.WORKDAY, 2.0, id="双11"),
        pytest.param(date(2026, 11, 15), DayClass.WEEKEND, 2.0, id="the last day of 双11"),
        pytest.param(date(2026, 11, 16), DayClass.WORKDAY, 1.0, id="the day after 双11"),
        pytest.param(date(2026, 2, 17), DayClass.HOLIDAY, 0.6, id="spring festival"),
        pytest.param(date(2026, 2, 14), DayClass.WORKDAY, 1.0, id="a Saturday on which people work"),
        pytest.param(date(2026, 10, 1), DayClass.HOLIDAY, 1.0, id="national day"),
        pytest.param(date(2099, 5, 2), DayClass.WEEKEND, 1.0, id="a year that nobody has announced"),
    ],
)
def test_days(day, kind, factor):
    """By the calendar of the country, the days of make-up work among them."""
    assert (day_class(day), factor_of(day)) == (kind, factor)


def test_hours_are_those_of_shanghai():
    """Midnight there is another day in UTC."""
    assert hour_of(monday_ms(2026, 4, 13, 0)) == Hour(DayClass.WORKDAY, 0, 1.0)
    assert hour_of(monday_ms(2026, 4, 12, 23)) == Hour(DayClass.WEEKEND, 23, 1.0)


def learnt(hour, *counts, is_surge=False, cells=None):
    """Cells after some hours."""
    for count in counts:
        cells = learn(cells or {}, hour, count, is_surge=is_surge)
    return cells


def test_nothing_is_expected_before_enough_was_seen():
    """Three hours are none; four are."""
    cells = learnt(NINE, *[10] * (LEARNT_AFTER - 1))
    assert expect(cells, [(NINE, 1.0)]) is None
    assert expect(learnt(NINE, 10, cells=cells), [(NINE, 1.0)]).complaints == pytest.approx(10)


def test_an_unseen_class_leans_on_the_same_hour_of_other_days():
    """The first Sunday is compared with workdays; after some Sundays with Sundays."""
    cells = learnt(NINE, *[10] * 20)
    assert expect(cells, [(SUNDAY_NINE, 1.0)]).complaints == pytest.approx(10)
    cells = learnt(SUNDAY_NINE, *[2] * 20, cells=cells)
    assert expect(cells, [(SUNDAY_NINE, 1.0)]).complaints == pytest.approx((20 * 2 + 5 * 6) / 25)


def test_a_span_adds_up_its_hours():
    """A quarter of one hour and three of another, each with its season."""
    ten = Hour(DayClass.WORKDAY, 10, 2.0)
    cells = learnt(ten, *[40] * 4, cells=learnt(NINE, *[8] * 4))
    assert expect(cells, [(NINE, 0.25), (ten, 0.75)]).complaints == pytest.approx(0.25 * 8 + 0.75 * 40)


def test_an_hour_of_a_surge_teaches_little():
    """Else the second day of a storm would be usual."""
    cells = learnt(NINE, *[10] * 10)
    calm = learnt(NINE, 110, cells=cells)["workday/9"].mean
    stormy = learnt(NINE, 110, is_surge=True, cells=cells)["workday/9"].mean
    assert (calm, stormy) == (pytest.approx(30), pytest.approx(15))
