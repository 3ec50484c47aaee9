"""Surges of the regions of one partition and of their cities.

There is a look as each minute of event time is over, and each hour is learnt.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.places.cities import CITIES
from pipeline.places.provinces import REGIONS, province_of
from pipeline.regions.state import (
    ALL,
    ALLOWED_LATENESS_MS,
    CITIES_KEY,
    Recent,
    RegionRow,
    Usual,
    recent_key,
    usual_key,
)
from pipeline.stage import Effects, Output
from pipeline.surge.judge import CALM, COUNT_MIN, Change, Judged, Look, Scope, Surge, judge
from pipeline.surge.seasons import Hour, hour_of
from pipeline.surge.usual import Expected, expect, learn
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.alerts import Alert
from schemas.evidence import Reason
from schemas.topics import ALERTS, WINDOWS
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from schemas.windows import RegionUsual

SPANS_MINUTES = (10, 15, 60)
# A longer step of the watermark means that nobody was there: it is looked at once, and the backlog comes later.
LOOKS_MAX = 5
_KEPT_MINUTES = max(SPANS_MINUTES)
_HOT_HOURS_MAX = 48  # an hour is learnt after a day
_SERIES = (*ReasonGroup, ALL)

Minutes = Mapping[int, Mapping[str, int]]  # complaints by minute since the epoch, then by leading reason


class _Moment(NamedTuple):
    """One look: when, and which hours its spans lie in."""

    at_ms: int
    parts: dict[int, list[tuple[Hour, float]]]  # by the span's minutes: each hour, and how much of it


class Surges:
    """What a turn does about surges; rows are read and effects written as the turn's own."""

    def __init__(self, get: Callable[[bytes], RegionRow | None], effects: Effects[RegionRow]) -> None:
        self._get = get
        self._effects = effects

    def note(self, place: str, minute_start_ms: int, complaints: Mapping[str, int]) -> None:
        """Add the complaints of a minute that is over, or what came late for one."""
        if not complaints:
            return
        self._know(place)
        recent, minute = self._recent(place), minute_start_ms // MINUTE_MS
        counts = dict(recent.minutes.get(minute, {}))
        for reason, count in complaints.items():
            counts[reason] = counts.get(reason, 0) + count
        self._put(place, replace(recent, minutes={**recent.minutes, minute: counts}))

    def look(self, before_ms: int, after_ms: int, open_minutes: Mapping[str, Minutes], *, emitted_at_ms: int) -> None:
        """Look once for every minute that the watermark has passed; say at a full hour what the next one should bring.

        `open_minutes` has by place what minutes had that are not closed yet. A look counts them: what is still to come
        could only make a surge clearer, and waiting for it would find each one as much later.
        """
        minutes = range(before_ms // MINUTE_MS + 1, after_ms // MINUTE_MS + 1)
        for minute in minutes if len(minutes) <= LOOKS_MAX else minutes[-1:]:
            moment = _moment(minute * MINUTE_MS + ALLOWED_LATENESS_MS)
            for place in dict.fromkeys((*REGIONS, *self._cities(), *open_minutes)):
                recent, still_open = self._recent(place), open_minutes.get(place, {})
                if still_open or recent != Recent():
                    self._look(place, recent, still_open, moment, emitted_at_ms=emitted_at_ms)
        if after_ms // HOUR_MS > before_ms // HOUR_MS:
            self._foretell(after_ms // HOUR_MS * HOUR_MS + HOUR_MS, emitted_at_ms=emitted_at_ms)

    def learn(self, hour_start_ms: int, complaints: Iterable[tuple[str, Mapping[str, int]]]) -> None:
        """Learn an hour of every place that has ever had a complaint; none in it is learnt as well."""
        counts: dict[str, dict[str, int]] = {}
        for place, by_reason in complaints:
            self._know(place)
            found = counts.setdefault(place, {})
            for reason, count in by_reason.items():
                found[reason] = found.get(reason, 0) + count
        hour = hour_of(hour_start_ms)
        for place in (*REGIONS, *self._cities()):
            row = self._get(usual_key(place))
            known = (row.usual if row is not None else None) or Usual()
            found = counts.get(place, {})
            if row is None and not found:
                continue
            found[ALL] = sum(found.values())
            hot = self._recent(place).hot_hours.get(hour_start_ms // HOUR_MS, ())
            cells = dict(known.cells)
            for name in _SERIES:
                if name in cells or found.get(name):
                    cells[name] = learn(cells.get(name, {}), hour, found.get(name, 0), is_surge=name in hot)
            self._effects.changes[usual_key(place)] = RegionRow(usual=Usual(cells))

    def _look(self, place: str, recent: Recent, still_open: Minutes, moment: _Moment, *, emitted_at_ms: int) -> None:
        now = moment.at_ms // MINUTE_MS
        minutes = {minute: counts for minute, counts in recent.minutes.items() if minute >= now - _KEPT_MINUTES}
        sums = {span: _sum({**minutes, **still_open}, now - span, now) for span in SPANS_MINUTES}
        row = self._get(usual_key(place))
        usual = (row.usual if row is not None else None) or Usual()
        series, hot = dict(recent.series), dict(recent.hot_hours)
        for name in _SERIES:
            known = series.get(name, CALM)
            if known is CALM and max(counts.get(name, 0) for counts in sums.values()) < COUNT_MIN:
                continue
            apart = () if name != ALL else [each for each in ReasonGroup if each in series and series[each].surge]
            looks = list(_looks(name, apart, sums, usual, moment))
            judged = judge(known, looks, now_ms=moment.at_ms, scope=_scope(place, name))
            series[name] = judged.series
            if judged.series == CALM:
                del series[name]
            if judged.change is not None:
                self._tell(place, name, known.surge, judged, moment.at_ms, emitted_at_ms=emitted_at_ms)
            if judged.series.surge is not None:
                hour = (moment.at_ms - 1) // HOUR_MS
                hot[hour] = tuple(sorted({*hot.get(hour, ()), name}))
        hot = {hour: names for hour, names in hot.items() if hour > moment.at_ms // HOUR_MS - _HOT_HOURS_MAX}
        looked = Recent(minutes, series, hot)
        if looked != recent:
            self._put(place, looked)

    def _tell(
        self, place: str, name: str, known: Surge | None, judged: Judged, now_ms: int, *, emitted_at_ms: int
    ) -> None:
        surge = judged.series.surge or known
        if surge is None:
            return
        change = f"{judged.change}-{surge.changes}" if judged.change is Change.GROWN else f"{judged.change}"
        look, region = judged.look, province_of(place)
        alert = Alert(
            alert_id=f"surge:{place}:{name}:{surge.since_ms}:{change}",
            kind=AlertKind.SURGE,
            region=region,
            city=place if place in CITIES else "",
            fingerprint=f"surge:{place}:{name}",
            occurred_at=now_ms,
            emitted_at=emitted_at_ms,
            level=Level.EXPLICIT,
            previous_level=Level.NONE if judged.change is Change.OPENED else Level.EXPLICIT,
            reasons=() if name == ALL else (Reason(l1=ReasonGroup(name)),),
            tags=(str(judged.change), f"minutes:{round(look.hours * 60)}") if look else (str(judged.change),),
            count=look.complaints if look else 0,
            baseline=round(look.expected.complaints, 2) if look else None,
        )
        self._effects.outputs.append(Output(ALERTS, region.encode(), alert))

    def _foretell(self, hour_start_ms: int, *, emitted_at_ms: int) -> None:
        hour = hour_of(hour_start_ms)
        for region in REGIONS:
            row = self._get(usual_key(region))
            if row is None or row.usual is None:
                continue
            found = {name: expect(cells, [(hour, 1.0)]) for name, cells in row.usual.cells.items()}
            known = {name: round(each.complaints, 3) for name, each in found.items() if each is not None}
            usual = RegionUsual(
                region=region,
                hour_start=hour_start_ms,
                expected={reason: known[reason] for reason in ReasonGroup if reason in known},
                total=known.get(ALL),
                factor=hour.factor,
                emitted_at=emitted_at_ms,
            )
            self._effects.outputs.append(Output(WINDOWS, region.encode(), usual))

    def _cities(self) -> tuple[str, ...]:
        row = self._get(CITIES_KEY)
        return row.cities if row is not None else ()

    def _know(self, place: str) -> None:
        """Look at a city from now on."""
        if place in CITIES and place not in (known := self._cities()):
            self._effects.changes[CITIES_KEY] = RegionRow(cities=tuple(sorted((*known, place))))

    def _recent(self, place: str) -> Recent:
        row = self._get(recent_key(place))
        return (row.recent if row is not None else None) or Recent()

    def _put(self, place: str, recent: Recent) -> None:
        self._effects.changes[recent_key(place)] = None if recent == Recent() else RegionRow(recent=recent)


def _scope(place: str, series: str) -> Scope:
    if place in CITIES:
        return Scope.CITY
    return Scope.REGION if series == ALL else Scope.REASON


def _looks(
    name: str, apart: Iterable[str], sums: dict[int, dict[str, int]], usual: Usual, moment: _Moment
) -> Iterable[Look]:
    """The spans of a series; what surges by itself is taken out of the whole, so that it does not surge as well."""
    for minutes, counts in sums.items():
        expected = expect(usual.cells.get(name, {}), moment.parts[minutes])
        if expected is None:
            continue
        count, usually = counts.get(name, 0), expected.complaints
        for each in apart:
            other = expect(usual.cells.get(each, {}), moment.parts[minutes])
            count -= counts.get(each, 0)
            usually -= other.complaints if other is not None else 0.0
        yield Look(minutes / 60, count, Expected(max(usually, 0.0), expected.hours))


def _sum(minutes: Minutes, first: int, end: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for minute, counts in minutes.items():
        if first <= minute < end:
            for reason, count in counts.items():
                found[reason] = found.get(reason, 0) + count
                found[ALL] = found.get(ALL, 0) + count
    return found


def _moment(at_ms: int) -> _Moment:
    parts: dict[int, list[tuple[Hour, float]]] = {}
    for minutes in SPANS_MINUTES:
        start_ms = at_ms - minutes * MINUTE_MS
        border_ms = at_ms // HOUR_MS * HOUR_MS
        cuts = [start_ms, border_ms, at_ms] if start_ms < border_ms < at_ms else [start_ms, at_ms]
        spans = pairwise(cuts)
        parts[minutes] = [(hour_of(first), (end - first) / HOUR_MS) for first, end in spans]
    return _Moment(at_ms, parts)
