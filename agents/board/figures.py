"""Figures on the board: the last 24 hours of a region, or of all, each with its n; what is too few is not shown."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from pipeline.kpis.measure import mean, quantile, sum_of
from pipeline.kpis.rates import LEAST_CASES
from pipeline.places.provinces import REGIONS
from pipeline.times import HOUR_MS
from schemas.kpis import DURATIONS, OF_TIME, Kpi, KpiHour, Measure

HOURS = 24
ALL = "all"

_TOPIC = "topic."
_SCORES = (Kpi.NPS, Kpi.CSAT, Kpi.CES, Kpi.REVIEW, Kpi.SENTIMENT)
_RATES = (Kpi.COMPLAINT_RATE_A, Kpi.DISSATISFIED_RATE_A, Kpi.COMPLAINT_RATE_B, Kpi.DISSATISFIED_RATE_B)
_LEAST = dict.fromkeys((*_SCORES, *_RATES), LEAST_CASES)
_LEAST_OTHERS = 5
_TOPICS_SHOWN = 8
_DECIMALS = 4
_SUBJECTS = {f"region:{region}": region for region in REGIONS}


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


class TopicView(Struct, frozen=True):
    """A reason that comments of answers name, how often, and how they feel about it."""

    reason: str
    n: int
    feeling: float  # -1 to 1


class FiguresView(Struct, frozen=True):
    """What one place came to."""

    place: str
    until: int  # the end of the newest hour of which anything is known; 0 where nothing is
    figures: tuple[FigureView, ...]
    topics: tuple[TopicView, ...]


class Figures:
    """The newest version of every region's hours of a day."""

    def __init__(self) -> None:
        self._hours: dict[str, dict[int, KpiHour]] = {}
        # Adding up all regions takes some 20 ms, and every open board asks for the same.
        self._views: dict[str, tuple[int, FiguresView]] = {}

    def take(self, hour: KpiHour) -> str | None:
        """Note an hour; the region that it is of, or None where it is of a product or a touchpoint."""
        region = _SUBJECTS.get(hour.subject)
        if region is None:
            return None
        hours = self._hours.setdefault(region, {})
        known = hours.get(hour.hour_start)
        if known is None or hour.version > known.version:
            hours[hour.hour_start] = hour
            self._views.pop(region, None)
            self._views.pop(ALL, None)
        return region

    def forget(self, *, now_ms: int) -> None:
        """Let go what is older than a day."""
        for hours in self._hours.values():
            for start_ms in [each for each in hours if each < now_ms - (HOURS + 1) * HOUR_MS]:
                del hours[start_ms]

    def view(self, place: str, *, now_ms: int) -> FiguresView:
        """A region, or all of them together: measures add up."""
        hour = now_ms // HOUR_MS
        made = self._views.get(place)
        if made is None or made[0] != hour:
            made = self._views[place] = (hour, self._view(place, now_ms))
        return made[1]

    def _view(self, place: str, now_ms: int) -> FiguresView:
        end_ms = now_ms // HOUR_MS * HOUR_MS + HOUR_MS
        starts = range(end_ms - HOURS * HOUR_MS, end_ms, HOUR_MS)
        regions = REGIONS if place == ALL else (place,)
        found = [[known for region in regions if (known := self._hours.get(region, {}).get(at))] for at in starts]
        sums = [_summed([hour.measures for hour in hours]) for hours in found]
        day = _summed(sums)
        newest = max((at for at, hours in zip(starts, found, strict=True) if hours), default=None)
        return FiguresView(
            place=place,
            until=0 if newest is None else min(newest + HOUR_MS, now_ms),
            figures=tuple(_figure(kpi, day.get(kpi), [each.get(kpi) for each in sums]) for kpi in Kpi),
            topics=_topics(day),
        )


def _summed(measures: Sequence[Mapping[str, Measure]]) -> dict[str, Measure]:
    names = dict.fromkeys(name for each in measures for name in each)
    return {name: sum_of(each[name] for each in measures if name in each) for name in names}


def _figure(kpi: Kpi, day: Measure | None, hours: Sequence[Measure | None]) -> FigureView:
    if day is None or not day.n:
        return FigureView(name=kpi, standing=Standing.NONE)
    n = day.n // HOUR_MS if kpi in OF_TIME else day.n
    least = 1 if kpi in OF_TIME else _LEAST.get(kpi, _LEAST_OTHERS)
    if n < least:
        return FigureView(name=kpi, standing=Standing.FEW, n=n)
    is_duration = kpi in DURATIONS
    return FigureView(
        name=kpi,
        standing=Standing.SHOWN,
        n=n,
        value=_rounded(mean(day)),
        median=_rounded(quantile(day, 0.5)) if is_duration else None,
        p90=_rounded(quantile(day, 0.9)) if is_duration else None,
        p10=_rounded(quantile(day, 0.1)) if kpi is Kpi.LEAD_TIME else None,
        spread=dict(day.buckets) if kpi in _SCORES else {},
        hours=tuple(None if each is None else _rounded(mean(each)) for each in hours),
    )


def _topics(day: Mapping[str, Measure]) -> tuple[TopicView, ...]:
    named = [(name.removeprefix(_TOPIC), each) for name, each in day.items() if name.startswith(_TOPIC)]
    named.sort(key=lambda each: (-each[1].n, each[0]))
    return tuple(TopicView(name, each.n, _rounded(mean(each)) or 0.0) for name, each in named[:_TOPICS_SHOWN])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
