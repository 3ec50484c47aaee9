"""Ticks: the clock that goes through the log, one a second for every partition. Topic `ticks`."""

from schemas.base import Code, EpochMillis, Wire


class Tick(Wire, tag="tick/1", frozen=True, kw_only=True):
    """Now, for one partition."""

    now_ms: EpochMillis
    reason: Code = "timer"

    def record_id(self) -> str:
        """The moment itself."""
        return f"tick:{self.now_ms}"
