"""Who is told what the engine did. Metrics implement it; the engine knows nothing of Prometheus."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from pipeline.stage import Turn


class Committed(NamedTuple):
    """A stage's turn that has happened."""

    stage: str
    partition: int
    turn: Turn[Any]
    records: Mapping[str, int]  # read by source topic (logical name), refused ones included
    newest_ms: Mapping[str, int]  # Kafka time of the newest record read, by source topic
    decide_seconds: float
    committed_at_ms: int  # wall clock; delays are measured up to it


class Observer(Protocol):
    """Called after the fact, never in between: nothing an observer does can change a turn."""

    def turn_committed(self, done: Committed) -> None:
        """A stage's turn has happened."""

    def transaction(self, seconds: float, records: int) -> None:
        """A transaction was committed, over so many source records."""

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """A stage's rows were read back."""


class Silent:
    """An observer for tests and benchmarks."""

    def turn_committed(self, done: Committed) -> None:
        """Nothing."""

    def transaction(self, seconds: float, records: int) -> None:
        """Nothing."""

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """Nothing."""
