"""One batch of ticket events or ticks. What comes of it does not depend on where the log is cut."""

from collections.abc import Iterator

from pipeline.places.resolve import NO_TABLES, PlaceTables
from pipeline.sla.policy import SlaPack
from pipeline.stage import Batch, Effects, Rows
from pipeline.tickets.state import TicketRow
from pipeline.tickets.step import on_event, on_tick
from schemas.topics import TICKETS, TICKS


def fold(batch: Batch, rows: Rows[TicketRow], *, pack: SlaPack, tables: PlaceTables = NO_TABLES) -> Effects[TicketRow]:
    """Fold one batch into its tickets. Changes nothing: rows and outputs are returned."""
    effects: Effects[TicketRow] = Effects()
    if batch.topic is TICKETS:
        for event, record in zip(batch.events, batch.records, strict=True):
            key = event.ticket_id.encode()
            step = on_event(
                _row(rows, effects, key), event, pack, written_at_ms=max(record.timestamp or 0, 0), tables=tables
            )
            if step is not None:
                effects.changes[key], outputs = step
                effects.outputs += outputs
    elif batch.topic is TICKS:
        for event in batch.events:
            for key, row in _due(rows, effects, event.now_ms):
                effects.changes[key], outputs = on_tick(key.decode(), row, pack, now_ms=event.now_ms)
                effects.outputs += outputs
    return effects


def _row(rows: Rows[TicketRow], effects: Effects[TicketRow], key: bytes) -> TicketRow | None:
    return effects.changes[key] if key in effects.changes else rows.get(key)


def _due(rows: Rows[TicketRow], effects: Effects[TicketRow], now_ms: int) -> Iterator[tuple[bytes, TicketRow]]:
    """The tickets that want to be looked at by a tick, the longest due first."""
    keys = rows.due(now_ms)
    if not keys and not effects.changes:
        return
    found = [(row.wake_at_ms, key, row) for key in {*keys, *effects.changes} if (row := _row(rows, effects, key))]
    for wake_at_ms, key, row in sorted(found, key=lambda each: each[:2]):
        if 0 < wake_at_ms <= now_ms:
            yield key, row
