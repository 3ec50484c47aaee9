"""What a ticket says to others: which conversation, order and customer it belongs to, what moved or absorbed it."""

from pipeline.conversation.ids import fingerprint
from pipeline.sla.house import STOPPING, HouseRules
from pipeline.sla.standing import Standing
from pipeline.stage import Output
from pipeline.tickets.comments import conversation_of
from pipeline.tickets.links import link_of_alert, links_of
from pipeline.tickets.state import TicketRow
from pipeline.times import heard_ms
from schemas.links import Act, LinkedAct, LinkedTicket, SignalKind, TicketSignal
from schemas.tickets import TicketEvent, TicketEventKind
from schemas.topics import LINKS, SIGNALS


def relinked(ticket_id: str, before: TicketRow, after: TicketRow, *, emitted_at_ms: int) -> list[Output]:
    """Links that came, went, or whose ticket was opened or closed by an event."""
    # What a drill was under before drills had so few links is taken back as well.
    was, now = _links(ticket_id, before, is_drill=False), _links(ticket_id, after, is_drill=bool(after.test))
    changed = [(link, False) for link in was if link not in now] + [(link, True) for link in now if link not in was]
    return [
        Output(
            LINKS,
            link.encode(),
            LinkedTicket(
                link=link,
                ticket_id=ticket_id,
                is_open=is_open,
                opened_at=after.ticket.standing.created_at_ms,
                emitted_at=emitted_at_ms,
            ),
        )
        for link, is_open in changed
    ]


def _links(ticket_id: str, row: TicketRow, *, is_drill: bool) -> tuple[str, ...]:
    """The links of a ticket that is open; its own comments are a conversation of their own.

    A drill is nobody's newest ticket, and no second one for an order: what is real must find what is real.
    """
    standing = row.ticket.standing
    if not standing.created_at_ms or standing.is_over or standing.merged_into:
        return ()
    own = links_of(conversation_id=conversation_of(ticket_id), order_id="", customer_key="")
    order_id, customer_key = ("", "") if is_drill else (row.order_id, row.customer_key)
    return own + links_of(conversation_id=row.conversation_id, order_id=order_id, customer_key=customer_key)


def moved_by(complaint: TicketSignal) -> Output:
    """The link to the alert of a complaint that moved a ticket: whoever acknowledges it acts on the ticket."""
    link = link_of_alert(complaint.cause_id)
    moved = LinkedTicket(
        link=link,
        ticket_id=complaint.ticket_id,
        is_open=True,
        opened_at=heard_ms(complaint.occurred_at, complaint.emitted_at),
        emitted_at=complaint.emitted_at,
    )
    return Output(LINKS, link.encode(), moved)


def absorbed_by(
    event: TicketEvent, before: Standing, after: Standing, *, test: str, emitted_at_ms: int
) -> list[Output]:
    """Where a ticket was merged into another, that one is told since when somebody waits; again if that was earlier."""
    is_merged_now = event.event is TicketEventKind.MERGED and event.merged_into not in {None, "", event.ticket_id}
    is_older = bool(before.merged_into) and after.created_at_ms < before.created_at_ms
    into = event.merged_into if is_merged_now else after.merged_into
    if not into or not (is_merged_now or is_older):
        return []
    merged_at_ms = heard_ms(event.occurred_at, emitted_at_ms)
    signal = TicketSignal(
        ticket_id=into,
        kind=SignalKind.ABSORBED,
        cause_id=event.event_id,
        occurred_at=merged_at_ms if is_merged_now else after.last_at_ms,
        since=after.created_at_ms,
        test=test,
        emitted_at=emitted_at_ms,
    )
    return [Output(SIGNALS, into.encode(), signal)]


def acts(event: TicketEvent, before: Standing, rules: HouseRules, *, emitted_at_ms: int) -> list[Output]:
    """What somebody did to a ticket that nobody should do to many in a row, where it is known who."""
    if not event.actor_id:
        return []
    found = []
    if rules.rejects(before.tags, event.tags):
        found.append((Act.REJECTED, event.actor_id))
    is_stopped = event.status in STOPPING and before.status is not event.status
    if is_stopped and not before.is_over and before.created_at_ms:
        found.append((Act.STOPPED, f"{event.status}:{event.actor_id}"))
    return [
        Output(
            LINKS,
            link.encode(),
            LinkedAct(
                link=link, act=act, ticket_id=event.ticket_id, occurred_at=event.occurred_at, emitted_at=emitted_at_ms
            ),
        )
        for act, who in found
        for link in (fingerprint(act, who),)
    ]
