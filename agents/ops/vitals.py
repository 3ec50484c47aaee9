"""The worker's vital signs: each part of the worker says here what happened to it; health and metrics read snapshots.

The main loop and the watchdog write, the operations thread reads. Each fact is one reference that is replaced whole,
so a reader never sees half of one and no lock can make a probe wait for a busy loop.
"""

import time
from collections.abc import Callable, Sequence

from agents.ops.health import HealthState
from agents.ops.views import PartitionView, Views


def _no_partitions() -> Sequence[PartitionView]:
    return ()


class Vitals:
    """What is known of this worker. `monotonic` is passed in so that tests can move it."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beat_at: float | None = None
        self._watchdog: Callable[[], bool] | None = None
        self._views: Views = _no_partitions
        self._configured = False
        self._connected = False
        self._assigned = False
        self._rules_version = ""
        self._topic_problems: tuple[str, ...] | None = None
        self._stopping = False
        self._broker_silent_seconds = 0.0

    def beat(self) -> None:
        """The main loop is alive."""
        self._beat_at = self._monotonic()

    def watched_by(self, is_alive: Callable[[], bool]) -> None:
        """A watchdog was started; `Thread.is_alive` is the usual answer."""
        self._watchdog = is_alive

    def owns(self, views: Views) -> None:
        """Where to ask for the owned partitions."""
        self._views = views

    def configured(self) -> None:
        """Settings were read and accepted."""
        self._configured = True

    def connected(self) -> None:
        """The broker answered."""
        self._connected = True

    def broker_silent_for(self, seconds: float) -> None:
        """How long nothing was heard of the broker; 0 while it is heard."""
        self._broker_silent_seconds = seconds

    def assigned(self) -> None:
        """The group told what this worker owns, be it nothing."""
        self._assigned = True

    def unassigned(self) -> None:
        """A rebalance runs: what is owned is not known now."""
        self._assigned = False

    def rules_loaded(self, version: str) -> None:
        """A rule pack is in force."""
        self._rules_version = version

    def topics_compared(self, problems: Sequence[str]) -> None:
        """The broker's topics were compared with the table; no problems means they match."""
        self._topic_problems = tuple(problems)

    def stopping(self) -> None:
        """The worker was told to end and finishes its batch."""
        self._stopping = True

    def views(self) -> Sequence[PartitionView]:
        """The owned partitions as they stand now."""
        return self._views()

    def state(self) -> HealthState:
        """All facts at this moment."""
        beat_at, watchdog = self._beat_at, self._watchdog
        return HealthState(
            configured=self._configured,
            connected=self._connected,
            loop_age_seconds=None if beat_at is None else self._monotonic() - beat_at,
            watchdog_alive=watchdog is not None and watchdog(),
            assigned=self._assigned,
            partitions=tuple(self._views()),
            rules_version=self._rules_version,
            topic_problems=self._topic_problems,
            stopping=self._stopping,
            broker_silent_seconds=self._broker_silent_seconds,
        )
