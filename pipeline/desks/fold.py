"""One batch of what tickets tell their desk, or of ticks. What comes of it does not depend on where the log is cut."""

from msgspec.structs import replace

from pipeline.desks.hot import SHOWN, Window, judge, usual
from pipeline.desks.staffing import absence_at, absent_since, with_wait
from pipeline.desks.state import (
    HOURS_KEPT,
    MAX_CUSTOMERS,
    MAX_TOPICS,
    SLOT_MS,
    Counts,
    DeskRow,
    counts_key,
    desk_key,
    index_key,
)
from pipeline.sla.house import UNSTAFFED_HOURS, Staffing
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.desks import DeskTopics, DeskWait, HotTickets, HotTopic
from schemas.links import SignalKind, TicketSignal
from schemas.ticks import Tick
from schemas.topics import HOT, SIGNALS

LATENESS_MS = 2 * MINUTE_MS  # a window is looked at so long after its end
_NEW = DeskRow()


def fold(batch: Batch, rows: Rows[DeskRow], *, staffing: Staffing | None) -> Effects[DeskRow]:
    """Fold one batch into its desks. Changes nothing: rows and outputs are returned."""
    turn = _Turn(rows, staffing)
    for event in batch.events:
        if isinstance(event, DeskTopics):
            turn.take_topics(event)
        elif isinstance(event, DeskWait):
            turn.take_wait(event)
        elif isinstance(event, Tick):
            turn.take_tick(event.now_ms)
    return turn.effects


class _Turn:
    """The rows as they are while a batch is being folded."""

    def __init__(self, rows: Rows[DeskRow], staffing: Staffing | None) -> None:
        self._rows = rows
        self._staffing = staffing
        self.effects: Effects[DeskRow] = Effects()

    def take_topics(self, event: DeskTopics) -> None:
        """Count a ticket under its topics, and look at its window when that is over."""
        desk, at_ms = event.desk, event.occurred_at
        slot = at_ms // SLOT_MS
        if at_ms < event.emitted_at - HOURS_KEPT * HOUR_MS:
            return
        if event.is_opened:
            self._count(counts_key(desk), at_ms)
        for topic in event.topics:
            self._count(counts_key(desk, topic), at_ms, customer=event.customer)
        self._index(desk, event.topics, slot)
        row = self._row(desk_key(desk))
        if not row.window_at_ms:
            now_ms = max(at_ms, event.emitted_at)
            window_at_ms = (max(now_ms - LATENESS_MS, at_ms) // SLOT_MS + 1) * SLOT_MS + LATENESS_MS
            self._put_desk(desk, replace(row, window_at_ms=window_at_ms))

    def take_wait(self, event: DeskWait) -> None:
        """A customer waits, or somebody at the desk was there."""
        row = self._row(desk_key(event.desk))
        row = with_wait(row, event.ticket_id, is_waiting=event.is_waiting, at_ms=event.occurred_at)
        self._put_desk(event.desk, row)

    def take_tick(self, now_ms: int) -> None:
        """Look at the desks that have something to be looked at."""
        keys = {*self._rows.due(now_ms), *self.effects.changes}
        for key in sorted(keys):
            row = self._row(key)
            if 0 < row.wake_at_ms <= now_ms:
                self._look(key.decode(), row, now_ms)

    def _look(self, desk: str, row: DeskRow, now_ms: int) -> None:
        absence_ms = absence_at(row, self._staffing)
        if 0 < absence_ms <= now_ms:
            ticket_id = min(row.waiting, key=lambda each: (row.waiting[each], each))
            signal = TicketSignal(
                ticket_id=ticket_id,
                kind=SignalKind.FOUND,
                cause_id=f"{UNSTAFFED_HOURS}:{absence_ms}",  # each absence is news
                occurred_at=absence_ms,
                finding=UNSTAFFED_HOURS,
                emitted_at=now_ms,
            )
            self.effects.outputs.append(Output(SIGNALS, ticket_id.encode(), signal))
            row = replace(row, told_since_ms=absent_since(row))
        if 0 < row.window_at_ms <= now_ms:
            row = self._windowed(desk, row, now_ms)
        self._put_desk(desk, row)

    def _windowed(self, desk: str, row: DeskRow, now_ms: int) -> DeskRow:
        """The desk after its newest window was looked at."""
        window = Window((now_ms - LATENESS_MS) // SLOT_MS)
        index = self._row(index_key(desk)).topics
        live = [topic for topic, slot in index.items() if slot >= window.first]
        tickets = self._counts(counts_key(desk)).in_slots(window.first, window.end)
        found = self._hot(desk, live, window, tickets)
        is_known = frozenset(row.hot)
        hot = tuple(replace(each, is_new=each.topic not in is_known) for each in found)
        if hot or row.hot:
            told = HotTickets(
                desk=desk,
                window_start=window.start_ms,
                window_s=(window.end - window.first) * SLOT_MS // 1000,
                tickets=tickets,
                topics=hot,
                emitted_at=now_ms,
            )
            self.effects.outputs.append(Output(HOT, desk.encode(), told))
        next_at_ms = (window.end + 1) * SLOT_MS + LATENESS_MS if live else 0
        return replace(row, hot=tuple(each.topic for each in hot), window_at_ms=next_at_ms)

    def _hot(self, desk: str, topics: list[str], window: Window, tickets: int) -> list[HotTopic]:
        """The hot topics of a window, the hottest first."""
        past = usual(self._counts(counts_key(desk)), window)
        if past is None:
            return []
        found = []
        for topic in topics:
            row = self._row(counts_key(desk, topic))
            customers = sum(window.first <= slot for slot in row.customers.values())
            hot = judge(topic, row.counts or Counts(), customers, window=window, tickets=tickets, past=past)
            if hot is not None:
                found.append(hot)
        return sorted(found, key=lambda each: (-each.score, each.topic))[:SHOWN]

    def _count(self, key: bytes, at_ms: int, *, customer: str = "") -> None:
        row, slot = self._row(key), at_ms // SLOT_MS
        customers = row.customers
        if customer and slot > customers.get(customer, 0):
            newest = sorted({**customers, customer: slot}.items(), key=lambda each: (each[1], each[0]))
            customers = dict(newest[-MAX_CUSTOMERS:])
        counts = (row.counts or Counts()).with_one(at_ms)
        self.effects.changes[key] = replace(row, counts=counts, customers=customers)

    def _index(self, desk: str, topics: tuple[str, ...], slot: int) -> None:
        """Note when topics were seen last; of too many, the one that was seen longest ago goes with its counts."""
        key = index_key(desk)
        row = self._row(key)
        newer = {topic: slot for topic in topics if slot > row.topics.get(topic, 0)}
        if not newer:
            return
        known = {**row.topics, **newer}
        while len(known) > MAX_TOPICS:
            oldest = min(known, key=lambda topic: (known[topic], topic))
            del known[oldest]
            self.effects.changes[counts_key(desk, oldest)] = None
        self.effects.changes[key] = replace(row, topics=known)

    def _put_desk(self, desk: str, row: DeskRow) -> None:
        moments = [moment for moment in (row.window_at_ms, absence_at(row, self._staffing)) if moment]
        self.effects.changes[desk_key(desk)] = replace(row, wake_at_ms=min(moments, default=0))

    def _counts(self, key: bytes) -> Counts:
        return self._row(key).counts or Counts()

    def _row(self, key: bytes) -> DeskRow:
        changes = self.effects.changes
        return (changes[key] if key in changes else self._rows.get(key)) or _NEW
