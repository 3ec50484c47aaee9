"""Sliding views over published windows: five minutes, an hour, a day. Sums on read; nothing here is stored."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from schemas.vocabulary import ChannelClass, Level, ReasonGroup
from schemas.windows import RegionWindow

_MINUTE_S = 60
_HOUR_S = 3600
_RAW_S = 2 * _HOUR_S


class Totals(msgspec.Struct, frozen=True):
    """How many conversations rose to each level, and for which reasons; how many became complaints."""

    alerts: dict[Level, int]
    counts: dict[tuple[Level, ReasonGroup], int]
    complaints: int = 0


def newest_versions(windows: Iterable[RegionWindow]) -> list[RegionWindow]:
    """Of each window the snapshot with the highest version, in order of time."""
    newest: dict[tuple[str, ChannelClass, int, int], RegionWindow] = {}
    for window in windows:
        which = (window.region, window.channel, window.window_s, window.window_start)
        known = newest.get(which)
        if known is None or window.version > known.version:
            newest[which] = window
    return sorted(newest.values(), key=lambda window: window.window_start)


def sliding_sum(windows: Iterable[RegionWindow], *, until_ms: int, span: timedelta) -> Totals:
    """Sum of the span that ends at `until_ms`, exact to the minute; beyond two hours, to the hour at its far end."""
    since_ms = until_ms - span // timedelta(milliseconds=1)
    alerts: Counter[Level] = Counter()
    counts: Counter[tuple[Level, ReasonGroup]] = Counter()
    complaints = 0
    for window in _covering(newest_versions(windows), since_ms=since_ms, until_ms=until_ms):
        alerts.update(window.alerts)
        complaints += sum(window.complaints.values())
        for cell in window.counts:
            counts[cell.level, cell.reason_l1] += cell.count
    return Totals(dict(alerts), dict(counts), complaints)


def _covering(windows: list[RegionWindow], *, since_ms: int, until_ms: int) -> list[RegionWindow]:
    """Minutes for a short span; for a long one whole hours where they are published, and minutes for the rest."""
    inside = [window for window in windows if since_ms <= window.window_start < until_ms]
    minutes = [window for window in inside if window.window_s == _MINUTE_S]
    if until_ms - since_ms <= _RAW_S * 1000:
        return minutes
    hours = [
        window for window in inside if window.window_s == _HOUR_S and window.window_start + _HOUR_S * 1000 <= until_ms
    ]
    summed = {(hour.region, hour.channel, hour.window_start // (_HOUR_S * 1000)) for hour in hours}
    rest = [
        minute
        for minute in minutes
        if (minute.region, minute.channel, minute.window_start // (_HOUR_S * 1000)) not in summed
    ]
    return hours + rest
