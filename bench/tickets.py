"""`python -m bench.tickets`: what open tickets cost a partition, in memory: rows read back, quiet ticks, a rush.

No Kafka: what is measured is the stage, in seconds of one core. `python -m bench tickets` runs the same rows through a
worker. Rows are those of a ticket after five events; some are due within one minute.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from hashlib import blake2b

from agents.files.sla import load_sla
from agents.stages.tickets import tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.rows import Store
from pipeline.stage import Stage, Waiting, open_waiting, take_turn
from pipeline.tickets.state import TicketRow
from schemas import codec
from schemas.codec import Record
from schemas.tickets import Comment, Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.ticks import Tick
from schemas.topics import TICKETS, TICKS
from schemas.vocabulary import Role

MINUTE = 60_000
NOW = 1_790_000_000_000  # a working day
QUIET_TICKS = 60
STAGE = tickets_stage(load_sla("e_commerce"), NO_TABLES)


def main() -> None:
    """Fill a store, read it back, tick."""
    parser = argparse.ArgumentParser(prog="python -m bench.tickets")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=10_000)
    options = parser.parse_args()
    changelog = list(ticket_rows(options.tickets, options.due, first_due_ms=NOW, within_ms=MINUTE))
    size = sum(len(value) for _, value in changelog) / len(changelog)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    store = STAGE.new_store()
    store.load(changelog)
    store.loaded(now_ms=NOW)
    print(f"read back  {time.process_time() - began:7.2f} s for {len(store):,} rows of {size:.0f} bytes")
    index_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"memory     {size + index_kib * 1024 / len(store):7.0f} bytes a ticket, index included")
    quiet = sorted(_tick(STAGE, store, NOW - MINUTE + number * 1_000)[0] for number in range(QUIET_TICKS))
    print(f"quiet tick {quiet[-1] * 1e3:7.3f} ms at most, {quiet[len(quiet) // 2] * 1e3:.3f} ms in the middle")
    spread = [_tick(STAGE, store, NOW + number * 1_000) for number in range(1, 61)]
    worst = max(seconds for seconds, _ in spread)
    outputs = sum(outputs for _, outputs in spread)
    print(f"rush       {worst * 1e3:7.1f} ms at most a tick, {outputs:,} records of {options.due:,} due in a minute")


def ticket_rows(tickets: int, due: int, *, first_due_ms: int, within_ms: int) -> Iterator[tuple[bytes, bytes]]:
    """Changelog rows of open tickets: so many come to three quarters of their half hour within a span.

    The others were answered and have hours left; they are one row under other keys.
    """
    quiet = _row("t", first_due_ms - 20 * MINUTE, first_due_ms - 20 * MINUTE, role=Role.AGENT)
    for number in range(tickets - due):
        yield b"quiet-%d" % number, quiet
    for number in range(due):
        due_ms = first_due_ms + within_ms * number // due
        created_ms = due_ms - 45 * MINUTE // 2
        yield b"due-%d" % number, _row(f"due-{number}", created_ms, created_ms + 16 * MINUTE, role=Role.CUSTOMER)


def _row(ticket_id: str, created_ms: int, ticked_ms: int, *, role: Role) -> bytes:
    """The row of a ticket after its events and a tick."""
    store = STAGE.new_store()
    records = [_record(each) for each in _events(ticket_id, created_ms, role)]
    turn = take_turn(STAGE, store, open_waiting(STAGE, (Waiting(TICKETS, records),), partition=0), clock_ms=ticked_ms)
    store.apply(turn.changes, now_ms=ticked_ms)
    _tick(STAGE, store, ticked_ms)
    row = store.get(ticket_id.encode())
    return b"" if row is None else store.encode(ticket_id.encode(), row)


def _tick(stage: Stage[TicketRow], store: Store[TicketRow], now_ms: int) -> tuple[float, int]:
    record = Record(0, now_ms, b"0", codec.encode(Tick(now_ms=now_ms, reason="timer")))
    began = time.process_time()
    turn = take_turn(stage, store, open_waiting(stage, (Waiting(TICKS, (record,)),), partition=0), clock_ms=now_ms)
    rows = [store.encode(key, row) for key, row in turn.changes.items() if row is not None]
    outputs = [codec.encode(output.value) for output in turn.outputs if output.value is not None]
    store.apply(turn.changes, now_ms=now_ms)
    return time.process_time() - began, len(outputs) + len(rows)


def _record(event: TicketEvent) -> Record:
    return Record(0, event.occurred_at, event.ticket_id.encode(), codec.encode(event))


def _events(ticket_id: str, start: int, role: Role) -> list[TicketEvent]:
    kinds = [TicketEventKind.CREATED, TicketEventKind.ASSIGNED, *[TicketEventKind.UPDATED] * 2]
    return [
        TicketEvent(
            event_id=blake2b(f"{ticket_id}:{number}".encode(), digest_size=12).hexdigest(),  # as long as others' are
            source="bench",
            occurred_at=start + number * 1_000,
            ticket_id=ticket_id,
            event=kind,
            status=TicketStatus.OPEN,
            priority=Priority.URGENT,
            assignee_id="a1",
            region="440000",
            comment=Comment(id="c", author_role=role, public=True, text="") if is_comment else None,
        )
        for number, kind in enumerate([*kinds, TicketEventKind.COMMENTED])
        for is_comment in (kind is TicketEventKind.COMMENTED,)
    ]


if __name__ == "__main__":
    main()
