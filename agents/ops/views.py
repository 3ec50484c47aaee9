"""What a worker shows of each partition it owns. The engine fills it in; metrics and health only read it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from schemas.rules import RulesState

NOTHING: Mapping[str, int] = MappingProxyType({})


class PartitionView(NamedTuple):
    """One owned partition as it stands now. Times are ages or the log's own clock, never the wall clock's reading."""

    partition: int
    ready: bool  # taken over: rows are back and turns are taken
    rows: Mapping[str, int] = NOTHING  # rows in memory by stage
    rows_bytes: Mapping[str, int] = NOTHING  # the same rows' size as encoded, where the engine knows it
    lag: Mapping[str, int] = NOTHING  # records that wait, by source topic (logical name, without prefix)
    lag_age_seconds: float = 0.0  # since the broker last told where the log ends: an old lag proves nothing
    rules: Sequence[RulesState] = ()  # what its stages go by
    clock_ms: int = 0  # the partition's clock, moved by ticks and records
    held: str = ""  # why no turn is taken any more; empty where turns are taken
    recovering_seconds: float | None = None  # since take-over began; None once it is over
    last_progress_age_seconds: float = 0.0  # since a turn was committed or the position moved


Views = Callable[[], Sequence[PartitionView]]
