"""Figures as counters: cases, and what they add up to. A figure is the one divided by the other, over any span.

A counter only grows, so what may be negative is counted from both sides: promoters, and detractors.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.feedback.scales import PASSIVE, PROMOTER
from pipeline.places.provinces import REGIONS
from schemas.kpis import OF_TIME, Kpi, KpiTally, Measure

PROMOTERS, DETRACTORS, POSITIVE, NEGATIVE = "promoters", "detractors", "positive", "negative"
_BOTH_SIDES = frozenset({Kpi.NPS, Kpi.SENTIMENT})
FIGURES = (*(kpi for kpi in Kpi if kpi not in _BOTH_SIDES), PROMOTERS, DETRACTORS, POSITIVE, NEGATIVE)
_PLAIN = frozenset(kpi for kpi in Kpi if kpi not in _BOTH_SIDES)
_REGIONS = {f"region:{region}": region for region in REGIONS}


class Counted(NamedTuple):
    """What one tally adds to one figure of a region."""

    figure: str
    region: str
    cases: float
    sum: float


class Increments:
    """By how much counters may grow.

    A correction takes back what was counted, which a counter cannot: it then stands still until as much has come again.
    """

    def __init__(self) -> None:
        self._owed: dict[tuple[str, ...], float] = {}

    def of(self, series: tuple[str, ...], difference: float) -> float:
        """What to add to a series now, 0 or more."""
        due = difference - self._owed.pop(series, 0.0)
        if due < 0:
            self._owed[series] = -due
            return 0.0
        return due


def counted(tally: KpiTally) -> Iterator[Counted]:
    """What a tally of a region adds; those of products and touchpoints hold the same answers again."""
    region = _REGIONS.get(tally.subject)
    if region is None:
        return
    for name, measure in tally.measures.items():
        if name in _PLAIN:
            unit = 1000 if name in OF_TIME else 1
            yield Counted(name, region, measure.n / unit, measure.total / 1000 / unit)
        elif name == Kpi.NPS:
            yield Counted(PROMOTERS, region, measure.n, _between(measure, PROMOTER, PROMOTER + 1))
            yield Counted(DETRACTORS, region, measure.n, _between(measure, 0, PASSIVE - 1))
        elif name == Kpi.SENTIMENT:
            yield Counted(POSITIVE, region, measure.n, _between(measure, 1, 1))
            yield Counted(NEGATIVE, region, measure.n, _between(measure, -1, -1))


def _between(measure: Measure, first: int, last: int) -> int:
    return sum(count for step, count in measure.buckets.items() if first <= int(step) <= last)
