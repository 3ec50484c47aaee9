"""One batch of summaries, alerts, clocks, incidents, tickets or agent states: what each adds to the figures.

Rows remember what was counted: a snapshot says again what the one before it said.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.kpis.measure import duration, share
from pipeline.kpis.tallies import Pending, Tallies
from pipeline.measures.clocks import ended_clocks
from pipeline.measures.contacts import EndedContact, measures_of_contact
from pipeline.measures.occupancy import measures_of_work, next_work
from pipeline.measures.state import Birth, Deed, MeasuresRow
from pipeline.measures.warnings import measures_of_warning
from pipeline.places.provinces import REGIONS, UNKNOWN
from pipeline.places.resolve import resolve_region
from pipeline.stage import Batch, Effects, Rows
from schemas import codec
from schemas.agent_states import AgentState
from schemas.alerts import Alert
from schemas.codec import Decoded, Raw
from schemas.incidents import Incident, IncidentState
from schemas.kpis import Kpi, Measure, Measures
from schemas.promises import Promise, PromiseState
from schemas.quality import ServiceSummary
from schemas.sla_clocks import TicketClocks
from schemas.tickets import TicketEvent, TicketEventKind
from schemas.topics import ALERTS, FINDINGS, TICKS, Topic

STAGE = "measures"
_REGIONS = frozenset(REGIONS)
_decode_contact = msgspec.json.Decoder(EndedContact).decode
# Of topics that carry much else, the records that can matter: the rest is not even decoded.
_TELLING = {FINDINGS.name: ServiceSummary.SCHEMA.encode(), ALERTS.name: b'"high_risk"'}


def decode(topic: Topic, records: Sequence[Raw], partition: int) -> Decoded:
    """Decode what can matter."""
    telling = _TELLING.get(topic.name)
    if telling is not None:
        records = [record for record in records if telling in (record.value or b"")]
    if topic is FINDINGS:
        try:
            return Decoded([_decode_contact(record.value or b"") for record in records], records, [])
        except msgspec.MsgspecError:
            pass  # the codec says what is wrong
    return codec.decode_batch(topic, records, partition)


def fold(batch: Batch, rows: Rows[MeasuresRow]) -> Effects[MeasuresRow]:
    """Fold one batch into what is pending. Changes nothing: rows and outputs are returned."""
    turn = _Turn(rows)
    if batch.topic is TICKS:
        for tick in batch.events:
            turn.tallies.tell(tick.now_ms, stage=STAGE, partition=batch.partition)
        return turn.effects
    for event, record in zip(batch.events, batch.records, strict=True):
        turn.emitted_at_ms = max(record.timestamp or 0, 0)
        turn.take(event)
    turn.tallies.settle()
    return turn.effects


class _Turn:
    """The rows as they are while a batch is being folded."""

    def __init__(self, rows: Rows[MeasuresRow]) -> None:
        self._rows = rows
        self.effects: Effects[MeasuresRow] = Effects()
        self.tallies = Tallies(rows, self.effects, _counting)
        self.emitted_at_ms = 0

    def take(self, event: Any) -> None:
        """Count one event, by what it is."""
        match event:
            case EndedContact() | ServiceSummary():
                self._count(event.region, measures_of_contact(event), event.occurred_at)
            case Alert():
                self._count(event.region, measures_of_warning(event), event.occurred_at)
            case TicketClocks():
                self._take_clocks(event)
            case Incident():
                self._take_incident(event)
            case Promise():
                self._take_promise(event)
            case TicketEvent():
                self._take_ticket(event)
            case AgentState():
                self._take_state(event)

    def _take_clocks(self, ticket: TicketClocks) -> None:
        if ticket.test:
            return
        ended = {each.name: each for each in ended_clocks(ticket)}
        for name in self._new(f"clocks|{ticket.ticket_id}", ended):
            self._count(ticket.region, ended[name].measures, ended[name].at_ms)

    def _take_incident(self, incident: Incident) -> None:
        if incident.test or incident.state is not IncidentState.ACKED:
            return
        if self._new(f"incident|{incident.incident_id}", [Deed.ACKNOWLEDGED]):
            waited = duration(incident.updated_at - incident.opened_at)
            region = incident.regions[0] if incident.regions else UNKNOWN
            self._count(region, {Kpi.ACKNOWLEDGE: waited}, incident.updated_at)

    def _take_promise(self, promise: Promise) -> None:
        """Kept in time or broken: what is done too late stays broken, what is released is neither."""
        if promise.to.test or promise.state not in _SETTLED:
            return
        if self._new(f"promise|{promise.promise_id}", [Deed.SETTLED]):
            kept = share(int(promise.state is PromiseState.KEPT), 1)
            self._count(promise.to.region, {Kpi.PROMISE_KEPT: kept}, promise.closed_at or promise.due_at)

    def _take_ticket(self, event: TicketEvent) -> None:
        """A ticket and its sale count where and when it was created; a sale that is told first waits for that."""
        deeds: list[str] = [Deed.CREATED] if event.event is TicketEventKind.CREATED else []
        deeds += [Deed.SOLD] if event.sale_closed else []
        if event.test or not deeds:
            return
        key = f"ticket|{event.ticket_id}"
        new = self._new(key, deeds)
        if not new:
            return
        row = self._row(key)
        birth = row.birth
        if Deed.CREATED in new:
            birth = Birth(resolve_region(event).region, event.occurred_at)
            self.effects.changes[key.encode()] = replace(row, birth=birth)
            self._count(birth.region, {Kpi.UPSELL: share(int(Deed.SOLD in row.done), 1)}, birth.at_ms)
        elif birth is not None:
            self._count(birth.region, {Kpi.UPSELL: _SALE}, birth.at_ms)

    def _take_state(self, event: AgentState) -> None:
        key = f"agent|{event.agent_id}".encode()
        row = self.effects.newest(key, self._rows)
        known = None if row is None else row.work
        work = next_work(known, event)
        if work is None or event.test:
            return
        self.effects.changes[key] = MeasuresRow(work=work)
        if known is not None:
            for at_ms, measures in measures_of_work(known, until_ms=event.since):
                self._count(resolve_region(event).region, measures, at_ms)

    def _new(self, key: str, names: Iterable[str]) -> list[str]:
        """Which of these were not counted yet of a subject; they are now."""
        row = self._row(key)
        new = [name for name in names if name not in row.done]
        if new:
            self.effects.changes[key.encode()] = replace(row, done=(*row.done, *new)[-_MAX_DONE:])
        return new

    def _row(self, key: str) -> MeasuresRow:
        return self.effects.newest(key.encode(), self._rows) or MeasuresRow()

    def _count(self, region: str, measures: Measures, at_ms: int) -> None:
        if measures:
            known = region if region in _REGIONS else UNKNOWN
            self.tallies.add(f"region:{known}", measures, at_ms=at_ms, emitted_at_ms=self.emitted_at_ms)


_SETTLED = frozenset({PromiseState.KEPT, PromiseState.BROKEN})
_SALE = Measure(total=1000)  # of a ticket that was counted when it was created
_MAX_DONE = 64  # of one ticket; a snapshot names the last cycle of each clock only


def _counting(pending: Pending, wake_at_ms: int) -> MeasuresRow:
    return MeasuresRow(pending=pending, wake_at_ms=wake_at_ms)
