"""Whether a complaint rate is too high: its lower bound by Wilson against what it is usually, or against the trade.

From 30 contacts on. The bound is at 95 %, so that a rate that only looks high is not told (`domain.md` 12.3).
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

from pipeline.intervals import wilson
from schemas.kpis import Kpi, Measure

LEAST_CASES = 30
LEAST_HITS = 3  # one or two complaints where there are next to none prove no rate
LEAST_USUAL = 200  # what is usual is known from so many; before that a region is learning
WARN, ALARM = 1.5, 2.0  # times the usual
CALM = 1.3
# How many hours a rate is summed over: customers are counted by the day.
SPAN_HOURS: Mapping[Kpi, int] = MappingProxyType({Kpi.COMPLAINT_RATE_A: 24, Kpi.COMPLAINT_RATE_B: 2})


class Grade(IntEnum):
    """How far above the usual."""

    CALM = 0
    WARN = 1
    ALARM = 2


class Bounds(NamedTuple):
    """A rate, and where it lies with 95 % confidence."""

    low: float
    rate: float
    high: float


def bounds_of(measure: Measure) -> Bounds | None:
    """The rate with its interval; None without a case."""
    n = measure.n
    if not n:
        return None
    rate = min(max(measure.total / 1000 / n, 0.0), 1.0)
    interval = wilson(rate, n)
    return Bounds(interval.low, rate, interval.high)


def usual_rate(before: Measure, trade: float | None) -> float | None:
    """What the rate is compared with: the trade's mean where it is known, else the seven days before; None is learning.

    Where those had no complaint it is as if they had one: nought would make any rate infinitely many times the usual.
    """
    if trade is not None:
        return trade
    return max(before.total / 1000, 1.0) / before.n if before.n >= LEAST_USUAL else None


def grade(now: Measure, usual: float | None, known: Grade) -> Grade:
    """How a rate stands; what is open stays open until it is nearly as usual."""
    bounds = bounds_of(now)
    if bounds is None or now.n < LEAST_CASES or usual is None:
        return Grade.CALM
    is_proven = now.total >= LEAST_HITS * 1000
    if is_proven and bounds.low > ALARM * usual:
        return Grade.ALARM
    if is_proven and bounds.low > WARN * usual:
        return max(known, Grade.WARN)
    return known if bounds.rate >= CALM * usual else Grade.CALM
