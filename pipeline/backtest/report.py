"""The comparison of two ledgers: alerts a day and region, what came and went, and how right each was.

A share stands beside what it is a share of, and is absent where that is nothing.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from math import ceil
from typing import TypeVar

import msgspec

from pipeline.backtest.ledger import Ledger, Told
from schemas.vocabulary import Level

Key = TypeVar("Key", bound=Hashable)


class DayRow(msgspec.Struct, frozen=True):
    """One day of one region: conversations that rose, each once for each level."""

    day: str
    region: str
    before: int
    after: int
    added: int
    removed: int


class RuleRow(msgspec.Struct, frozen=True):
    """One rule: the conversations of which it was the strongest evidence."""

    rule: str
    before: int
    after: int
    added: int
    removed: int


class Quality(msgspec.Struct, frozen=True):
    """How right a pack was about conversations of which the truth is known."""

    told: int  # of them, how many it told of
    right: int  # and of those, how many are complaints
    complaints: int  # how many of all that are known are complaints
    precision: float | None
    recall: float | None


class Lead(msgspec.Struct, frozen=True):
    """How long before the threat somebody was warned."""

    high_risk: int  # conversations
    warned_ahead: int
    median_ms: int | None
    p10_ms: int | None


class Side(msgspec.Struct, frozen=True):
    """One pack."""

    version: str
    levels: dict[Level, int]
    lead: Lead
    quality: Quality | None  # None where no truth is known


class Report(msgspec.Struct, frozen=True):
    """Two packs over the same history."""

    before: Side
    after: Side
    days: list[DayRow]
    rules: list[RuleRow]
    added: list[Told]
    removed: list[Told]


def report(
    before: Ledger, after: Ledger, *, versions: tuple[str, str], truth: Mapping[str, bool], least: Level
) -> Report:
    """Compare; a conversation counts as told of where it came to the level `least` or a graver one."""
    added = [after.told[key] for key in after.told.keys() - before.told.keys()]
    removed = [before.told[key] for key in before.told.keys() - after.told.keys()]
    sides = (list(before.told.values()), list(after.told.values()), added, removed)
    return Report(
        before=_side(before, versions[0], truth, least),
        after=_side(after, versions[1], truth, least),
        days=[DayRow(*place, *counts) for place, counts in sorted(_counts(_place, *sides).items())],
        rules=sorted((RuleRow(rule, *counts) for rule, counts in _counts(_rule, *sides).items()), key=_rule_order),
        added=sorted(added, key=_order),
        removed=sorted(removed, key=_order),
    )


def _side(ledger: Ledger, version: str, truth: Mapping[str, bool], least: Level) -> Side:
    levels = Counter(told.level for told in ledger.told.values())
    return Side(
        version=version,
        levels={level: levels[level] for level in Level if levels[level]},
        lead=_lead(ledger.told.values()),
        quality=_quality(ledger.conversations(least), truth) if truth else None,
    )


def _quality(told: set[str], truth: Mapping[str, bool]) -> Quality:
    known = told & truth.keys()
    right = sum(truth[name] for name in known)
    complaints = sum(truth.values())
    return Quality(len(known), right, complaints, _share(right, len(known)), _share(right, complaints))


def _lead(told: Iterable[Told]) -> Lead:
    high_risk = [each for each in told if each.level is Level.HIGH_RISK]
    ahead = sorted(each.lead_ms for each in high_risk if each.lead_ms)
    if not ahead:
        return Lead(len(high_risk), 0, None, None)
    return Lead(len(high_risk), len(ahead), _rank(ahead, 0.5), _rank(ahead, 0.1))


def _rank(values: list[int], share: float) -> int:
    return values[max(0, ceil(share * len(values)) - 1)]


def _counts(key: Callable[[Told], Key], *sides: Iterable[Told]) -> dict[Key, tuple[int, ...]]:
    """How many each side has of every key that any side has."""
    counts = [Counter(map(key, side)) for side in sides]
    return {each: tuple(count[each] for count in counts) for each in {each for count in counts for each in count}}


def _place(told: Told) -> tuple[str, str]:
    return str(told.day), told.region


def _rule(told: Told) -> str:
    return told.rule


def _rule_order(row: RuleRow) -> tuple[int, int, str]:
    """What changed most comes first, then what speaks most."""
    return -row.added - row.removed, -row.after, row.rule


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _order(told: Told) -> tuple[int, int, str]:
    return -told.level.rank, told.at_ms, told.conversation_id
