"""Tickets: what happens to a case in the ticket system. Topic `tickets.events`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, EpochMillis, Id, Part
from schemas.events import LocatedEvent
from schemas.vocabulary import Role


class TicketEventKind(StrEnum):
    """What happened to the ticket."""

    CREATED = "created"
    UPDATED = "updated"
    COMMENTED = "commented"
    ASSIGNED = "assigned"
    STATUS_CHANGED = "status_changed"
    PRIORITY_CHANGED = "priority_changed"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    MERGED = "merged"
    CLOSED = "closed"


class TicketStatus(StrEnum):
    """Where the ticket stands."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"  # waits for the customer
    ON_HOLD = "on_hold"  # waits for a third party
    SOLVED = "solved"
    CLOSED = "closed"


class Priority(StrEnum):
    """How urgent the ticket is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Comment(Part, frozen=True, kw_only=True):
    """One comment on a ticket."""

    id: Id
    author_role: Role
    public: bool
    text: str


Labels = Annotated[tuple[Code, ...], Meta(max_length=MAX_LIST_ITEMS)]


class TicketEvent(LocatedEvent, tag="ticket.event/1", frozen=True, kw_only=True):
    """One change of one ticket, with its status and priority after the change."""

    ticket_id: Id
    event: TicketEventKind
    status: TicketStatus
    priority: Priority
    previous_status: TicketStatus | None = None
    previous_priority: Priority | None = None
    subject: str | None = None
    body: str | None = None
    category: Code | None = None
    previous_category: Code | None = None
    tags: Labels | None = None
    group_id: Code | None = None
    assignee_id: Code | None = None
    requester_key: Code | None = None
    comment: Comment | None = None
    merged_into: Code | None = None
    merged_from: Labels | None = None
    policy_hint: Code | None = None
    channel: Code | None = None  # how the customer came: form, chat, wechat, email, phone …; since 1.2
    due_hint: EpochMillis | None = None
    conversation_id: Code | None = None
    order_id: Code | None = None
    product: Code | None = None
    batch: Code | None = None
    sale_closed: bool | None = None
    actor_id: Code | None = None  # who did it; since 1.1
    # Why it was done, where the system asks for a reason: of a rejection; `deleted` or `spam` of a closing; since 1.1
    reason: Code | None = None
