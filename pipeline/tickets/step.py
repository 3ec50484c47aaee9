"""One event or one moment of one ticket: `(row, event | now) -> (row, records to publish)`."""

from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.places.resolve import NO_TABLES, PlaceTables, RegionSource, resolve_region
from pipeline.sla.facts import fact_of
from pipeline.sla.policy import SlaPack
from pipeline.sla.snapshot import snapshot
from pipeline.sla.standing import Standing
from pipeline.sla.ticket import Told, is_forgotten, take, tick
from pipeline.stage import Output
from pipeline.tickets.announce import announce_clock, announce_finding
from pipeline.tickets.state import TicketRow
from schemas.tickets import TicketEvent
from schemas.topics import SLA_CLOCKS

_NEW = TicketRow()


def on_event(
    row: TicketRow | None,
    event: TicketEvent,
    pack: SlaPack,
    *,
    written_at_ms: int,
    tables: PlaceTables = NO_TABLES,
) -> tuple[TicketRow, list[Output]] | None:
    """The ticket after an event; None where the event was read before."""
    row = row or _NEW
    hashed = event_hash(event.event_id)
    if is_recent(row.recent, hashed):
        return None
    located = resolve_region(event, tables)
    region = "" if located.source is RegionSource.UNKNOWN else located.region
    before = row.ticket.standing
    step = take(row.ticket, fact_of(event, region=region, written_at_ms=written_at_ms), pack)
    row = replace(
        row,
        recent=remember(row.recent, hashed),
        conversation_id=event.conversation_id or row.conversation_id,
        order_id=event.order_id or row.order_id,
        customer_key=event.customer_key or event.requester_key or row.customer_key,
        test=event.test or row.test,
    )
    at_ms = max(written_at_ms, step.ticket.standing.last_at_ms)
    return _published(event.ticket_id, row, before, step, pack, at_ms=at_ms, emitted_at_ms=max(written_at_ms, 0))


def on_tick(ticket_id: str, row: TicketRow, pack: SlaPack, *, now_ms: int) -> tuple[TicketRow | None, list[Output]]:
    """The ticket after a moment that it wanted to be looked at; None where it is over for so long that it is forgotten.

    A clock cannot have come further than the ticket's last event, so that is the moment of what is published.
    """
    if is_forgotten(row.ticket, now_ms):
        return None, []
    before = row.ticket.standing
    step = tick(row.ticket, pack, now_ms=now_ms)
    at_ms = max(now_ms, step.ticket.standing.last_at_ms)
    return _published(ticket_id, row, before, step, pack, at_ms=at_ms, emitted_at_ms=now_ms)


def _published(
    ticket_id: str, row: TicketRow, before: Standing, step: Told, pack: SlaPack, *, at_ms: int, emitted_at_ms: int
) -> tuple[TicketRow, list[Output]]:
    """The row with its new ticket, and what is to be known of the change."""
    ticket, standing = step.ticket, step.ticket.standing
    has_changed = bool(step.notices) or _seen(before) != _seen(standing)
    row = replace(row, ticket=ticket, wake_at_ms=ticket.next_at_ms, version=row.version + has_changed)
    outputs: list[Output] = []
    for notice in step.notices:
        outputs += announce_clock(ticket_id, row, notice, pack, emitted_at_ms=emitted_at_ms)
    outputs += [
        announce_finding(ticket_id, row, finding, occurred_at_ms=min(at_ms, emitted_at_ms), emitted_at_ms=emitted_at_ms)
        for finding in standing.findings
        if finding not in before.findings
    ]
    if has_changed:
        clocks = replace(
            snapshot(ticket_id, ticket, pack, at_ms=at_ms),
            conversation_id=row.conversation_id,
            test=row.test,
            version=row.version,
            emitted_at=emitted_at_ms,
        )
        outputs.append(Output(SLA_CLOCKS, ticket_id.encode(), clocks))
    return row, outputs


def _seen(standing: Standing) -> tuple[object, ...]:
    """What a reader of snapshots sees of a ticket."""
    return (
        standing.clocks,
        standing.status,
        standing.priority,
        standing.policy,
        standing.group_id,
        standing.assignee_id,
        standing.findings,
        standing.merged_into,
    )
