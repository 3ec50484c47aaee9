"""The whole account of one ticket, reckoned from its events as if a tick had come at every instant that mattered."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.places.resolve import NO_TABLES, PlaceTables, resolve_region
from pipeline.sla.facts import fact_of
from pipeline.sla.policy import SlaPack
from pipeline.sla.snapshot import snapshot
from pipeline.sla.ticket import Ticket, is_forgotten, take, tick
from schemas.sla_clocks import TicketClocks
from schemas.tickets import TicketEvent

_WHOLE = 1_000_000  # lines: more than any ticket has


class Written(NamedTuple):
    """An event, and when its record was written; 0 where nobody knows."""

    event: TicketEvent
    written_at_ms: int


class Account(NamedTuple):
    """A ticket with its full ledger at a moment; `repeats` were events that had been read before."""

    clocks: TicketClocks
    events: int
    repeats: int
    late: int


def account(
    events: Iterable[Written], pack: SlaPack, *, until_ms: int, tables: PlaceTables = NO_TABLES
) -> Account | None:
    """What the events of one ticket come to at a moment; None where there are none."""
    ticket, seen, repeats = Ticket(), set[str](), 0
    last: TicketEvent | None = None
    for event, written_at_ms in events:
        if event.event_id in seen:
            repeats += 1
            continue
        seen.add(event.event_id)
        last = event
        fact = fact_of(event, region=resolve_region(event, tables).region, written_at_ms=written_at_ms)
        ticket = _moved(ticket, pack, until_ms=min(fact.at_ms, until_ms))
        ticket = take(ticket, fact, pack, max_ledger=_WHOLE).ticket
    if last is None:
        return None
    ticket = _moved(ticket, pack, until_ms=until_ms)
    clocks = snapshot(last.ticket_id, ticket, pack, at_ms=until_ms, tail=_WHOLE)
    return Account(clocks, len(seen), repeats, ticket.late_count)


def _moved(ticket: Ticket, pack: SlaPack, *, until_ms: int) -> Ticket:
    """The ticket after every instant up to a moment; the day on which a worker forgets it is not one of them."""
    while 0 < ticket.next_at_ms <= until_ms and not is_forgotten(ticket, until_ms):
        ticket = tick(ticket, pack, now_ms=ticket.next_at_ms, max_ledger=_WHOLE).ticket
    return ticket
