"""Shapes of values in a file of policies: dates, hours, zones, shares, beside those that rule files have."""

import re
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from pipeline.rules.shapes import Report

_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
_SHARE = re.compile(r"\d{1,2}(?:\.\d{1,4})?")
_MINUTES = re.compile(r"-?\d{1,6}")
DAY_MINUTES = 24 * 60


def _written(node: yaml.Node) -> str:
    return node.value.strip() if isinstance(node, yaml.ScalarNode) else ""


class Day:
    """A date, quoted or not."""

    def read(self, node: yaml.Node, path: str, report: Report) -> date | None:
        """The date."""
        try:
            return date.fromisoformat(_written(node))
        except ValueError:
            report.add(node, path, "is no date; write it as 2026-10-01")
            return None


class Opening:
    """Hours of a day: `09:00-12:00`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> tuple[int, int] | None:
        """Minutes of the day at which it opens and closes."""
        found = _HOURS.fullmatch(_written(node))
        opens, closes = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, -1)
        if closes > DAY_MINUTES or closes < 0:
            report.add(node, path, "are no hours; write them as 09:00-12:00, at most until 24:00")
            return None
        if closes <= opens:
            what = "close before they open; split what goes past midnight: 22:00-24:00 and, next day, 00:00-06:00"
            report.add(node, path, what)
            return None
        return opens, closes


class Zone:
    """A time zone of the IANA table."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """Its name."""
        name = _written(node)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            report.add(node, path, "is no time zone; write one such as Asia/Shanghai")
            return None
        return name


class ShareOf:
    """A share of a target, in ten-thousandths so that instants are exact: 0.75, 1.5."""

    def read(self, node: yaml.Node, path: str, report: Report) -> int | None:
        """How many ten-thousandths."""
        text = _written(node)
        whole, _, rest = text.partition(".")
        value = int(whole) * 10_000 + int(f"{rest:0<4}") if _SHARE.fullmatch(text) else 0
        if not 0 < value <= 100_000:
            report.add(node, path, "is no share; write a number up to 10, such as 0.75 or 1.5")
            return None
        return value


class SignedMinutes:
    """Minutes before (negative) or after the end of a target."""

    def read(self, node: yaml.Node, path: str, report: Report) -> int | None:
        """The minutes."""
        text = _written(node)
        if not _MINUTES.fullmatch(text) or int(text) == 0:
            report.add(node, path, "are no minutes; write -30 for half an hour before the end, 60 for an hour after")
            return None
        return int(text)


class Truth:
    """Yes or no."""

    def read(self, node: yaml.Node, path: str, report: Report) -> bool | None:
        """Whether."""
        text = _written(node).lower()
        if text not in {"true", "false", "yes", "no"}:
            report.add(node, path, "is neither true nor false; write one of them")
            return None
        return text in {"true", "yes"}
