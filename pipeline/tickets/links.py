"""Which open ticket a complaint belongs to: complaints and tickets meet under a conversation, an order or a customer.

Alerts lie by region and tickets by ticket, so both are sent on under their links; where they meet, the ticket gets a
signal, whichever comes first. A ticket that is opened within three days after a complaint gets it too, as of when it
was opened: nobody owed anything in a ticket before it was there. Under the alert of a complaint the tickets that it
moved meet whoever acknowledges its incident.
"""

import msgspec
from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint
from pipeline.sla.house import BULK_COUNT, BULK_OF, BULK_WITHIN_MS, REPEATED_ORDER
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.text.orders import order_mark
from pipeline.times import heard_ms
from schemas.alerts import Alert
from schemas.links import (
    LinkedAcknowledgement,
    LinkedAct,
    LinkedComplaint,
    LinkedPromise,
    LinkedTicket,
    SignalKind,
    TicketSignal,
)
from schemas.promises import PromiseState
from schemas.topics import LINKS, SIGNALS
from schemas.vocabulary import RISES, ChannelClass, Level

CONVERSATION, ORDER, CUSTOMER, ALERT = "conversation", "order", "customer", "alert"
REMEMBERED_FOR_MS = 72 * 60 * 60 * 1000
MAX_TICKETS = 20  # open ones under one link; the oldest goes
MAX_COMPLAINTS = 4
MAX_PROMISES = 8
_PROMISE_OVER = frozenset({PromiseState.KEPT, PromiseState.RELEASED})


class LinkRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known under one link."""

    tickets: dict[str, int] = {}  # open ones, and when each was opened
    complaints: tuple[LinkedComplaint, ...] = ()
    promises: tuple[LinkedPromise, ...] = ()  # that somebody still waits for
    acknowledged: LinkedAcknowledgement | None = None  # the first one
    acted_at_ms: dict[str, int] = {}  # by one person, on which ticket; the newest


def fold(batch: Batch, rows: Rows[LinkRow]) -> Effects[LinkRow]:
    """Fold alerts and links; ticks only let what nobody needs expire."""
    effects: Effects[LinkRow] = Effects()
    for event in batch.events:
        if isinstance(event, Alert):
            effects.outputs += _sent_on(event)
        elif isinstance(event, LinkedTicket | LinkedComplaint | LinkedAcknowledgement | LinkedAct | LinkedPromise):
            key = event.link.encode()
            row = effects.changes.get(key) or rows.get(key) or _NOTHING
            if isinstance(event, LinkedTicket):
                effects.changes[key], signals = _with_ticket(row, event)
            elif isinstance(event, LinkedAct):
                effects.changes[key], signals = _with_act(row, event)
            elif isinstance(event, LinkedAcknowledgement):
                effects.changes[key], signals = _with_acknowledgement(row, event)
            elif isinstance(event, LinkedPromise):
                effects.changes[key], signals = _with_promise(row, event)
            else:
                effects.changes[key], signals = _with_complaint(row, event)
            effects.outputs += [Output(SIGNALS, signal.ticket_id.encode(), signal) for signal in signals]
    return effects


_NOTHING = LinkRow()


def links_of(*, conversation_id: str, order_id: str, customer_key: str, mark: str = "") -> tuple[str, ...]:
    """The links of something that says what it belongs to, the surest first; `mark` is of an order without its id.

    Orders meet under their marks: whoever says a number aloud means the one that a shop writes.
    """
    named = ((CONVERSATION, conversation_id), (ORDER, order_mark(order_id) or mark), (CUSTOMER, customer_key))
    return tuple(fingerprint(kind, value) for kind, value in named if value)


def link_of_alert(alert_id: str) -> str:
    """The link under which the tickets that an alert moved are known."""
    return fingerprint(ALERT, alert_id)


def _sent_on(alert: Alert) -> list[Output]:
    """A rise of a conversation under each of its links; an alert about a ticket is none."""
    if alert.kind not in RISES or alert.level in {None, Level.NONE} or alert.level is None:
        return []
    # What is written in a ticket is that ticket's own matter, not that of the customer's newest one.
    is_own = alert.channel is ChannelClass.TICKET
    links = links_of(
        conversation_id=alert.conversation_id,
        order_id="" if is_own else alert.order_id,
        mark="" if is_own else alert.order_mark,
        customer_key="" if is_own else alert.customer_key,
    )
    reasons = dict.fromkeys(name for reason in alert.reasons for name in (reason.l1.value, reason.l2) if name)
    return [
        Output(
            LINKS,
            link.encode(),
            LinkedComplaint(
                link=link,
                alert_id=alert.alert_id,
                level=alert.level,
                occurred_at=alert.occurred_at,
                reasons=tuple(reasons),
                conversation_id=alert.conversation_id,
                test=alert.test,
                emitted_at=alert.emitted_at,
            ),
        )
        for link in links
    ]


def _with_ticket(row: LinkRow, event: LinkedTicket) -> tuple[LinkRow, list[TicketSignal]]:
    tickets = {name: at_ms for name, at_ms in row.tickets.items() if name != event.ticket_id}
    if not event.is_open:
        return replace(row, tickets=tickets), []
    tickets[event.ticket_id] = event.opened_at
    newest = sorted(tickets.items(), key=lambda each: (each[1], each[0]))[-MAX_TICKETS:]
    is_meant = event.link.startswith(f"{CONVERSATION}:") or newest[-1][0] == event.ticket_id
    known = [each for each in row.complaints if _is_of(event, each, is_meant=is_meant)]
    known.sort(key=lambda each: (each.level.rank, each.occurred_at), reverse=True)  # a milder one then adds nothing
    signals = [_signal(event.ticket_id, each, event.opened_at, event.emitted_at) for each in known]
    if event.link.startswith(f"{ORDER}:") and len(newest) > 1:
        signals.append(_found(event.ticket_id, REPEATED_ORDER, event.opened_at, event.emitted_at))
    signals += [_promised(event.ticket_id, each, emitted_at_ms=event.emitted_at) for each in row.promises]
    if row.acknowledged is not None and event.ticket_id not in row.tickets:
        signals.append(_acknowledged(event.ticket_id, row.acknowledged, event.opened_at, event.emitted_at))
    return replace(row, tickets=dict(newest)), signals


def _is_of(ticket: LinkedTicket, complaint: LinkedComplaint, *, is_meant: bool) -> bool:
    """Whether a complaint moves a ticket whose link came after it; what it was told before the ticket recognises.

    One from before the ticket was opened does, and one that would have found it, had the link been there.
    """
    occurred_ms = heard_ms(complaint.occurred_at, complaint.emitted_at)
    if occurred_ms <= ticket.opened_at:
        return ticket.opened_at - occurred_ms <= REMEMBERED_FOR_MS
    return is_meant and ticket.emitted_at - occurred_ms <= REMEMBERED_FOR_MS


def _with_complaint(row: LinkRow, event: LinkedComplaint) -> tuple[LinkRow, list[TicketSignal]]:
    """A conversation's complaint moves all of its tickets; a customer's, the one that was opened last."""
    recent = (*row.complaints, event)[-MAX_COMPLAINTS:]
    tickets = list(row.tickets.items())
    meant = tickets if event.link.startswith(f"{CONVERSATION}:") else tickets[-1:]
    signals = [_signal(ticket_id, event, opened_at_ms, event.emitted_at) for ticket_id, opened_at_ms in meant]
    return replace(row, complaints=recent), signals


def _with_acknowledgement(row: LinkRow, event: LinkedAcknowledgement) -> tuple[LinkRow, list[TicketSignal]]:
    """The first acknowledgement counts: what comes after it says nothing new of this alert."""
    if row.acknowledged is not None:
        return row, []
    moved = row.tickets.items()
    signals = [_acknowledged(ticket_id, event, at_ms, event.emitted_at) for ticket_id, at_ms in moved]
    return replace(row, acknowledged=event), signals


def _acknowledged(
    ticket_id: str, event: LinkedAcknowledgement, complained_at_ms: int, emitted_at_ms: int
) -> TicketSignal:
    """Nobody acknowledges a complaint before it occurred, whatever the clock of whoever sent it says."""
    occurred_ms = max(event.occurred_at, complained_at_ms)
    return TicketSignal(
        ticket_id=ticket_id,
        kind=SignalKind.ACKNOWLEDGED,
        cause_id=event.alert_id,
        occurred_at=occurred_ms,
        acknowledgement=event.acknowledgement,
        test=event.test,
        emitted_at=max(emitted_at_ms, occurred_ms),
    )


def _with_promise(row: LinkRow, event: LinkedPromise) -> tuple[LinkRow, list[TicketSignal]]:
    """What a conversation was promised its tickets know; what a customer was, the one that was opened last."""
    others = tuple(each for each in row.promises if each.news.promise_id != event.news.promise_id)
    is_over = event.news.state in _PROMISE_OVER
    promises = others if is_over else (*others, event)[-MAX_PROMISES:]
    tickets = list(row.tickets)
    meant = tickets[-1:] if event.link.startswith(f"{CUSTOMER}:") else tickets
    return replace(row, promises=promises), [
        _promised(ticket_id, event, emitted_at_ms=event.emitted_at) for ticket_id in meant
    ]


def _promised(ticket_id: str, promise: LinkedPromise, *, emitted_at_ms: int) -> TicketSignal:
    news = promise.news
    return TicketSignal(
        ticket_id=ticket_id,
        kind=SignalKind.PROMISED,
        cause_id=fingerprint(f"{news.state}:{news.key}", news.promise_id),
        occurred_at=promise.occurred_at,
        conversation_id=promise.conversation_id,
        promise=news,
        test=promise.test,
        emitted_at=emitted_at_ms,
    )


def _with_act(row: LinkRow, event: LinkedAct) -> tuple[LinkRow, list[TicketSignal]]:
    """Ten tickets by one person within five minutes: nobody has looked at ten cases in that time."""
    acted = sorted({**row.acted_at_ms, event.ticket_id: event.occurred_at}.items(), key=lambda each: (each[1], each[0]))
    newest = acted[-BULK_COUNT:]
    is_bulk = len(newest) == BULK_COUNT and newest[-1][1] - newest[0][1] <= BULK_WITHIN_MS
    signals = [_found(event.ticket_id, BULK_OF[event.act], event.occurred_at, event.emitted_at)] if is_bulk else []
    return replace(row, acted_at_ms=dict(newest)), signals


def _found(ticket_id: str, finding: str, occurred_at_ms: int, emitted_at_ms: int) -> TicketSignal:
    return TicketSignal(
        ticket_id=ticket_id,
        kind=SignalKind.FOUND,
        cause_id=finding,
        occurred_at=occurred_at_ms,
        finding=finding,
        emitted_at=emitted_at_ms,
    )


def _signal(ticket_id: str, complaint: LinkedComplaint, opened_at_ms: int, emitted_at_ms: int) -> TicketSignal:
    """That a complaint moves a ticket, from when both were there: it starts no clock before its ticket was opened."""
    occurred_ms = max(heard_ms(complaint.occurred_at, complaint.emitted_at), opened_at_ms)
    return TicketSignal(
        ticket_id=ticket_id,
        kind=SignalKind.COMPLAINED,
        cause_id=complaint.alert_id,
        occurred_at=occurred_ms,
        level=complaint.level,
        reasons=complaint.reasons,
        conversation_id=complaint.conversation_id,
        test=complaint.test,
        emitted_at=max(emitted_at_ms, occurred_ms),
    )
