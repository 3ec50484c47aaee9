"""Days that are not like others: the kind of a day, and the weeks of the year that bring more or fewer complaints."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from chinese_calendar.constants import Holiday, holidays

from pipeline.sla.holidays import DayKind, china_day
from pipeline.times import in_china


class DayClass(StrEnum):
    """Which days are alike. A make-up day is a workday."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Season(NamedTuple):
    """Some days of every year, and how many times the usual they bring (`domain.md` 12.4)."""

    name: str
    first: tuple[int, int]  # month and day
    last: tuple[int, int]
    factor: float


SEASONS = (
    Season("315", (3, 10), (3, 17), 2.0),  # consumer rights day
    Season("618", (6, 1), (6, 20), 1.5),
    Season("双11", (11, 1), (11, 15), 2.0),
)
SPRING_FESTIVAL_FACTOR = 0.6
_SATURDAY = 5


class Hour(NamedTuple):
    """Which hour of which kind of day it is, and what the season makes of it."""

    day: DayClass
    hour: int
    factor: float


def hour_of(at_ms: int) -> Hour:
    """The hour that a moment falls into, on the wall clock of Shanghai."""
    there = in_china(at_ms)
    day = there.date()
    return Hour(day_class(day), there.hour, factor_of(day))


def day_class(day: date) -> DayClass:
    """The class of a date; a year that nobody has announced yet goes by its weekdays."""
    kind = china_day(day)
    if kind is DayKind.HOLIDAY:
        return DayClass.HOLIDAY
    if kind is DayKind.MAKE_UP or day.weekday() < _SATURDAY:
        return DayClass.WORKDAY
    return DayClass.WEEKEND


def factor_of(day: date) -> float:
    """How many times the usual a date brings."""
    factor = SPRING_FESTIVAL_FACTOR if holidays.get(day) == Holiday.spring_festival.value else 1.0
    for season in SEASONS:
        if season.first <= (day.month, day.day) <= season.last:
            factor *= season.factor
    return factor
