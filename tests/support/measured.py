"""Events from which figures are counted, and what the measures stage makes of them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from pipeline.kpis.measure import sum_of
from pipeline.measures.fold import fold
from pipeline.measures.state import MeasuresRow
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch
from schemas.agent_states import AgentState, AgentStateKind
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.examples import EXAMPLES
from schemas.incidents import Incident, IncidentState
from schemas.kpis import KpiTally, Measure
from schemas.promises import Promise, PromiseState
from schemas.quality import ServiceSummary
from schemas.sla_clocks import ClockState, GoalKind, SlaClock, TicketClocks
from schemas.ticks import Tick
from schemas.topics import AGENT_STATES, ALERTS, FINDINGS, INCIDENTS, PROMISES, SLA_CLOCKS, TICKETS, TICKS
from schemas.vocabulary import AlertKind, ChannelClass, Level
from tests.support.tickets import ticket_event

HOUR_START_MS = 1_767_225_600_000
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
_TOPICS = {
    ServiceSummary: FINDINGS,
    Alert: ALERTS,
    TicketClocks: SLA_CLOCKS,
    Incident: INCIDENTS,
    AgentState: AGENT_STATES,
    Promise: PROMISES,
}
_SUMMARY = next(each for each in EXAMPLES if isinstance(each, ServiceSummary))
_CLOCKS = next(each for each in EXAMPLES if isinstance(each, TicketClocks))
_INCIDENT = next(each for each in EXAMPLES if isinstance(each, Incident))


def contact(at_ms: int = 0, highest: Level = Level.NONE, end: Level = Level.NONE, **changes: Any) -> ServiceSummary:
    """A call from Guangdong has ended."""
    fields = {"region": "440000", "occurred_at": HOUR_START_MS + at_ms, "highest_level": highest, "level": end}
    return replace(_SUMMARY, **fields | changes)


def rise(lead_ms: int | None, **changes: Any) -> Alert:
    """A conversation rose to high risk."""
    fields: dict[str, Any] = {
        "alert_id": "a",
        "kind": AlertKind.LEVEL_RISE,
        "region": "440000",
        "fingerprint": "f",
        "occurred_at": HOUR_START_MS,
        "emitted_at": HOUR_START_MS,
        "level": Level.HIGH_RISK,
        "previous_level": Level.EXPLICIT,
        "channel": ChannelClass.VOICE,
        "lead_ms": lead_ms,
    }
    return Alert(**fields | changes)


def clock(goal: GoalKind, state: ClockState, elapsed_ms: int, stopped_at_ms: int, paused_ms: int = 0) -> SlaClock:
    """A clock that has ended."""
    known = _CLOCKS.clocks[0]
    at_ms = HOUR_START_MS + stopped_at_ms
    return replace(known, clock=goal, state=state, elapsed_ms=elapsed_ms, stopped_at=at_ms, paused_ms=paused_ms)


def clocks(*ended: SlaClock, **changes: Any) -> TicketClocks:
    """A snapshot of a ticket in Guangdong."""
    return replace(_CLOCKS, clocks=ended, region="440000", **changes)


def acked(number: int, after_ms: int, **changes: Any) -> Incident:
    """An incident was acknowledged so long after it opened."""
    return replace(
        _INCIDENT,
        incident_id=f"i{number}",
        state=IncidentState.ACKED,
        opened_at=HOUR_START_MS,
        updated_at=HOUR_START_MS + after_ms,
        **changes,
    )


def promise(number: int, state: str, **about: Any) -> Promise:
    """Where a promise made in Guangdong stands."""
    known = next(each for each in EXAMPLES if isinstance(each, Promise))
    to = replace(known.to, region="440000", **about)
    return replace(known, promise_id=f"p{number}", state=PromiseState(state), to=to, closed_at=HOUR_START_MS)


def doing(agent: str, state: str, since_ms: int, **changes: Any) -> AgentState:
    """What an agent does from a moment on."""
    return AgentState(
        event_id=f"{agent}-{since_ms}",
        source="acd",
        occurred_at=HOUR_START_MS + since_ms,
        agent_id=agent,
        state=AgentStateKind(state),
        since=HOUR_START_MS + since_ms,
        region="440000",
        **changes,
    )


def ticket(at_ms: int, kind: str, **changes: Any) -> Any:
    """An event of a ticket in Guangdong."""
    fields = {"ticket_id": "t1", "region": "440000"} | changes
    return ticket_event(HOUR_START_MS + at_ms, kind, **fields)


def counted(events: Sequence[Any], cuts: Sequence[int] = ()) -> tuple[dict[str, Measure], dict[bytes, bytes]]:
    """What Guangdong's figures came to over all hours when it was told, and the rows that stay."""
    store: Store[MeasuresRow] = Store(MeasuresRow)
    changes = {place for place in range(1, len(events)) if type(events[place]) is not type(events[place - 1])}
    for start, end in pairwise(sorted({0, *changes, *cuts, len(events)})):
        part = events[start:end]
        batch = Batch(_TOPICS.get(type(part[0]), TICKETS), 0, part, [Record(0, HOUR_START_MS, None, b"")] * len(part))
        store.apply(fold(batch, store).changes, now_ms=0)
    told = fold(Batch(TICKS, 0, [Tick(now_ms=HOUR_START_MS + 10 * SECOND)], [Record(0, 0, None, b"")]), store)
    store.apply(told.changes, now_ms=0)
    tallies = [output.value for output in told.outputs if isinstance(output.value, KpiTally)]
    assert {tally.subject for tally in tallies} <= {"region:440000"}
    found: dict[str, list[Measure]] = {}
    for tally in tallies:
        for name, measure in tally.measures.items():
            found.setdefault(name, []).append(measure)
    return {name: sum_of(each) for name, each in found.items()}, {k: encode_row(row) for k, row in store.items()}
