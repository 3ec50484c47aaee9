"""A thread that ends a worker which lives but does not work: a deaf consumer, a stuck loop, an endless recovery.

A process that answers is not a process that works: consumers of aiokafka have gone deaf behind a healthy face. The
judgement is a pure function; the thread only asks it every second and acts.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from agents.engine.crash import ExitCode, end_process
from agents.ops.views import PartitionView


def seconds(count: float) -> timedelta:
    """A setting's seconds as a duration."""
    return timedelta(seconds=count)


class Stuck(StrEnum):
    """Why a worker must end."""

    LOOP = "the main loop does not answer"
    NO_PROGRESS = "records wait and none was worked off"
    RECOVERY = "a changelog was not read back in time"
    LOST_BATCH = "a batch left the consumer and never arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long each kind of stillness is borne."""

    loop: timedelta = timedelta(seconds=60)
    progress: timedelta = timedelta(seconds=120)
    recovery: timedelta = timedelta(seconds=660)  # above the engine's own recovery deadline
    batch: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is seen of the worker at one moment."""

    loop_age: timedelta
    partitions: Sequence[PartitionView] = ()
    missing_batch_age: timedelta = timedelta(0)


def judge(signs: Signs, patience: Patience) -> Stuck | None:
    """The first reason to end the worker; None while there is hope."""
    if signs.loop_age > patience.loop:
        return Stuck.LOOP
    if signs.missing_batch_age > patience.batch:
        return Stuck.LOST_BATCH
    for partition in signs.partitions:
        recovering = partition.recovering_seconds
        if recovering is not None:
            if recovering > patience.recovery.total_seconds():
                return Stuck.RECOVERY
            continue
        if partition.held:  # it stands still on purpose, until a person has looked
            continue
        # An old lag proves nothing: a broker that is away tells none, and ending would not bring it back.
        waits = any(partition.lag.values()) and partition.lag_age_seconds < patience.progress.total_seconds()
        if waits and partition.last_progress_age_seconds > patience.progress.total_seconds():
            return Stuck.NO_PROGRESS
    return None


class Watchdog:
    """Asks `judge` once a second until it is stopped."""

    def __init__(self, look: Callable[[], Signs], patience: Patience) -> None:
        self._look = look
        self._patience = patience
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """The worker ends by itself: look away."""
        self._stop.set()

    def is_alive(self) -> bool:
        """Whether anybody watches."""
        return self._thread.is_alive()

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            reason = judge(self._look(), self._patience)
            if reason is not None:
                end_process(reason.value, ExitCode.RECOVERY if reason is Stuck.RECOVERY else ExitCode.STUCK)
