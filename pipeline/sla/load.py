"""Policies and calendars from YAML: all of them or none, with every problem of every file in one error.

Files are handed in as bytes; who reads them is `agents.files.sla`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.errors import TocsinError
from pipeline.rules.document import read_document
from pipeline.rules.problems import Problem
from pipeline.rules.shapes import Report
from pipeline.sla.automation import automation, automation_problems
from pipeline.sla.calendar import CalendarSpec, Hours, WorkCalendar
from pipeline.sla.checks import Entry, clashes, week
from pipeline.sla.house import HouseRules
from pipeline.sla.policy import BREACH, Audience, Goal, Policy, PromisePolicy, SlaPack, WarningPoint
from pipeline.sla.sections import SECTIONS, TOP
from pipeline.times import MINUTE_MS
from schemas.sla_clocks import GoalKind
from schemas.tickets import TicketStatus

_VERSION_CHARS = 12


class SlaError(TocsinError):
    """Files of policies that cannot be used; `problems` holds all that is wrong with them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def parse_sla(files: Iterable[tuple[str, bytes]]) -> SlaPack:
    """Policies from file names and contents, in the order in which they are written; files in the order of names."""
    files = sorted(files)
    problems: list[Problem] = []
    found: dict[str, dict[str, Entry]] = {name: {} for name in SECTIONS}
    for name, data in files:
        problems += _read(name, data, found)
    if not problems:
        problems += clashes(found) + automation_problems(found)
    if not problems and not found["policies"]:
        problems.append(Problem("sla", 0, "policies", "is missing; write at least one policy"))
    if problems:
        raise SlaError(problems)
    calendars = {name: WorkCalendar(_spec(name, entry.value)) for name, entry in found["calendars"].items()}
    policies = tuple(_policy(name, entry.value, calendars) for name, entry in found["policies"].items())
    promises = _promises(found, calendars)
    return SlaPack(policies, calendars, _version(files), automation(found), _house(found, calendars), promises)


def _read(name: str, data: bytes, found: dict[str, dict[str, Entry]]) -> list[Problem]:
    node, problems = read_document(name, data)
    if node is None:
        return problems
    report = Report(name)
    values = TOP.read(node, "", report) or {}
    lines = {
        (section.value, key.value): key.start_mark.line + 1
        for section, table in node.value
        for key, _ in (table.value if isinstance(table.value, list) else ())
        if hasattr(key, "value")
    }
    for section, table in values.items():
        for key, value in (table or {}).items():
            entry = Entry(name, lines.get((section, key), 0), value)
            known = found[section].setdefault(key, entry)
            if known is not entry:
                what = f"was already written in {known.file}:{known.line}; give it another id"
                report.problems.append(Problem(name, entry.line, f"{section}.{key}", what))
    return report.problems


def _spec(name: str, value: Mapping[str, Any]) -> CalendarSpec:
    days_of_week = week(value["hours"])
    days: dict[date, Hours] = dict.fromkeys(value.get("closed") or (), ())
    days |= {date.fromisoformat(day): hours for day, hours in (value.get("open") or {}).items()}
    return CalendarSpec(
        id=name,
        zone=value["zone"],
        hours=days_of_week,
        follows_china=value.get("holidays") == "china",
        makeup_hours=value.get("make_up_hours") or days_of_week[0],
        has_own_makeup=bool(value.get("make_up_hours")),
        days=days,
        known_until=value.get("known_until"),
    )


def _house(found: Mapping[str, Mapping[str, Entry]], calendars: Mapping[str, WorkCalendar]) -> HouseRules:
    return HouseRules.of({name: entry.value for name, entry in found["house_rules"].items()}, calendars)


def _promises(found: Mapping[str, Mapping[str, Entry]], calendars: Mapping[str, WorkCalendar]) -> PromisePolicy:
    """What the section says; what it does not say is as without it."""
    written = {name: entry.value for name, entry in found["promises"].items()}
    policy = PromisePolicy()
    return PromisePolicy(
        calendar=calendars[written["calendar"]] if "calendar" in written else policy.calendar,
        warnings=tuple(_warning(each) for each in written["warn"]) if "warn" in written else policy.warnings,
        vague_for_ms=written["vague_minutes"] * MINUTE_MS if "vague_minutes" in written else policy.vague_for_ms,
    )


def _policy(name: str, value: Mapping[str, Any], calendars: Mapping[str, WorkCalendar]) -> Policy:
    enforce_from = value.get("enforce_from")
    zone = calendars[value["calendar"]].spec.zone
    return Policy(
        id=name,
        zh=value["zh"],
        goals={GoalKind(kind): _goal(kind, goal, value, calendars) for kind, goal in value["goals"].items()},
        match={trait: frozenset(values) for trait, values in (value.get("match") or {}).items()},
        enforce_from_ms=_midnight_ms(enforce_from, zone) if enforce_from else 0,
    )


def _midnight_ms(day: date, zone: str) -> int:
    """When a date begins, in a zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def _goal(kind: str, goal: Mapping[str, Any], policy: Mapping[str, Any], calendars: Mapping[str, WorkCalendar]) -> Goal:
    """A goal; what it does not say its policy says for it. A first action is not paused unless it says so itself."""
    is_action = kind == GoalKind.FIRST_ACTION
    pauses = goal if is_action else {**policy, **goal}
    warn = goal.get("warn") or policy.get("warn") or ()
    remind_days = goal.get("remind_days", policy.get("remind_days", 0))
    return Goal(
        kind=GoalKind(kind),
        targets_ms={key: minutes * MINUTE_MS for key, minutes in goal["minutes"].items()},
        calendar=calendars[goal.get("calendar") or policy["calendar"]],
        pause_on=frozenset(TicketStatus(status) for status in pauses.get("pause_on") or ()),
        pause_on_tags=frozenset(pauses.get("pause_on_tags") or ()),
        warnings=tuple(_warning(each) for each in warn) or (BREACH,),
        remind_days=remind_days or 0,
    )


def _warning(value: Mapping[str, Any]) -> WarningPoint:
    audience = tuple(Audience(each) for each in value["to"])
    share = value.get("at")
    if share is not None:
        return WarningPoint(f"{share / 10_000:g}", audience, share_permyriad=share)
    minutes = value["minutes"]
    return WarningPoint(f"{minutes:+d}m", audience, offset_ms=minutes * MINUTE_MS)


def _version(files: Iterable[tuple[str, bytes]]) -> str:
    """The same for the same content, whatever the system's line endings."""
    digest = hashlib.sha256()
    for name, data in files:
        content = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARS]
