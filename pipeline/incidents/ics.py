"""Duties as a calendar file (RFC 5545), out and in: what other calendars show, and overrides that others plan.

Out: one event for each duty, in UTC, under an id that stays the same, so that a calendar that reads again updates it.
In: each event that is not called off becomes an override; who has the duty stands in `X-TOCSIN-PEOPLE`, else in its
summary, by the names of the on-call file.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
from dateutil.rrule import rrulestr

from pipeline.errors import TocsinError
from pipeline.incidents.roster import Calendar, Duty, Override

PEOPLE = "X-TOCSIN-PEOPLE"
PRODUCT = "-//Tocsin//on call//ZH"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = icalendar.vDuration(timedelta(0))


class CalendarFileError(TocsinError):
    """A calendar file cannot be used; the text says which event and what was expected, for all of them at once."""


def as_calendar(name: str, duties: Iterable[Duty], *, now_ms: int) -> bytes:
    """The duties of a roster; gaps are left out. The same duties at the same moment give the same bytes."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for duty in duties:
        if not duty.people:
            continue
        event = icalendar.Event()
        event.add("uid", f"{name}-{duty.starts_at_ms}@tocsin")
        event.add("dtstamp", _moment(now_ms))
        event.add("dtstart", _moment(duty.starts_at_ms))
        event.add("dtend", _moment(duty.ends_at_ms))
        event.add("summary", f"值班 {', '.join(duty.people)}")
        event.add(PEOPLE, ",".join(duty.people))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def overrides_of(
    data: bytes, *, people: Collection[str], calendar: Calendar, from_ms: int, to_ms: int
) -> tuple[Override, ...]:
    """The overrides that a calendar file means for a span, in order of time; raises one error with every problem.

    Times without a zone are local; an event of whole days lasts from midnight to midnight.
    """
    try:
        events = list(icalendar.Calendar.from_ical(data).walk("VEVENT"))
        held = [event for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED"]
        found = [each for event in held for each in _occurrences(event, events, calendar, from_ms, to_ms)]
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise CalendarFileError(f"expected a calendar file (RFC 5545): {type(error).__name__}") from error
    problems = [problem for each in found if (problem := _problem(each, people, calendar))]
    if problems:
        raise CalendarFileError("\n".join(sorted(set(problems))))
    return tuple(sorted(found, key=lambda each: (each.starts_at_ms, each.ends_at_ms, each.people)))


def written(overrides: Sequence[Override], calendar: Calendar) -> str:
    """The overrides as lines of an on-call file, in local time."""
    lines = ["    overrides:"]
    for each in overrides:
        starts, ends = (f"{calendar.local(at_ms):%Y-%m-%d %H:%M}" for at_ms in (each.starts_at_ms, each.ends_at_ms))
        lines.append(f"      - {{from: {starts}, to: {ends}, people: [{', '.join(each.people)}]}}")
    return "\n".join(lines) + "\n"


def _occurrences(event: Any, events: Sequence[Any], calendar: Calendar, from_ms: int, to_ms: int) -> Iterator[Override]:
    """An event as often as it happens within the span, but for the times that are called off or moved."""
    begins = _local(event["DTSTART"].dt, calendar)
    lasts = _local(event["DTEND"].dt, calendar) - begins if "DTEND" in event else event.get("DURATION", _NOTHING).dt
    starts = [begins]
    if "RRULE" in event or "RDATE" in event:
        window = [calendar.local(at_ms) for at_ms in (from_ms, to_ms)]
        away = set(_moments(event.get("EXDATE"), calendar))
        away |= {
            _local(each["RECURRENCE-ID"].dt, calendar)
            for each in events
            if each.get("UID") == event.get("UID") and "RECURRENCE-ID" in each
        }
        dates = starts
        if "RRULE" in event:
            rule = rrulestr(_rule(event, calendar), dtstart=begins)
            dates = rule.between(window[0] - lasts, window[1], inc=True)
        starts = sorted({*dates, *_moments(_added(event, begins), calendar)} - away)
    for start in starts:
        starts_at_ms, ends_at_ms = calendar.moment_ms(start), calendar.moment_ms(start + lasts)
        if starts_at_ms < to_ms and ends_at_ms > max(from_ms, starts_at_ms):
            yield Override(starts_at_ms, ends_at_ms, _people(event))


def _rule(event: Any, calendar: Calendar) -> str:
    """The rule of repetition in local time: an end in UTC would not fit a beginning without a zone."""
    rule: Any = icalendar.vRecur(event["RRULE"])
    if "UNTIL" in rule:
        rule["UNTIL"] = [_local(each, calendar) for each in rule["UNTIL"]]
    return str(rule.to_ical().decode())


def _added(event: Any, begins: datetime) -> Any:
    """The dates beside the rule of repetition; one with a span of its own would be a duty of another length."""
    added = event.get("RDATE")
    lists = added if isinstance(added, list) else [added] if added is not None else []
    if any(isinstance(each.dt, tuple) for one in lists for each in one.dts):
        raise CalendarFileError(
            f"the event of {begins:%Y-%m-%d %H:%M} has an RDATE with a span (VALUE=PERIOD); "
            "write its beginning alone, or an event of its own"
        )
    return added


def _moments(dates: Any, calendar: Calendar) -> list[datetime]:
    lists = dates if isinstance(dates, list) else [dates] if dates is not None else []
    return [_local(each.dt, calendar) for one in lists for each in one.dts]


def _problem(override: Override, people: Collection[str], calendar: Calendar) -> str:
    unknown = [each for each in override.people if each not in people]
    if override.people and not unknown:
        return ""
    wrong = f"names {', '.join(unknown)}" if unknown else "names nobody"
    known = ", ".join(sorted(people)) or "none"
    return f"the event of {calendar.local(override.starts_at_ms):%Y-%m-%d %H:%M} {wrong}; known are {known}"


def _people(event: Any) -> tuple[str, ...]:
    text = str(event.get(PEOPLE) or str(event.get("SUMMARY", "")).removeprefix("值班 "))
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _moment(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def _local(moment: date, calendar: Calendar) -> datetime:
    """A moment in local time, without a zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment if moment.tzinfo is None else calendar.local((moment - _EPOCH) // timedelta(milliseconds=1))
