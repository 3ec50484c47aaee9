"""What a ticket tells its desk: the topics it belongs to, each once, and whether its customer waits for somebody."""

from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint
from pipeline.sla.facts import Fact
from pipeline.sla.standing import Standing
from pipeline.stage import Output
from pipeline.tickets.state import TicketRow
from schemas.desks import DeskTopics, DeskWait
from schemas.topics import DESK

MAX_TOPICS = 20  # of a ticket


def told_desk(
    ticket_id: str,
    before: TicketRow,
    row: TicketRow,
    fact: Fact,
    *,
    emitted_at_ms: int,
    reasons: tuple[str, ...] = (),
) -> tuple[TicketRow, list[Output]]:
    """The row with the topics that were told, and what the desk is told; of a drill nothing."""
    standing = row.ticket.standing
    if row.test:
        return row, []
    found: list[DeskTopics] = []
    is_opened = not before.ticket.standing.created_at_ms
    known = frozenset(row.topics)
    new = tuple(topic for topic in _topics(standing, reasons) if topic not in known)[: MAX_TOPICS - len(known)]
    if is_opened or new:
        row = replace(row, topics=row.topics + new)
        found.append(
            DeskTopics(
                desk=standing.tenant,
                ticket_id=ticket_id,
                is_opened=is_opened,
                topics=new,
                customer=row.customer_key or ticket_id,  # where nobody knows who asked, each is somebody else
                occurred_at=fact.at_ms,
                cause_id=fact.event_id,
                emitted_at=emitted_at_ms,
            )
        )
    outputs = [Output(DESK, standing.tenant.encode(), each) for each in found]
    return row, outputs + _waits_told(ticket_id, before.ticket.standing, standing, fact, emitted_at_ms=emitted_at_ms)


def _waits_told(
    ticket_id: str, before: Standing, standing: Standing, fact: Fact, *, emitted_at_ms: int
) -> list[Output]:
    """Whether its customer waits, where that has changed; of a ticket that went to another desk to both of them."""
    was_waiting, is_waiting = _waits(before), _waits(standing)
    has_moved = was_waiting and before.tenant != standing.tenant
    told = []
    if has_moved:
        told.append((before.tenant, False, 0))  # a moment that shows nobody at the desk which the ticket left
    if is_waiting is not (was_waiting and not has_moved) or (fact.is_answer and not is_waiting):
        told.append((standing.tenant, is_waiting, fact.at_ms))
    return [
        Output(
            DESK,
            desk.encode(),
            DeskWait(
                desk=desk,
                ticket_id=ticket_id,
                is_waiting=is_there,
                occurred_at=at_ms,
                cause_id=fact.event_id,
                emitted_at=emitted_at_ms,
            ),
        )
        for desk, is_there, at_ms in told
    ]


def _topics(standing: Standing, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Everything by which tickets can be alike, in the words of the ticket system and of the rules."""
    named = [("category", standing.category), ("product", standing.product)]
    named += [("tag", tag) for tag in standing.tags] + [("reason", reason) for reason in reasons]
    return tuple(dict.fromkeys(fingerprint(kind, value) for kind, value in named if value))


def _waits(standing: Standing) -> bool:
    return standing.is_unanswered and not standing.is_over and not standing.merged_into
