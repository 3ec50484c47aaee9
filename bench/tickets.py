"""`python -m bench.tickets`: what open tickets cost a partition, in memory: rows read back, quiet ticks, a rush.

No Kafka: what is measured is the stage, in seconds of one core. Rows are those of a ticket after five events; a tenth
is due in one minute.
"""

import argparse
import resource
import time

from agents.sla import load_sla
from agents.tickets import tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.rows import Store, encode_row
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
QUIET_TICKS = 50


def main() -> None:
    """Fill a store, read it back, tick."""
    parser = argparse.ArgumentParser(prog="python -m bench.tickets")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    options = parser.parse_args()
    stage = tickets_stage(load_sla("e_commerce"), NO_TABLES)
    changelog = []
    spent = time.process_time()
    events = 0
    for number in range(options.tickets):
        # The rush has used 22 of its 30 minutes and comes to three quarters within a minute; the rest was answered.
        is_due = number < options.due
        start = NOW - 22 * MINUTE - (number % 50) * 500 if is_due else NOW - 20 * MINUTE
        store = Store(TicketRow)
        records = [_record(each) for each in _events(f"t{number}", start, is_due=is_due)]
        events += len(records)
        turn = take_turn(stage, store, open_waiting(stage, (Waiting(TICKETS, records),), partition=0), clock_ms=NOW)
        changelog += [(key, encode_row(row)) for key, row in turn.changes.items() if row is not None]
    print(f"events     {(time.process_time() - spent) / events * 1e6:7.1f} µs an event, one a turn")
    size = sum(len(value) for _, value in changelog) / len(changelog)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    store = Store(TicketRow)
    store.load(changelog)
    store.loaded(now_ms=NOW)
    print(f"read back  {time.process_time() - began:7.2f} s for {len(store):,} rows of {size:.0f} bytes")
    print(f"memory     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before:7d} KiB more for the store's index")
    seconds, _ = _tick(stage, store, NOW)
    print(f"half       {seconds:7.2f} s for as many that had used half and only show it")
    quiet = sorted(_tick(stage, store, NOW + number)[0] for number in range(QUIET_TICKS))
    print(f"quiet tick {quiet[-1] * 1e3:7.3f} ms at most, {quiet[len(quiet) // 2] * 1e3:.3f} ms in the middle")
    seconds, outputs = _tick(stage, store, NOW + MINUTE + 1_000)
    print(f"rush       {seconds:7.2f} s for {outputs:,} records of {options.due:,} tickets that are due at once")
    seconds, _ = _tick(stage, store, NOW + MINUTE + 2_000)
    print(f"after it   {seconds * 1e3:7.3f} ms")


def _tick(stage: Stage[TicketRow], store: Store[TicketRow], now_ms: int) -> tuple[float, int]:
    record = Record(0, now_ms, b"0", codec.encode(Tick(now_ms=now_ms, reason="timer")))
    began = time.process_time()
    turn = take_turn(stage, store, open_waiting(stage, (Waiting(TICKS, (record,)),), partition=0), clock_ms=NOW)
    rows = [encode_row(row) for row in turn.changes.values() if row is not None]
    outputs = [codec.encode_record(output.value) for output in turn.outputs]
    store.apply(turn.changes, now_ms=now_ms)
    return time.process_time() - began, len(outputs) + len(rows)


def _record(event: TicketEvent) -> Record:
    return Record(0, event.occurred_at, event.ticket_id.encode(), codec.encode(event))


def _events(ticket_id: str, start: int, *, is_due: bool) -> list[TicketEvent]:
    kinds = [TicketEventKind.CREATED, TicketEventKind.ASSIGNED, TicketEventKind.UPDATED, TicketEventKind.UPDATED]
    found = [
        TicketEvent(
            event_id=f"{ticket_id}:{number}",
            source="bench",
            occurred_at=start + number * 1_000,
            ticket_id=ticket_id,
            event=kind,
            status=TicketStatus.OPEN,
            priority=Priority.URGENT,
            assignee_id="a1",
            region="440000",
        )
        for number, kind in enumerate(kinds)
    ]
    comment = Comment(id="c", author_role=Role.CUSTOMER if is_due else Role.AGENT, public=True, text="")
    last = found[-1]
    answer = TicketEvent(
        **{name: getattr(last, name) for name in last.__struct_fields__}
        | {"event_id": f"{ticket_id}:9", "event": TicketEventKind.COMMENTED, "comment": comment}
    )
    return [*found, answer]


if __name__ == "__main__":
    main()
