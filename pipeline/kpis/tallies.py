"""Counting on the way: a stage adds to its own rows, and every ten seconds what came together goes to its subject.

One record a subject and hour instead of one an event: a partition reads thousands of events for each.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from pipeline.kpis.measure import added
from pipeline.stage import Effects, Output, Rows
from pipeline.wakes import woken
from schemas.kpis import KpiTally, Measure, Measures
from schemas.topics import KPI_TALLIES

HOUR_MS = 3_600_000
TOLD_EVERY_MS = 10_000
_PREFIX = b"tally|"


class Pending(msgspec.Struct, frozen=True, gc=False):
    """What was counted of a subject and not told yet, by the start of the hour."""

    subject: str
    hours: dict[int, Measures]


class CountingRow(msgspec.Struct, frozen=True):
    """What a row must have to carry a count."""

    pending: Pending | None = None
    wake_at_ms: int = 0


RowT = TypeVar("RowT", bound=CountingRow)


class Tallies(Generic[RowT]):
    """The counts of a turn; rows are read and effects written as the turn's own. `row` makes the stage's row of one."""

    def __init__(self, rows: Rows[RowT], effects: Effects[RowT], row: Callable[[Pending, int], RowT]) -> None:
        self._rows = rows
        self._effects = effects
        self._row = row

    def add(self, subject: str, measures: Mapping[str, Measure], *, at_ms: int, emitted_at_ms: int) -> None:
        """Count something of a subject in the hour of `at_ms`."""
        key = _PREFIX + subject.encode()
        known = self._get(key)
        pending = known.pending if known is not None and known.pending is not None else Pending(subject, {})
        hour = at_ms // HOUR_MS * HOUR_MS
        hours = {**pending.hours, hour: added(pending.hours.get(hour, {}), measures)}
        wake_at_ms = known.wake_at_ms if known is not None else _next(emitted_at_ms)
        self._effects.changes[key] = self._row(Pending(subject, hours), wake_at_ms)

    def tell(self, now_ms: int, *, stage: str, partition: int) -> None:
        """Publish what is due."""
        due = self._rows.due(now_ms)
        for key, known in woken(due, self._effects.changes, self._get, now_ms=now_ms):
            if known.pending is None:
                continue
            subject = known.pending.subject
            for hour, measures in sorted(known.pending.hours.items()):
                tally = KpiTally(
                    tally_id=f"tally:{stage}:{partition}:{hour}:{now_ms}:{subject}"[:128],
                    subject=subject,
                    hour_start=hour,
                    measures=measures,
                    emitted_at=now_ms,
                )
                self._effects.outputs.append(Output(KPI_TALLIES, subject.encode(), tally))
            self._effects.changes[key] = None

    def _get(self, key: bytes) -> RowT | None:
        return self._effects.newest(key, self._rows)


def _next(now_ms: int) -> int:
    return (now_ms // TOLD_EVERY_MS + 1) * TOLD_EVERY_MS
