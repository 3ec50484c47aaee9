"""What no value of a file of policies can show by itself: names that nothing has, hours that overlap."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from pipeline.rules.problems import Problem
from pipeline.sla.calendar import Hours
from pipeline.sla.sections import LEVELS, PRIORITIES, WEEKDAYS
from schemas.sla_clocks import GoalKind

_SHORTEST_WEEK_MINUTES = 60  # a calendar that is hardly ever open has due times in another century


class Entry(NamedTuple):
    """One calendar or policy as it was read, and where it stands."""

    file: str
    line: int
    value: Any


def clashes(found: Mapping[str, Mapping[str, Entry]]) -> list[Problem]:
    """What each value by itself cannot show: calendars that are named and not there, hours that overlap."""
    problems: list[Problem] = []
    for name, entry in found["calendars"].items():
        path = f"calendars.{name}"
        problems += [Problem(entry.file, entry.line, path, what) for what in _calendar_problems(entry.value)]
    for name, entry in found["policies"].items():
        for kind, goal in ((kind, goal) for kind, goal in entry.value["goals"].items()):
            path = f"policies.{name}.goals.{kind}"
            calendar = goal.get("calendar") or entry.value["calendar"]
            if calendar not in found["calendars"]:
                known = ", ".join(found["calendars"]) or "none"
                problems.append(Problem(entry.file, entry.line, path, f"names the calendar {calendar}; known: {known}"))
            wanted = LEVELS if kind == GoalKind.FIRST_ACTION else PRIORITIES
            strange = [key for key in goal["minutes"] if key not in wanted]
            if strange:
                what = f"has minutes for {', '.join(strange)}; write of {', '.join(wanted)}"
                problems.append(Problem(entry.file, entry.line, path, what))
        for place in (entry.value, *entry.value["goals"].values()):
            if any(("at" in warning) == ("minutes" in warning) for warning in place.get("warn") or ()):
                what = "has a warning without an instant or with two; write at: 0.75 or minutes: -30"
                problems.append(Problem(entry.file, entry.line, f"policies.{name}", what))
    for section, key in (("house_rules", "staffed"), ("promises", "calendar")):
        named = found[section].get(key)
        if named is not None and named.value not in found["calendars"]:
            known = ", ".join(found["calendars"]) or "none"
            what = f"names the calendar {named.value}; known: {known}"
            problems.append(Problem(named.file, named.line, f"{section}.{key}", what))
    return problems


def _calendar_problems(value: Mapping[str, Any]) -> list[str]:
    found = []
    if not any(key for key in value["hours"]):
        found.append("has no hours; write hours: {mon-fri: [09:00-18:00]}")
    found += [
        f"has hours for {key}; write weekdays such as mon, or mon-fri" for key in value["hours"] if not weekdays(key)
    ]
    tables = [*value["hours"].values(), *(value.get("open") or {}).values(), value.get("make_up_hours") or ()]
    if any(left[1] > right[0] for hours in tables for left, right in pairwise(hours)):
        found.append("has hours that overlap or are not in order; write them from morning on")
    for key in value.get("open") or {}:
        try:
            date.fromisoformat(key)
        except ValueError:
            found.append(f'has open hours for {key}; write a quoted date such as "2026-10-10"')
    minutes = sum(closes - opens for hours in week(value["hours"]) for opens, closes in hours)
    if not found and minutes < _SHORTEST_WEEK_MINUTES:
        found.append(f"is open {minutes} minutes a week; write at least {_SHORTEST_WEEK_MINUTES}")
    return found


def weekdays(key: str) -> Sequence[int]:
    """The weekdays that a key stands for: `sat`, `mon-fri`; none where it stands for nothing."""
    first, _, last = key.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        return ()
    return range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)


def week(hours: Mapping[str, Hours]) -> tuple[Hours, ...]:
    """Hours by weekday; of two keys that name the same day the later one counts."""
    days: list[Hours] = [()] * len(WEEKDAYS)
    for key, value in hours.items():
        for weekday in weekdays(key):
            days[weekday] = value
    return tuple(days)
