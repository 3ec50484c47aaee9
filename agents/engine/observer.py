"""Who is told what the engine did. Metrics implement it; the engine knows nothing of Prometheus."""

from collections.abc import Mapping
from typing import Any, Protocol

from agents.metrics.labels import TransactionOutcome
from pipeline.stage import Turn


class Observer(Protocol):
    """Called after the fact, never in between: nothing an observer does can change a turn."""

    def turn_committed(
        self,
        stage: str,
        partition: int,
        records: Mapping[str, int],
        turn: Turn[Any],
        *,
        decide_seconds: float,
        committed_at_ms: int,
        newest_ms: Mapping[str, int],
    ) -> None:
        """A stage's turn has happened: how many records were read of each source topic, and the time of the newest."""

    def transaction(self, seconds: float, records: int, outcome: TransactionOutcome) -> None:
        """A transaction has ended, with so many records in it."""

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """A stage's rows were read back."""


class Silent:
    """An observer for tests and benchmarks."""

    def turn_committed(
        self,
        stage: str,
        partition: int,
        records: Mapping[str, int],
        turn: Turn[Any],
        *,
        decide_seconds: float,
        committed_at_ms: int,
        newest_ms: Mapping[str, int],
    ) -> None:
        """Nothing."""

    def transaction(self, seconds: float, records: int, outcome: TransactionOutcome) -> None:
        """Nothing."""

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """Nothing."""
