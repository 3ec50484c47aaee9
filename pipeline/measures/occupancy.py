"""Occupancy: what agents did, hour by hour. After-call work counts as work; nobody is named."""

from collections.abc import Iterator

from pipeline.kpis.measure import share
from pipeline.measures.state import Work
from pipeline.times import HOUR_MS
from schemas.agent_states import AgentState, AgentStateKind
from schemas.kpis import Kpi, Measures

# Who forgot to log off was not at work all night: of one state without news only so much counts.
LONGEST_STATE_MS = 12 * HOUR_MS
_AT_WORK = frozenset({AgentStateKind.TALKING, AgentStateKind.ACW})


def next_work(known: Work | None, event: AgentState) -> Work | None:
    """The agent's work after an event; None where it is older than what is known."""
    if known is not None and event.since <= known.since_ms:
        return None
    return Work(event.state, event.since, event.until)


def measures_of_work(work: Work, *, until_ms: int) -> Iterator[tuple[int, Measures]]:
    """What a state that has ended adds to each hour that it lies in, by a moment of that hour."""
    if work.state is AgentStateKind.OFFLINE:
        return
    end_ms = min(until_ms, work.since_ms + LONGEST_STATE_MS, work.until_ms or until_ms)
    start_ms = work.since_ms
    while start_ms < end_ms:
        stop_ms = min(end_ms, (start_ms // HOUR_MS + 1) * HOUR_MS)
        spent_ms = stop_ms - start_ms
        yield start_ms, {Kpi.OCCUPANCY: share(spent_ms if work.state in _AT_WORK else 0, spent_ms)}
        start_ms = stop_ms
