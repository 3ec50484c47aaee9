"""Working time equals what counting minute by minute gives, for any hours, zone and dates."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sla.calendar import CalendarSpec, WorkCalendar
from pipeline.sla.holidays import DayKind, china_day
from pipeline.times import MINUTE_MS

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "UTC")
STARTS = (  # near daylight saving, holidays, make-up days, leap day, the end of what is known
    date(2026, 2, 12), date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 9, 5), date(2026, 9, 29),
    date(2026, 10, 9), date(2026, 10, 31), date(2024, 2, 28), date(2026, 12, 30),
)  # fmt: skip


@st.composite
def hours(draw):
    """Some hours of a day, in order and apart."""
    marks = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(zip(marks[::2], marks[1::2], strict=False))


@st.composite
def specs(draw):
    """A calendar that is open at least an hour a week."""
    week = [draw(hours()) for _ in range(7)]
    week[draw(st.integers(0, 6))] = ((draw(st.integers(0, 600)), draw(st.integers(700, 1440))),)
    follows = draw(st.booleans())
    days = draw(st.dictionaries(st.sampled_from([day + timedelta(3) for day in STARTS]), hours(), max_size=2))
    return CalendarSpec(
        "any",
        draw(st.sampled_from(ZONES)),
        tuple(week),
        follows_china=follows,
        makeup_hours=draw(hours()) if follows else (),
        days=days,
    )


@lru_cache(maxsize=20_000)
def first_minute(zone: str, day: date, minute: int) -> int:
    """The first minute since the epoch at which the wall clock shows so much of a date, or later."""
    wanted = (day + timedelta(minute // 1440), minute % 1440)
    at = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")).timestamp()) // 60 + minute - 16 * 60
    while True:
        wall = datetime.fromtimestamp(at * 60, ZoneInfo(zone))
        if (wall.date(), wall.hour * 60 + wall.minute) >= wanted:
            return at
        at += 1


def open_minutes(spec: CalendarSpec, first: int, last: int) -> set[int]:
    """Every minute from first to last that is open."""
    found: set[int] = set()
    day = datetime.fromtimestamp(first * 60, ZoneInfo(spec.zone)).date() - timedelta(2)
    end = datetime.fromtimestamp(last * 60, ZoneInfo(spec.zone)).date() + timedelta(2)
    while day <= end:
        usual = spec.hours[day.weekday()]
        kind = china_day(day) if spec.follows_china else None
        if day in spec.days:
            usual = spec.days[day]
        elif kind is DayKind.HOLIDAY:
            usual = ()
        elif kind is DayKind.MAKE_UP:
            usual = usual or spec.makeup_hours
        for opens, closes in usual:
            found.update(range(first_minute(spec.zone, day, opens), first_minute(spec.zone, day, closes)))
        day += timedelta(1)
    return {minute for minute in found if first <= minute < last}


@settings(max_examples=60, deadline=None)
@given(spec=specs(), start=st.sampled_from(STARTS), offset=st.integers(0, 1440), length=st.integers(0, 5 * 1440))
def test_working_time_is_what_counting_minutes_gives(spec, start, offset, length):
    """Open time of a span, and the moment at which so much has passed, both agree with counting."""
    calendar = WorkCalendar(spec)
    first = int(datetime(start.year, start.month, start.day, tzinfo=ZoneInfo("UTC")).timestamp()) // 60 + offset
    minutes = sorted(open_minutes(spec, first, first + length))
    assert calendar.open_ms(first * MINUTE_MS, (first + length) * MINUTE_MS) == len(minutes) * MINUTE_MS
    for count in {1, len(minutes) // 2, len(minutes)} - {0}:
        if count <= len(minutes):
            assert calendar.after(first * MINUTE_MS, count * MINUTE_MS) == (minutes[count - 1] + 1) * MINUTE_MS
