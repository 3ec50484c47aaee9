"""One figure of a day as the board shows it: its value and its n, or why there is none."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from pipeline.kpis.measure import mean, quantile
from pipeline.kpis.rates import LEAST_CASES
from pipeline.times import HOUR_MS
from schemas.kpis import DURATIONS, OF_TIME, Kpi, Measure

SCORES = (Kpi.NPS, Kpi.CSAT, Kpi.CES, Kpi.REVIEW, Kpi.SENTIMENT)
_RATES = (Kpi.COMPLAINT_RATE_A, Kpi.DISSATISFIED_RATE_A, Kpi.COMPLAINT_RATE_B, Kpi.DISSATISFIED_RATE_B)
_LEAST = dict.fromkeys((*SCORES, *_RATES), LEAST_CASES)
_LEAST_OTHERS = 5
_DECIMALS = 4


class Standing(StrEnum):
    """Whether a figure is shown."""

    SHOWN = "shown"
    FEW = "few"  # n is too small to say anything
    NONE = "none"  # nothing was measured: grey, not nought


class FigureView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure of the last 24 hours; seconds where it is a duration."""

    name: Kpi
    standing: Standing
    n: int = 0  # cases; of occupancy and pause share whole hours
    value: float | None = None
    median: float | None = None
    p90: float | None = None
    p10: float | None = None  # of the lead time: what matters there is the short end
    spread: dict[str, int] = {}  # answers by step of the scale
    hours: tuple[float | None, ...] = ()  # the oldest first; None where an hour had nothing


def figure_of(kpi: Kpi, day: Mapping[str, Measure], hours: Sequence[Mapping[str, Measure]]) -> FigureView:
    """A figure from the measures of a day, and those of each of its hours."""
    total = day.get(kpi)
    if total is None or not total.n:
        return FigureView(name=kpi, standing=Standing.NONE)
    n = total.n // HOUR_MS if kpi in OF_TIME else total.n
    least = 1 if kpi in OF_TIME else _LEAST.get(kpi, _LEAST_OTHERS)
    if n < least:
        return FigureView(name=kpi, standing=Standing.FEW, n=n)
    is_duration = kpi in DURATIONS
    return FigureView(
        name=kpi,
        standing=Standing.SHOWN,
        n=n,
        value=rounded(mean(total)),
        median=rounded(quantile(total, 0.5)) if is_duration else None,
        p90=rounded(quantile(total, 0.9)) if is_duration else None,
        p10=rounded(quantile(total, 0.1)) if kpi is Kpi.LEAD_TIME else None,
        spread=dict(total.buckets) if kpi in SCORES else {},
        hours=tuple(None if (each := hour.get(kpi)) is None else rounded(mean(each)) for hour in hours),
    )


def rounded(value: float | None) -> float | None:
    """As many places as anybody reads."""
    return None if value is None else round(value, _DECIMALS)
