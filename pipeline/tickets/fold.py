"""One batch of ticket events or ticks. What comes of it does not depend on where the log is cut."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from pipeline.places.resolve import NO_TABLES, PlaceTables
from pipeline.sla.policy import SlaPack
from pipeline.sla.ticket import is_forgotten
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.tickets.state import LOAD_KEY, TicketRow
from pipeline.tickets.step import Step, on_event, on_signal, on_tick
from pipeline.wakes import woken
from schemas.commands import CommandKind
from schemas.topics import SIGNALS, SLA_CLOCKS, TICKETS, TICKS

# What a partition looks at in one tick: about a tenth of a second's work. More that is due waits for the next tick, so
# that a morning on which everything is late neither holds up the other partitions nor ends in one huge transaction.
MOST_A_TICK = 1_000


def fold(batch: Batch, rows: Rows[TicketRow], *, pack: SlaPack, tables: PlaceTables = NO_TABLES) -> Effects[TicketRow]:
    """Fold one batch into its tickets. Changes nothing: rows and outputs are returned."""
    turn = _Turn(rows, pack)
    if batch.topic is TICKETS:
        for event, record in zip(batch.events, batch.records, strict=True):
            key = event.ticket_id.encode()
            row, at_ms = turn.row(key), max(record.timestamp or 0, 0)
            turn.put(key, row, on_event(row, event, pack, written_at_ms=at_ms, tables=tables, load=turn.load))
    elif batch.topic is SIGNALS:
        for event in batch.events:
            key = event.ticket_id.encode()
            row = turn.row(key)
            turn.put(key, row, on_signal(row, event, pack, load=turn.load))
    elif batch.topic is TICKS:
        for event in batch.events:
            for key, row in islice(turn.due(event.now_ms), MOST_A_TICK):
                if not row.is_known or is_forgotten(row.ticket, event.now_ms):
                    turn.forget(key)
                    continue
                turn.put(key, row, on_tick(key.decode(), row, pack, now_ms=event.now_ms, load=turn.load))
    return turn.effects


class _Turn:
    """The rows as they are while a batch is being folded, and how many open tickets each group has."""

    def __init__(self, rows: Rows[TicketRow], pack: SlaPack) -> None:
        self._rows = rows
        self._counts_load = bool(pack.automation.task_forces)
        self.effects: Effects[TicketRow] = Effects()

    @property
    def load(self) -> Mapping[str, int]:
        """Open tickets by group, those on their way included."""
        row = self.row(LOAD_KEY) if self._counts_load else None
        return row.load if row else {}

    def row(self, key: bytes) -> TicketRow | None:
        """The newest row of a ticket."""
        changes = self.effects.changes
        return changes[key] if key in changes else self._rows.get(key)

    def put(self, key: bytes, before: TicketRow | None, step: Step | None) -> None:
        """Take a step over; None is one that was taken before."""
        if step is None:
            return
        self.effects.changes[key] = step.row
        self.effects.outputs += step.outputs
        if self._counts_load:
            change = Counter(_groups(step.row))
            change.subtract(_groups(before))
            if any(change.values()):
                counts = Counter(self.load)
                counts.update(change)
                load = {group: count for group, count in sorted(counts.items()) if count > 0}
                self.effects.changes[LOAD_KEY] = TicketRow(load=load)

    def forget(self, key: bytes) -> None:
        """Let go of a ticket that has long been over; readers of its clocks let go of it as well."""
        self.effects.changes[key] = None
        self.effects.outputs.append(Output(SLA_CLOCKS, key, None))

    def due(self, now_ms: int) -> Iterator[tuple[bytes, TicketRow]]:
        """The tickets that want to be looked at by a tick, the longest due first."""
        changes = self.effects.changes
        due = self._rows.due(now_ms, most=MOST_A_TICK + len(changes))
        return woken(due, changes, self.row, now_ms=now_ms)


def _groups(row: TicketRow | None) -> list[str]:
    """The groups that a ticket counts for: where it is, and where it was told to go."""
    if row is None or row.test:
        return []
    standing = row.ticket.standing
    is_open = not standing.is_over and not standing.merged_into
    here = [standing.group_id] if standing.group_id and is_open else []
    return here + [each.wanted for each in row.pending if each.command is CommandKind.ASSIGN]
