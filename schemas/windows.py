"""Windows: how much of what came from where in one bucket of event time, and what is usual. Topic `regions.windows`."""

from schemas.base import Code, Count, EpochMillis, Part, Wire
from schemas.vocabulary import ChannelClass, Level, ReasonGroup


class ReasonCount(Part, frozen=True, kw_only=True):
    """How many at one level for one reason."""

    level: Level
    reason_l1: ReasonGroup
    count: Count


class RegionWindow(Wire, tag="metrics.window/1", frozen=True, kw_only=True):
    """One bucket of one region and channel. A late event corrects it under a higher `version`."""

    region: Code
    channel: ChannelClass
    window_start: EpochMillis
    window_s: Count
    version: Count
    counts: tuple[ReasonCount, ...]
    late: Count  # events that came after the watermark had passed the bucket
    closed: bool
    alerts: dict[Level, Count] = {}  # noqa: RUF012  msgspec copies an empty default
    complaints: dict[ReasonGroup, Count] = {}  # noqa: RUF012  became explicit or worse, by the leading reason
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Region, channel, bucket and version."""
        return f"window:{self.region}:{self.channel}:{self.window_s}:{self.window_start}:{self.version}"


class RegionUsual(Wire, tag="region.usual/1", frozen=True, kw_only=True):
    """What one hour should bring to a region, said before it begins; without a reason that is still being learnt."""

    region: Code
    hour_start: EpochMillis
    expected: dict[ReasonGroup, float] = {}  # noqa: RUF012  complaints, by the leading reason
    total: float | None = None  # None while the region is learning
    factor: float = 1.0  # of the season, already in the numbers
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Region and hour."""
        return f"usual:{self.region}:{self.hour_start}"
