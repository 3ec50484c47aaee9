"""Shapes of values in the on-call file, beside those of rule files and policies: spans, moments, targets, secrets."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from pipeline.incidents.plan import Hours, Target
from pipeline.rules.shapes import Report, Shape
from pipeline.sla.sections import WEEKDAYS

_SPAN = re.compile(r"(\d{1,5})(s|m|h)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d{1,2}:\d\d)-(24:00|\d{1,2}:\d\d)")
_PAGE = re.compile(r"https?://[^\s?#()<>\[\]\"]+")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/\S+")
KINDS = ("person", "roster", "team", "turn", "channel")


def _written(node: yaml.Node) -> str:
    return node.value.strip() if isinstance(node, yaml.ScalarNode) else ""


class Span:
    """A duration: `30s`, `5m`, `4h`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> timedelta | None:
        """The duration."""
        found = _SPAN.fullmatch(_written(node))
        if found is None:
            report.add(node, path, "is no duration; write 30s, 5m or 4h")
            return None
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class TimeOfDay:
    """A time of the day: `"09:00"`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> int | None:
        """Minutes since midnight."""
        # YAML 1.1 reads an unquoted 10:30 as a number to the base of sixty; the text that stands there is what counts.
        found = _TIME.fullmatch(_written(node))
        if found is None:
            report.add(node, path, 'is no time of the day; write "09:00"')
            return None
        return int(found[1]) * 60 + int(found[2])


class Moment:
    """A local date and time: `2026-10-01 09:00`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> datetime | None:
        """The date and time, without a zone."""
        try:
            moment = datetime.fromisoformat(_written(node))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None:
            report.add(node, path, "is no local date and time; write 2026-10-01 09:00")
            return None
        return moment


class Zone:
    """A time zone by its name in the tz database: `Asia/Shanghai`, `Europe/London`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> ZoneInfo | None:
        """The zone."""
        try:
            return ZoneInfo(_written(node))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            report.add(node, path, "is no time zone; write Asia/Shanghai or Europe/London")
            return None


class WeekHours:
    """A part of the week: `mon-fri 09:00-18:00`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Hours | None:
        """The days and the minutes of the day."""
        found = _HOURS.fullmatch(_written(node))
        days = [found[1], found[2] or found[1]] if found else []
        if found is None or not set(days) <= set(WEEKDAYS):
            report.add(node, path, "are no hours; write mon-fri 09:00-18:00")
            return None
        first, last = (WEEKDAYS.index(day) for day in days)
        opens, closes = (int(each.split(":")[0]) * 60 + int(each.split(":")[1]) for each in (found[3], found[4]))
        if not 0 <= opens < closes <= 24 * 60 or last < first:
            report.add(node, path, "end before they begin; write mon-fri 09:00-18:00")
            return None
        return Hours(frozenset(range(first, last + 1)), opens, closes)


class Told:
    """Whom a step tells: `lead`, or a kind and a name: `person:duty-1`, `roster:duty`, `turn:repair`, `channel:ops`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Target | None:
        """The target."""
        kind, _, name = _written(node).partition(":")
        if kind == "lead" and not name:
            return Target("lead")
        if kind not in KINDS or not name:
            report.add(node, path, "is nobody to tell; write lead, person:…, roster:…, team:…, turn:… or channel:…")
            return None
        return Target(kind, name)


class SecretReference:
    """Where a secret is found; never the secret itself, which would end up in a repository."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """`env:NAME` or `file:/path`."""
        text = _written(node)
        if not _REFERENCE.fullmatch(text):
            report.add(node, path, "is a secret and must not stand here; write env:NAME or file:/path")
            return None
        return text


class WebAddress:
    """The address of a page, to which a query is added."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The address."""
        if not _PAGE.fullmatch(_written(node)):
            report.add(node, path, "is no address of a page; write https://board.example.com/")
            return None
        return _written(node)


class Listed:
    """A list of mappings."""

    def __init__(self, item: Shape) -> None:
        self.item = item

    def read(self, node: yaml.Node, path: str, report: Report) -> tuple[Any, ...] | None:
        """The items that could be read."""
        if not isinstance(node, yaml.SequenceNode):
            report.add(node, path, "is no list; write one `- …` a line")
            return None
        read = (self.item.read(child, f"{path}[{index}]", report) for index, child in enumerate(node.value))
        return tuple(value for value in read if value is not None)
