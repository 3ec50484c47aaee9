"""Counting on the way: a stage adds to its own rows, and every ten seconds what came together goes to its subject.

One record a subject and hour instead of one an event: a partition reads thousands of events for each.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from pipeline.kpis.measure import sum_of
from pipeline.stage import Effects, Output, Rows
from pipeline.times import HOUR_MS
from pipeline.wakes import woken
from schemas.kpis import KpiTally, Measure, Measures
from schemas.topics import KPI_TALLIES

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


def is_tally(key: bytes) -> bool:
    """Whether a key is that of a count, and not of a row of the stage's own."""
    return key.startswith(_PREFIX)


RowT = TypeVar("RowT", bound=CountingRow)


class Tallies(Generic[RowT]):
    """The counts of one batch. `row` makes the stage's row of what is pending, and of when it is to be told."""

    def __init__(self, rows: Rows[RowT], effects: Effects[RowT], row: Callable[[Pending, int], RowT]) -> None:
        self._rows = rows
        self._effects = effects
        self._row = row
        self._new: dict[str, dict[int, dict[str, list[Measure]]]] = {}
        self._wakes_at_ms: dict[str, int] = {}

    def add(self, subject: str, measures: Mapping[str, Measure], *, at_ms: int, emitted_at_ms: int) -> None:
        """Count something of a subject in the hour of `at_ms`; `settle` puts it into the rows."""
        hours = self._new.get(subject)
        if hours is None:
            hours = self._new[subject] = {}
            self._wakes_at_ms[subject] = (emitted_at_ms // TOLD_EVERY_MS + 1) * TOLD_EVERY_MS
        named = hours.setdefault(at_ms // HOUR_MS * HOUR_MS, {})
        for name, measure in measures.items():
            named.setdefault(name, []).append(measure)

    def settle(self) -> None:
        """Put what the batch has counted into rows: once for each subject, however much it was."""
        for subject, hours in self._new.items():
            key = _PREFIX + subject.encode()
            known = self._effects.newest(key, self._rows)
            pending = known.pending if known is not None else None
            told = {} if pending is None else dict(pending.hours)
            for hour, named in hours.items():
                measures = dict(told.get(hour, {}))
                for name, new in named.items():
                    measures[name] = sum_of((measures[name], *new) if name in measures else new)
                told[hour] = measures
            wake_at_ms = known.wake_at_ms if known is not None else self._wakes_at_ms[subject]
            self._effects.changes[key] = self._row(Pending(subject, told), wake_at_ms)
        self._new.clear()

    def tell(self, now_ms: int, *, stage: str, partition: int) -> None:
        """Publish what is due."""
        due = self._rows.due(now_ms)
        for key, known in woken(due, self._effects.changes, self._newest, now_ms=now_ms):
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

    def _newest(self, key: bytes) -> RowT | None:
        return self._effects.newest(key, self._rows)
