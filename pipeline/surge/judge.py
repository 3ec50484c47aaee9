"""Open, update, resolve: what one look at one series comes to. A series is a region, or a reason within it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from pipeline.surge.odds import tail
from pipeline.surge.usual import Expected

# `domain.md` 12.3. docs/adr/0012-surges.md says how often these odds are wrong on made-up weeks.
COUNT_MIN = 5
RATIO_OPENS = 2.0
RATIO_RESOLVES = 1.3
ODDS_TWICE = 1e-4  # in two looks in a row
ODDS_ONCE = 1e-6
LOOKS_TO_OPEN = 2
LOOKS_TO_RESOLVE = 3
GROWN = 1.5  # times what was last told: worth telling again


class Change(StrEnum):
    """What a look found."""

    OPENED = "opened"
    GROWN = "grown"
    RESOLVED = "resolved"


class Look(NamedTuple):
    """One span that ends now: how long in hours, what it had, what it should have had."""

    hours: float
    complaints: int
    expected: Expected

    @property
    def ratio(self) -> float:
        """Times the usual; less than one complaint is never divided by."""
        return self.complaints / max(self.expected.complaints, 0.5)


class Surge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A surge that is open."""

    since_ms: int
    told: float  # the ratio that was last told
    changes: int = 0  # told so often


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered between looks."""

    hot: int = 0  # looks in a row that would open
    cool: int = 0  # looks in a row that would resolve
    surge: Surge | None = None


CALM = Series()


class Judged(NamedTuple):
    """The series after a look, and what is to be told."""

    series: Series
    change: Change | None = None
    look: Look | None = None


def judge(series: Series, looks: Sequence[Look], *, now_ms: int) -> Judged:
    """Look at a series once; its spans are looked at together, the most unusual one speaks."""
    worst = max(looks, key=lambda look: look.ratio, default=None)
    if series.surge is not None:
        return _watch(series, series.surge, worst)
    odds = min((_odds(look) for look in looks), default=1.0)
    if odds >= ODDS_TWICE:
        return Judged(CALM)
    hot = series.hot + 1
    if hot < LOOKS_TO_OPEN and odds >= ODDS_ONCE:
        return Judged(Series(hot=hot))
    speaking = min(looks, key=_odds)
    return Judged(Series(surge=Surge(now_ms, speaking.ratio)), Change.OPENED, speaking)


def _watch(series: Series, surge: Surge, worst: Look | None) -> Judged:
    if worst is None or worst.ratio < RATIO_RESOLVES:
        if series.cool + 1 >= LOOKS_TO_RESOLVE:
            return Judged(CALM, Change.RESOLVED, worst)
        return Judged(Series(cool=series.cool + 1, surge=surge))
    if worst.ratio >= surge.told * GROWN:
        grown = Surge(surge.since_ms, worst.ratio, surge.changes + 1)
        return Judged(Series(surge=grown), Change.GROWN, worst)
    return Judged(Series(surge=surge))


def _odds(look: Look) -> float:
    """The odds of a count that is worth asking for."""
    if look.complaints < COUNT_MIN or look.ratio < RATIO_OPENS:
        return 1.0
    return tail(look.complaints, look.expected, share=look.hours)
