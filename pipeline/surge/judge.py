"""Open, update, resolve: what one look at one series comes to. A series is a place, or a reason within it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from pipeline.surge.odds import tail
from pipeline.surge.usual import Expected

# `domain.md` 12.3, the odds calibrated on a made-up year: docs/adr/0012-surges.md says how often they are wrong.
COUNT_MIN = 5
RATIO_OPENS = 2.0
RATIO_RESOLVES = 1.3
ODDS = 2e-5
# A province has up to 21 cities, each with a series for every reason: together they may be wrong as often as it is.
ODDS_OF_CITY = 1e-6
# A region as a whole where so many an hour are usual is what has to be found soon: false alarms are spent on it.
ODDS_LARGE = 2e-4
LARGE_AN_HOUR = 15.0
# Three times the usual is found in ten minutes where 20 an hour are usual; both numbers lie a little below, because
# what was learnt is a tenth off either way.
SOON_HOURS = 1 / 6
SOON_RATIO = 2.9
SOON_AN_HOUR = 18.5
RESOLVES_BY_HOURS = 0.25  # a shorter span is too restless to say that a surge is over
LOOKS_TO_RESOLVE = 3
GROWN = 1.5  # times what was last told: worth telling again


class Change(StrEnum):
    """What a look found."""

    OPENED = "opened"
    GROWN = "grown"
    RESOLVED = "resolved"


class Scope(StrEnum):
    """What a series is of."""

    REGION = "region"  # with all its reasons
    REASON = "reason"  # of a region
    CITY = "city"  # with all its reasons, or one of them


class Look(NamedTuple):
    """One span that ends now: how long in hours, what it had, what it should have had."""

    hours: float
    complaints: int
    expected: Expected

    @property
    def ratio(self) -> float:
        """Times the usual; less than one complaint is never divided by."""
        return self.complaints / max(self.expected.complaints, 0.5)

    @property
    def odds(self) -> float:
        """How unlikely the count is, where it is worth asking for."""
        if self.complaints < COUNT_MIN or self.ratio < RATIO_OPENS:
            return 1.0
        return tail(self.complaints, self.expected, share=self.hours)

    @property
    def an_hour(self) -> float:
        """Complaints that are usual in an hour like it."""
        return self.expected.complaints / self.hours


class Surge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A surge that is open."""

    since_ms: int
    told: float  # the ratio that was last told
    changes: int = 0  # told so often


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered between looks."""

    cool: int = 0  # looks in a row that would resolve
    surge: Surge | None = None


CALM = Series()


class Judged(NamedTuple):
    """The series after a look, and what is to be told."""

    series: Series
    change: Change | None = None
    look: Look | None = None


def judge(series: Series, looks: Sequence[Look], *, now_ms: int, scope: Scope) -> Judged:
    """Look at a series once; its spans are looked at together, the most unusual one speaks."""
    if series.surge is not None:
        calmer = [look for look in looks if look.hours >= RESOLVES_BY_HOURS]
        return _watch(series, series.surge, max(calmer, key=lambda look: look.ratio, default=None))
    unusual = [look for look in looks if _is_unusual(look, scope)]
    if not unusual:
        return Judged(CALM)
    speaking = min(unusual, key=lambda look: look.odds)
    return Judged(Series(surge=Surge(now_ms, speaking.ratio)), Change.OPENED, speaking)


def _is_unusual(look: Look, scope: Scope) -> bool:
    if scope is Scope.CITY:
        return look.odds < ODDS_OF_CITY
    if scope is Scope.REASON or look.an_hour < LARGE_AN_HOUR:
        return look.odds < ODDS
    is_soon = look.hours <= SOON_HOURS and look.an_hour >= SOON_AN_HOUR and look.ratio >= SOON_RATIO
    return is_soon or look.odds < ODDS_LARGE


def _watch(series: Series, surge: Surge, worst: Look | None) -> Judged:
    if worst is None or worst.ratio < RATIO_RESOLVES:
        if series.cool + 1 >= LOOKS_TO_RESOLVE:
            return Judged(CALM, Change.RESOLVED, worst)
        return Judged(Series(cool=series.cool + 1, surge=surge))
    if worst.ratio >= surge.told * GROWN:
        grown = Surge(surge.since_ms, worst.ratio, surge.changes + 1)
        return Judged(Series(surge=grown), Change.GROWN, worst)
    return Judged(Series(surge=surge))
