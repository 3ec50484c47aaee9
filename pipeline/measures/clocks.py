"""Clocks of tickets that have ended: kept or not, and how much working time they used."""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.kpis.measure import duration, share
from schemas.kpis import Kpi, Measures
from schemas.sla_clocks import ClockState, GoalKind, SlaClock, TicketClocks

_ENDED = frozenset({ClockState.HIT, ClockState.MISSED})


class Ended(NamedTuple):
    """One clock that ended, once: a ticket that is opened again and solved again has ended twice."""

    name: str  # `total_resolution@1767225600000`
    at_ms: int
    measures: Measures


def ended_clocks(ticket: TicketClocks) -> Iterator[Ended]:
    """The clocks of a snapshot that have ended; the same again in each later snapshot."""
    for clock in ticket.clocks:
        if clock.state in _ENDED and clock.stopped_at is not None:
            yield Ended(f"{clock.clock}@{clock.stopped_at}", clock.stopped_at, _measures(clock))


def _measures(clock: SlaClock) -> Measures:
    measures: Measures = {Kpi.SLA_ATTAINMENT: share(int(clock.state is ClockState.HIT), 1)}
    if clock.clock is GoalKind.FIRST_ACTION:
        measures[Kpi.FIRST_ACTION] = duration(clock.elapsed_ms)
    if clock.clock is GoalKind.TOTAL_RESOLUTION:
        measures[Kpi.RESOLUTION] = duration(clock.elapsed_ms)
        if worked_ms := clock.elapsed_ms + clock.paused_ms:
            measures[Kpi.PAUSE_SHARE] = share(clock.paused_ms, worked_ms)
    return measures
