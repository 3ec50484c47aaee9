"""One event or one moment of one ticket: `(row, event | now) -> (row, records to publish)`."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.places.resolve import NO_TABLES, PlaceTables, RegionSource, resolve_region
from pipeline.sla.actions import Trigger
from pipeline.sla.facts import fact_of, fact_of_signal
from pipeline.sla.policy import SlaPack
from pipeline.sla.snapshot import snapshot
from pipeline.sla.standing import Standing
from pipeline.sla.ticket import KEPT_AFTER_MS, Told, take, tick, with_finding
from pipeline.stage import Output
from pipeline.tickets.announce import announce_clock, announce_finding, announce_unanswered
from pipeline.tickets.command import Cause, is_answered, is_echo, issue
from pipeline.tickets.comments import as_message
from pipeline.tickets.desk import told_desk
from pipeline.tickets.promised import deeds_of, with_news
from pipeline.tickets.relating import absorbed_by, acts, moved_by, relinked
from pipeline.tickets.state import Pending, TicketRow
from schemas.links import PromiseNews, SignalKind, TicketSignal
from schemas.tickets import TicketEvent
from schemas.topics import COMMANDS, SLA_CLOCKS

MAX_TRIED = 20
MAX_ABSORBED = 8  # merged into a ticket before its first event; the newest count
_NEW = TicketRow()
_NO_LOAD: Mapping[str, int] = {}


class Step(NamedTuple):
    """A ticket afterwards, and the records to publish."""

    row: TicketRow
    outputs: list[Output]


def on_event(
    row: TicketRow | None,
    event: TicketEvent,
    pack: SlaPack,
    *,
    written_at_ms: int,
    tables: PlaceTables = NO_TABLES,
    load: Mapping[str, int] = _NO_LOAD,
) -> Step | None:
    """The ticket after an event; None where the event was read before. `load` is of groups, in open tickets."""
    row = row or _NEW
    hashed = event_hash(event.event_id)
    if is_recent(row.recent, hashed):
        return None
    located = resolve_region(event, tables)
    region = "" if located.source is RegionSource.UNKNOWN else located.region
    before = row
    fact = fact_of(event, region=region, written_at_ms=written_at_ms)
    if is_echo(row.pending, event):
        fact = replace(fact, is_echo=True)
    told = _took_in(take(row.ticket, fact, pack), row, pack, test=event.test or row.test)
    now_ms = max(written_at_ms, 0)
    row = replace(
        row,
        recent=remember(row.recent, hashed),
        conversation_id=event.conversation_id or row.conversation_id,
        order_id=event.order_id or row.order_id,
        customer_key=event.customer_key or event.requester_key or row.customer_key,
        test=event.test or row.test,
        absorbed=(),
        pending=_unanswered(row.pending, event, told.ticket.standing),
    )
    step = _published(event.ticket_id, row, told, pack, emitted_at_ms=now_ms, load=load)
    message = as_message(event, written_at_ms=written_at_ms)
    around = relinked(event.ticket_id, before, step.row, emitted_at_ms=now_ms)
    absorbed = absorbed_by(event, before.ticket.standing, told.ticket.standing, test=row.test, emitted_at_ms=now_ms)
    acted = [] if row.test else acts(event, before.ticket.standing, pack.house, emitted_at_ms=now_ms)
    row, desk = told_desk(event.ticket_id, before, step.row, fact, emitted_at_ms=now_ms)
    deeds = _deeds(event, before, row, emitted_at_ms=now_ms) if before.promised else []
    return Step(row, [*step.outputs, *around, *absorbed, *acted, *desk, *deeds, *([message] if message else [])])


def _unanswered(pending: tuple[Pending, ...], event: TicketEvent, standing: Standing) -> tuple[Pending, ...]:
    """The commands whose answer is still awaited; of a ticket that is over nothing is."""
    if standing.is_over or standing.merged_into:
        return ()
    return tuple(each for each in pending if event.occurred_at < each.sent_at_ms or not is_answered(each, event))


def on_signal(
    row: TicketRow | None, signal: TicketSignal, pack: SlaPack, *, load: Mapping[str, int] = _NO_LOAD
) -> Step | None:
    """The ticket after something that is no event of its own; None where nobody knows it, or it was told before.

    What is merged into a ticket of which nobody has heard yet waits for its first event.
    """
    hashed = event_hash(f"{signal.kind}:{signal.cause_id}")
    if row is None or not row.is_known:
        return _waiting(row or _NEW, signal, hashed) if signal.kind is SignalKind.ABSORBED else None
    if is_recent(row.recent, hashed) or (signal.test and signal.test != row.test):
        return None  # a drill moves no ticket but its own
    if signal.promise is not None:
        return _on_promise(row, signal, signal.promise, pack, load=load)
    if signal.kind is SignalKind.FOUND:
        told = Told(with_finding(row.ticket, signal.finding), ())
        row = replace(row, recent=remember(row.recent, hashed))
        return _published(signal.ticket_id, row, told, pack, emitted_at_ms=signal.emitted_at, load=load, found=signal)
    fact = fact_of_signal(signal)
    before = row
    told = take(row.ticket, fact, pack)
    row = replace(row, recent=remember(row.recent, hashed))
    cause = None
    if signal.level is not None:
        reasons = frozenset(signal.reasons)
        cause = Cause(Trigger.COMPLAINT, signal.cause_id, (signal.level,), "", reasons, signal.conversation_id)
    emitted_at_ms = signal.emitted_at
    step = _published(signal.ticket_id, row, told, pack, emitted_at_ms=emitted_at_ms, load=load, cause=cause)
    row, desk = told_desk(signal.ticket_id, before, step.row, fact, emitted_at_ms=emitted_at_ms, reasons=signal.reasons)
    moved = [moved_by(signal)] if signal.kind is SignalKind.COMPLAINED else []
    return Step(row, [*step.outputs, *desk, *moved])


def _waiting(row: TicketRow, signal: TicketSignal, hashed: bytes) -> Step | None:
    """The row of a ticket that took another one in and is not known itself; forgotten when nothing comes of it."""
    if is_recent(row.recent, hashed):
        return None
    absorbed = (*row.absorbed, signal)[-MAX_ABSORBED:]
    wake_at_ms = signal.emitted_at + KEPT_AFTER_MS
    return Step(replace(row, absorbed=absorbed, recent=remember(row.recent, hashed), wake_at_ms=wake_at_ms), [])


def _took_in(told: Told, row: TicketRow, pack: SlaPack, *, test: str) -> Told:
    """The ticket after its first event, with what was merged into it before that came."""
    for signal in row.absorbed:
        if not signal.test or signal.test == test:
            after = take(told.ticket, fact_of_signal(signal), pack)
            told = Told(after.ticket, told.notices + after.notices)
    return told


def _deeds(event: TicketEvent, before: TicketRow, after: TicketRow | None, *, emitted_at_ms: int) -> list[Output]:
    if after is None:
        return []
    was, now = before.ticket.standing, after.ticket.standing
    return deeds_of(event, before.promised, before=was, after=now, emitted_at_ms=emitted_at_ms)


def _on_promise(
    row: TicketRow, signal: TicketSignal, news: PromiseNews, pack: SlaPack, *, load: Mapping[str, int]
) -> Step:
    """The ticket after news of a promise: a warning or a break may have something done."""
    hashed = event_hash(f"{signal.kind}:{signal.cause_id}")
    row = replace(row, recent=remember(row.recent, hashed), promised=with_news(row.promised, news))
    cause = Cause(Trigger.PROMISE, news.alert_id, (news.key,), "", frozenset(), signal.conversation_id)
    causes = cause if news.alert_id else None
    told = Told(row.ticket, ())
    return _published(signal.ticket_id, row, told, pack, emitted_at_ms=signal.emitted_at, load=load, cause=causes)


def on_tick(ticket_id: str, row: TicketRow, pack: SlaPack, *, now_ms: int, load: Mapping[str, int] = _NO_LOAD) -> Step:
    """The ticket after a moment at which it wanted to be looked at."""
    outputs = [
        announce_unanswered(ticket_id, row, each, emitted_at_ms=now_ms)
        for each in row.pending
        if each.expires_at_ms <= now_ms
    ]
    row = replace(row, pending=tuple(each for each in row.pending if each.expires_at_ms > now_ms))
    told = tick(row.ticket, pack, now_ms=now_ms)
    step = _published(ticket_id, row, told, pack, emitted_at_ms=now_ms, load=load)
    return Step(step.row, outputs + step.outputs)


def _published(
    ticket_id: str,
    row: TicketRow,
    told: Told,
    pack: SlaPack,
    *,
    emitted_at_ms: int,
    load: Mapping[str, int],
    cause: Cause | None = None,
    found: TicketSignal | None = None,
) -> Step:
    """The row with its new ticket, and what is to be known and done because of the change."""
    before, standing = row.ticket.standing, told.ticket.standing
    known = row.tried
    row = replace(row, ticket=told.ticket)
    outputs: list[Output] = []
    causes = [cause] if cause else []
    for notice in told.notices:
        announced = announce_clock(ticket_id, row, notice, pack, emitted_at_ms=emitted_at_ms)
        outputs += announced
        if announced:
            trigger = Trigger.BREACH if notice.is_breach else Trigger.WARNING
            causes.append(Cause(trigger, announced[0].record_id, notice.passed, notice.clock.goal))
    for finding, cause_id in _found(before, standing, found):
        alert = announce_finding(ticket_id, row, finding, cause_id=cause_id, emitted_at_ms=emitted_at_ms)
        outputs.append(alert)
        causes.append(Cause(Trigger.FINDING, alert.record_id, (finding,)))
    for each in causes:
        row, commands = obeyed(ticket_id, row, each, pack, load=load, emitted_at_ms=emitted_at_ms)
        outputs += commands
    if told.notices or _seen(before) != _seen(standing) or row.tried != known:
        row = replace(row, version=row.version + 1)
        clocks = replace(
            snapshot(ticket_id, told.ticket, pack, at_ms=max(emitted_at_ms, standing.last_at_ms)),
            conversation_id=row.conversation_id,
            would_do=row.tried,
            test=row.test,
            version=row.version,
            emitted_at=emitted_at_ms,
        )
        outputs.append(Output(SLA_CLOCKS, ticket_id.encode(), clocks))
    moments = [each.expires_at_ms for each in row.pending] + [told.ticket.next_at_ms] * (told.ticket.next_at_ms > 0)
    return Step(replace(row, wake_at_ms=min(moments, default=0)), outputs)


def _found(before: Standing, standing: Standing, found: TicketSignal | None) -> list[tuple[str, str]]:
    """Findings to be told, each with its cause. One that has causes by which it comes again is told with each."""
    told = {each: each for each in standing.findings if each not in before.findings}
    if found is not None and (found.finding in told or found.cause_id != found.finding):
        told[found.finding] = found.cause_id
    return list(told.items())


def obeyed(
    ticket_id: str, row: TicketRow, cause: Cause, pack: SlaPack, *, load: Mapping[str, int], emitted_at_ms: int
) -> tuple[TicketRow, list[Output]]:
    """The row and the commands after the actions that wait for such a cause."""
    issued = issue(ticket_id, row, cause, pack, load=load, emitted_at_ms=emitted_at_ms)
    tried = tuple(dict.fromkeys((*row.tried, *issued.tried)))[-MAX_TRIED:]
    row = replace(row, pending=row.pending + issued.pending, tried=tried)
    return row, [Output(COMMANDS, ticket_id.encode(), command) for command in issued.commands]


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
