"""The rows of the regions stage: windows, what is usual in a region, its surges, and the clock of a partition."""

from collections.abc import Iterator, Mapping

import msgspec

from pipeline.places.provinces import REGIONS
from pipeline.surge.judge import Series
from pipeline.surge.usual import Cells
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.vocabulary import ChannelClass, Level, ReasonGroup

RAW_FOR_MS = 2 * HOUR_MS  # how long minutes are kept
HOURS_FOR_MS = 35 * 24 * HOUR_MS  # how long hours are kept, and how late an alert may come
ALLOWED_LATENESS_MS = 2 * MINUTE_MS
# The same hour comes again after a day at the earliest: until then late events are awaited before an hour is learnt.
LEARN_AFTER_MS = 22 * HOUR_MS

CLOCK_KEY = b"clock"
MINUTES_KEY = b"minutes"
CITIES_KEY = b"cities"
ALL = "all"  # the series of all reasons of a place


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one region and channel had in one minute or hour."""

    version: int = 0  # of the last published snapshot
    is_closed: bool = False
    late_count: int = 0
    alerts: dict[Level, int] = {}  # conversations that rose to a level
    complaints: dict[str, int] = {}  # conversations that became a complaint, by their leading reason
    counts: dict[str, int] = {}  # the same by `level/reason_l1`; one that has two reasons counts for each
    cities: dict[str, dict[str, int]] = {}  # `complaints` of each city that is known
    recent: bytes = b""  # hashes of the alert ids that were counted

    def complaints_by_place(self, region: str) -> Iterator[tuple[str, Mapping[str, int]]]:
        """Complaints by leading reason: those of the region that it is of, then those of each of its cities."""
        yield region, self.complaints
        yield from self.cities.items()


class Clock(msgspec.Struct, frozen=True):
    """How far a partition has come: the newest event time, and the watermark up to which windows were closed.

    Of an alert from a clock that is ahead, `newest_ms` is ahead as well: its windows are still to be closed.
    """

    newest_ms: int
    watermark_ms: int


class Recent(msgspec.Struct, frozen=True, omit_defaults=True):
    """Complaints of a place's last minutes, and the surges that they make."""

    minutes: dict[int, dict[str, int]] = {}  # by minute since the epoch, then by leading reason
    series: dict[str, Series] = {}  # by reason, and `ALL`; calm ones are not there
    hot_hours: dict[int, tuple[str, ...]] = {}  # by hour since the epoch: the series that surged in it


class Usual(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a place's hours bring."""

    cells: dict[str, Cells] = {}  # by reason, and `ALL`


class RegionRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the stage: a window, what is remembered of a region or city, or one of the rows of a partition."""

    window: Window | None = None
    clock: Clock | None = None
    recent: Recent | None = None
    usual: Usual | None = None
    minutes: tuple[int, ...] = ()  # starts of the minutes of which there are windows, in minutes since the epoch
    cities: tuple[str, ...] = ()  # that have had a complaint


class WindowId(msgspec.Struct, frozen=True):
    """Which window: its key is what the row is stored under."""

    region: str
    channel: ChannelClass
    size_ms: int
    start_ms: int

    @property
    def key(self) -> bytes:
        """`440000|voice|60|1700000000`, in seconds."""
        return _place_key(self.region, self.channel) + _span_key(self.size_ms, self.start_ms)

    @property
    def end_ms(self) -> int:
        """The first moment that is no longer inside."""
        return self.start_ms + self.size_ms


def keys_of(size_ms: int, start_ms: int) -> Iterator[tuple[tuple[str, ChannelClass], bytes]]:
    """The keys that the windows of a span have, by region and channel."""
    span = _span_key(size_ms, start_ms)
    return ((place, key + span) for place, key in _PLACE_KEYS)


def window_at(region: str, channel: ChannelClass, size_ms: int, at_ms: int) -> WindowId:
    """The window of a size that a moment falls into."""
    return WindowId(region, channel, size_ms, at_ms - at_ms % size_ms)


def cell(level: Level, reason: ReasonGroup) -> str:
    """The key of one count."""
    return f"{level}/{reason}"


def _place_key(region: str, channel: ChannelClass) -> bytes:
    return f"{region}|{channel}|".encode()


def _span_key(size_ms: int, start_ms: int) -> bytes:
    return f"{size_ms // 1000}|{start_ms // 1000}".encode()


_PLACE_KEYS = tuple(((region, channel), _place_key(region, channel)) for region in REGIONS for channel in ChannelClass)


def recent_key(place: str) -> bytes:
    """Where the last minutes of a region or city are kept."""
    return f"recent|{place}".encode()


def usual_key(place: str) -> bytes:
    """Where it is kept what the hours of a region or city bring."""
    return f"usual|{place}".encode()
