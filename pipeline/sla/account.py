"""The whole account of one ticket, reckoned from its events as if a tick had come at every instant that mattered."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.places.resolve import NO_TABLES, PlaceTables, RegionSource, resolve_region
from pipeline.sla.facts import Fact, fact_of, fact_of_signal
from pipeline.sla.policy import SlaPack
from pipeline.sla.snapshot import snapshot
from pipeline.sla.ticket import Ticket, is_forgotten, take, tick, with_finding
from schemas.links import SignalKind, TicketSignal
from schemas.sla_clocks import TicketClocks
from schemas.tickets import TicketEvent

_WHOLE = 1_000_000  # lines: more than any ticket has


class Written(NamedTuple):
    """What happened to a ticket or what it was told, and when its record was written; 0 where nobody knows."""

    event: TicketEvent | TicketSignal
    written_at_ms: int

    @property
    def id(self) -> str:
        """What a repeat is recognised by."""
        event = self.event
        return event.event_id if isinstance(event, TicketEvent) else f"{event.kind}:{event.cause_id}"


class Account(NamedTuple):
    """A ticket with its full ledger at a moment; `repeats` were events that had been read before."""

    clocks: TicketClocks
    events: int
    repeats: int
    late: int


def account(
    events: Iterable[Written], pack: SlaPack, *, until_ms: int, tables: PlaceTables = NO_TABLES
) -> Account | None:
    """What the events of one ticket come to at a moment; None where there are none. A signal alone makes no ticket.

    What was merged into it before its first event counts from then on.
    """
    ticket, seen, repeats, ticket_id, test = Ticket(), set[str](), 0, "", ""
    absorbed: list[TicketSignal] = []
    for written in events:
        if written.id in seen:
            repeats += 1
            continue
        event = written.event
        if isinstance(event, TicketSignal) and not ticket_id:
            if event.kind is SignalKind.ABSORBED:
                seen.add(written.id)
                absorbed.append(event)
            continue
        seen.add(written.id)
        if isinstance(event, TicketSignal) and (event.kind is SignalKind.PROMISED or event.test not in {"", test}):
            continue  # a promise to its customer moves no clock of the ticket, nor does a drill that is not its own
        ticket_id = event.ticket_id
        test = event.test or test
        if isinstance(event, TicketSignal) and event.kind is SignalKind.FOUND:
            ticket = with_finding(_moved(ticket, pack, until_ms=min(event.emitted_at, until_ms)), event.finding)
            continue
        fact = _fact(event, written.written_at_ms, tables)
        ticket = _moved(ticket, pack, until_ms=min(fact.at_ms, until_ms))
        ticket = take(ticket, fact, pack, max_ledger=_WHOLE).ticket
        for signal in (each for each in absorbed if each.test in {"", test}):
            ticket = take(ticket, fact_of_signal(signal), pack, max_ledger=_WHOLE).ticket
        absorbed.clear()
    if not ticket_id:
        return None
    ticket = _moved(ticket, pack, until_ms=until_ms)
    clocks = snapshot(ticket_id, ticket, pack, at_ms=max(until_ms, ticket.standing.last_at_ms), tail=_WHOLE)
    return Account(clocks, len(seen), repeats, ticket.late_count)


def _fact(event: TicketEvent | TicketSignal, written_at_ms: int, tables: PlaceTables) -> Fact:
    """The fact as a worker takes it."""
    if isinstance(event, TicketSignal):
        return fact_of_signal(event)
    located = resolve_region(event, tables)
    region = "" if located.source is RegionSource.UNKNOWN else located.region
    return fact_of(event, region=region, written_at_ms=written_at_ms)


def _moved(ticket: Ticket, pack: SlaPack, *, until_ms: int) -> Ticket:
    """The ticket after every instant up to a moment; the day on which a worker forgets it is not one of them."""
    while 0 < ticket.next_at_ms <= until_ms and not is_forgotten(ticket, until_ms):
        ticket = tick(ticket, pack, now_ms=ticket.next_at_ms, max_ledger=_WHOLE).ticket
    return ticket
