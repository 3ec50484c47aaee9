"""The hours of one subject as they are in this turn, and sums over some of them."""

from collections.abc import Callable, Iterable

from pipeline.kpis.measure import sum_of
from pipeline.kpis.state import KpiRow, hour_key
from pipeline.stage import Effects, Rows
from pipeline.times import HOUR_MS
from schemas.kpis import Measure


class Hours:
    """What a subject's rows hold."""

    def __init__(self, subject: str, rows: Rows[KpiRow], effects: Effects[KpiRow]) -> None:
        self._subject = subject
        self._rows = rows
        self._effects = effects

    def row(self, key: bytes) -> KpiRow | None:
        """A row, as changed in this turn or as committed."""
        return self._effects.newest(key, self._rows)

    def span(self, first_ms: int, end_ms: int, wanted: Callable[[str], bool]) -> dict[str, Measure]:
        """The sums of the wanted figures over hours that follow one another."""
        return self.sums(range(first_ms, end_ms, HOUR_MS), wanted)

    def sums(self, starts_ms: Iterable[int], wanted: Callable[[str], bool]) -> dict[str, Measure]:
        """The sums of the wanted figures over some hours."""
        found: dict[str, list[Measure]] = {}
        for start_ms in starts_ms:
            row = self.row(hour_key(self._subject, start_ms))
            if row is not None and row.hour is not None:
                for name, measure in row.hour.measures.items():
                    if wanted(name):
                        found.setdefault(name, []).append(measure)
        return {name: sum_of(measures) for name, measures in found.items()}
