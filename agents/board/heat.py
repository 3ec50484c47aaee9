"""Tiles: how much of what a region has had in the last quarter of an hour, hour and day, from its published windows."""

from datetime import timedelta

from msgspec import Struct

from agents.board.views import known_region
from pipeline.regions.views import sliding_sum
from pipeline.surge.judge import Change
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.alerts import Alert
from schemas.vocabulary import ChannelClass, Level
from schemas.windows import RegionUsual, RegionWindow

SPANS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "24h": timedelta(hours=24)}

_MINUTES_FOR_MS = 2 * HOUR_MS + 10 * MINUTE_MS  # an hour is published when it is over, two minutes late
_HOURS_FOR_MS = 25 * HOUR_MS

WindowKey = tuple[ChannelClass, int, int]


class Sum(Struct, frozen=True, omit_defaults=True):
    """Conversations that rose to a level within a span, and the same by `level/reason`."""

    alerts: dict[Level, int] = {}
    reasons: dict[str, int] = {}
    complaints: int = 0
    usual: float | None = None  # complaints that the span should have; None while that is not known


class Tile(Struct, frozen=True, omit_defaults=True):
    """One region: a sum a span, the newest minute in which anything rose, and what surges."""

    region: str
    spans: dict[str, Sum] = {}
    newest_at: int | None = None
    is_learning: bool = True  # what is usual is not known yet
    surges: tuple[str, ...] = ()  # reasons that surge, `all` for the region as a whole


class Heat:
    """The newest version of each window of the last day."""

    def __init__(self) -> None:
        self._windows: dict[str, dict[WindowKey, RegionWindow]] = {}
        self._usual: dict[str, dict[int, RegionUsual]] = {}  # by region, then by the hour's start
        self._surges: dict[str, dict[str, tuple[int, bool]]] = {}  # by region and series: since when, whether open

    def foretell(self, usual: RegionUsual) -> str:
        """Note what an hour should bring; the region whose tile it may change."""
        region = known_region(usual.region)
        known = self._usual.setdefault(region, {}).get(usual.hour_start)
        if known is None or usual.emitted_at >= known.emitted_at:
            self._usual[region][usual.hour_start] = usual
        return region

    def surge(self, alert: Alert) -> str:
        """Note that a surge opened, goes on, or is over; the region whose tile it may change."""
        region = known_region(alert.region)
        series = alert.fingerprint.rpartition(":")[2]
        known = self._surges.setdefault(region, {}).get(series)
        if known is None or alert.occurred_at >= known[0]:
            self._surges[region][series] = (alert.occurred_at, Change.RESOLVED not in alert.tags)
        return region

    def take(self, window: RegionWindow) -> str:
        """Put a window in; the region whose tile it may change."""
        region = known_region(window.region)
        windows = self._windows.setdefault(region, {})
        key = (window.channel, window.window_s, window.window_start)
        known = windows.get(key)
        if known is None or window.version > known.version:
            windows[key] = window
        return region

    def tile(self, region: str, *, now_ms: int) -> Tile:
        """A region as it is now: a span ends with the running minute."""
        until_ms = now_ms - now_ms % MINUTE_MS + MINUTE_MS
        windows = self._windows.get(region, {}).values()
        sums = {name: self._sum(region, until_ms=until_ms, span=span) for name, span in SPANS.items()}
        newest = max((each.window_start for each in windows if each.alerts), default=None)
        surging = tuple(sorted(series for series, (_, is_open) in self._surges.get(region, {}).items() if is_open))
        now_usual = self._usual.get(region, {}).get(now_ms - now_ms % HOUR_MS)
        is_learning = now_usual is None or now_usual.total is None
        shown = {name: each for name, each in sums.items() if each != Sum()}
        return Tile(region, shown, newest, is_learning, surging)

    def _sum(self, region: str, *, until_ms: int, span: timedelta) -> Sum:
        windows = self._windows.get(region, {}).values()
        totals = sliding_sum(windows, until_ms=until_ms, span=span)
        reasons = {f"{level}/{reason}": count for (level, reason), count in totals.counts.items()}
        usual = self._expected(region, until_ms - span // timedelta(milliseconds=1), until_ms)
        return Sum(totals.alerts, reasons, totals.complaints, usual)

    def _expected(self, region: str, since_ms: int, until_ms: int) -> float | None:
        """What the hours of a span should bring, each by how much of it is in the span; None where one is not known."""
        hours, expected = self._usual.get(region, {}), 0.0
        for start_ms in range(since_ms - since_ms % HOUR_MS, until_ms, HOUR_MS):
            hour = hours.get(start_ms)
            if hour is None or hour.total is None:
                return None
            expected += hour.total * (min(until_ms, start_ms + HOUR_MS) - max(since_ms, start_ms)) / HOUR_MS
        return round(expected, 2)

    def forget(self, *, now_ms: int) -> None:
        """Let go what no span reaches any more."""
        for windows in self._windows.values():
            for key in [key for key in windows if key[2] < now_ms - _kept_ms(key[1])]:
                del windows[key]
        for surges in self._surges.values():  # one that is a day old has ended unseen: a surge tells of itself
            for series in [series for series, (at_ms, _) in surges.items() if at_ms < now_ms - _HOURS_FOR_MS]:
                del surges[series]
        for hours in self._usual.values():
            for start_ms in [start_ms for start_ms in hours if start_ms < now_ms - _HOURS_FOR_MS]:
                del hours[start_ms]


def _kept_ms(window_s: int) -> int:
    return _MINUTES_FOR_MS if window_s * 1000 == MINUTE_MS else _HOURS_FOR_MS
