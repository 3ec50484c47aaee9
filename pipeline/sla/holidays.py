"""What kind of day a date is in China: public holidays and make-up working days (调休), and until when that is known.

The dates come from a maintained library, which knows a year only after the State Council has announced it. For a year
that it does not know the answer is None, never a guess; whoever asks falls back to the day of the week and says so.
"""

from datetime import date
from enum import StrEnum

from chinese_calendar.constants import holidays, workdays


class DayKind(StrEnum):
    """What a date is, where that is more than its day of the week."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"  # a weekend day on which people work in return for a holiday


_FIRST = date(min(holidays).year, 1, 1)
KNOWN_UNTIL = date(max(holidays).year, 12, 31)


def china_day(day: date) -> DayKind | None:
    """The kind of a date; None where the library does not know its year."""
    if not _FIRST <= day <= KNOWN_UNTIL:
        return None
    if day in workdays:
        return DayKind.MAKE_UP
    return DayKind.HOLIDAY if day in holidays else DayKind.ORDINARY
