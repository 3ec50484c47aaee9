"""Tiles: how much of what a region has had in the last quarter of an hour, hour and day, from its published windows."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from agents.board.views import known_region
from pipeline.regions.views import sliding_sum
from schemas.vocabulary import ChannelClass, Level
from schemas.windows import RegionWindow

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
SPANS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "24h": timedelta(hours=24)}

_MINUTES_FOR_MS = 2 * HOUR_MS + 10 * MINUTE_MS  # an hour is published when it is over, two minutes late
_HOURS_FOR_MS = 25 * HOUR_MS

WindowKey = tuple[ChannelClass, int, int]


class Sum(Struct, frozen=True, omit_defaults=True):
    """Conversations that rose to a level within a span, and the same by `level/reason`."""

    alerts: dict[Level, int] = {}
    reasons: dict[str, int] = {}


class Tile(Struct, frozen=True, omit_defaults=True):
    """One region: a sum a span, and the newest minute in which anything rose."""

    region: str
    spans: dict[str, Sum] = {}
    newest_at: int | None = None


class Heat:
    """The newest version of each window of the last day."""

    def __init__(self) -> None:
        self._windows: dict[str, dict[WindowKey, RegionWindow]] = {}

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
        sums = {name: _sum(windows, until_ms=until_ms, span=span) for name, span in SPANS.items()}
        newest = max((each.window_start for each in windows if each.alerts), default=None)
        return Tile(region, {name: each for name, each in sums.items() if each.alerts}, newest)

    def forget(self, *, now_ms: int) -> None:
        """Let go what no span reaches any more."""
        for windows in self._windows.values():
            for key in [key for key in windows if key[2] < now_ms - _kept_ms(key[1])]:
                del windows[key]


def _kept_ms(window_s: int) -> int:
    return _MINUTES_FOR_MS if window_s * 1000 == MINUTE_MS else _HOURS_FOR_MS


def _sum(windows: Iterable[RegionWindow], *, until_ms: int, span: timedelta) -> Sum:
    totals = sliding_sum(windows, until_ms=until_ms, span=span)
    return Sum(totals.alerts, {f"{level}/{reason}": count for (level, reason), count in totals.counts.items()})
