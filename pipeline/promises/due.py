"""When a promise is due: the words of it, the moment they were said, and the calendar of whoever gave it.

Days are counted as the Civil Code counts them (民法典 §201, §203): the day of the words is not one of them, and the
last one ends at midnight, or where work is meant, with its working hours.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.sla.calendar import WorkCalendar
from pipeline.times import MINUTE_MS
from schemas.promises import Until, When

_DAY_MINUTES = 24 * 60
_CLOSING_MINUTE = 18 * 60  # of a day on which nobody works
_HALF_DAY_MS = 12 * 60 * MINUTE_MS


def due_at_ms(when: When, *, said_at_ms: int, calendar: WorkCalendar, vague_for_ms: int) -> int:
    """The moment until which a promise is to be kept; always after its words."""
    if when.measure is Until.VAGUE:
        return said_at_ms + vague_for_ms
    if when.measure is Until.MINUTES:
        return said_at_ms + when.count * MINUTE_MS
    if when.measure is Until.WORKING_MINUTES:
        return calendar.after(said_at_ms, when.count * MINUTE_MS)
    zone = ZoneInfo(calendar.spec.zone)
    said_on = datetime.fromtimestamp(said_at_ms // 1000, zone).date()
    if when.measure is Until.WORKING_DAYS:
        return _end_of_work(_working_day(said_on, when.count, calendar), calendar, zone)
    day = _day(when, said_on)
    due_ms = _moment(day, when, calendar, zone)
    if due_ms <= said_at_ms and when.is_half_day_open:
        due_ms += _HALF_DAY_MS
    while due_ms <= said_at_ms:  # 上午 said in the afternoon, 周三 on a Thursday
        day = _later(day, when)
        due_ms = _moment(day, when, calendar, zone)
    return due_ms


def _working_day(said_on: date, count: int, calendar: WorkCalendar) -> date:
    day = said_on
    for _ in range(count):
        day += timedelta(days=1)
        while not calendar.hours_of(day):
            day += timedelta(days=1)
    return day


def _day(when: When, said_on: date) -> date:
    """The date that is meant."""
    count = when.count
    match when.measure:
        case Until.WEEKDAY:
            return said_on + timedelta(days=count - 1 - said_on.weekday())
        case Until.NEXT_WEEKDAY:
            return said_on + timedelta(days=(count - 1 - said_on.weekday()) % 7)
        case Until.MONTHDAY:
            months, day = divmod(count, 100)
            first = _first_of_month(said_on, months)
            return first.replace(day=min(day, _last_day(first)))
        case Until.DATE:
            month, day = divmod(count, 100)
            first = said_on.replace(month=month, day=1)
            return first.replace(day=min(day, _last_day(first)))
        case Until.MONTH_END:
            first = _first_of_month(said_on, count)
            return first.replace(day=_last_day(first))
        case _:
            return said_on + timedelta(days=count)


def _later(day: date, when: When) -> date:
    """The next date that the words may mean, where the first has passed."""
    match when.measure:
        case Until.WEEKDAY | Until.NEXT_WEEKDAY:
            return day + timedelta(days=7)
        case Until.MONTHDAY:
            first = _first_of_month(day, 1)
            return first.replace(day=min(when.count % 100, _last_day(first)))
        case Until.DATE:
            first = date(day.year + 1, day.month, 1)
            return first.replace(day=min(when.count % 100, _last_day(first)))
        case _:
            return day + timedelta(days=1)


def _moment(day: date, when: When, calendar: WorkCalendar, zone: ZoneInfo) -> int:
    if when.is_closing:
        return _end_of_work(day, calendar, zone)
    return _at(day, _DAY_MINUTES if when.minute is None else when.minute, zone)


def _end_of_work(day: date, calendar: WorkCalendar, zone: ZoneInfo) -> int:
    hours = calendar.hours_of(day)
    return _at(day, hours[-1][1] if hours else _CLOSING_MINUTE, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> int:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)  # wall clock, not elapsed
    return int(wall.timestamp()) * 1000


def _first_of_month(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _last_day(first: date) -> int:
    return (_first_of_month(first, 1) - timedelta(days=1)).day
