"""Facts: what of a ticket's events moves its clocks, in order of event time however the events came in."""

from bisect import bisect_right
from typing import TypeVar

import msgspec

from pipeline.times import heard_ms
from schemas.links import SignalKind, TicketSignal
from schemas.tickets import Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.vocabulary import Level, Role

ABSORBED = "absorbed"  # another ticket was merged into this one
ACKNOWLEDGED = "acknowledged"  # somebody took the incident of such a complaint in hand
COMPLAINED = "complained"  # a conversation that belongs to the ticket rose to a level
_OURSELVES = "tocsin"  # who did what the ticket system does because of a command of ours
_EVENTS = {SignalKind.ABSORBED: ABSORBED, SignalKind.COMPLAINED: COMPLAINED}  # no other signal moves a clock


class Fact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing that happened to a ticket. What is None did not change."""

    at_ms: int
    event_id: str
    event: str  # a `TicketEventKind`, `absorbed`, `complained` or `acknowledged`
    seq: int = 0
    by: str = ""
    status: TicketStatus | None = None
    priority: Priority | None = None
    is_answer: bool = False  # a public comment by an agent
    is_question: bool = False  # the customer wrote
    is_customers: bool = False  # the customer did it
    is_echo: bool = False  # the ticket system did what Tocsin had told it to
    tenant: str | None = None
    type: str | None = None
    category: str | None = None
    previous_category: str | None = None
    tags: tuple[str, ...] | None = None
    group_id: str | None = None
    assignee_id: str | None = None
    region: str | None = None
    product: str | None = None
    hint: str | None = None
    channel: str | None = None
    customer_tier: str | None = None
    reason: str | None = None  # of an acknowledgement: what was done to which incident
    merged_into: str | None = None
    level: Level | None = None  # of a complaint, or of the incident that was acknowledged
    since_ms: int | None = None  # when an absorbed ticket was created


def fact_of(event: TicketEvent, *, region: str, written_at_ms: int) -> Fact:
    """The fact of an event. What a sender's fast clock says happened after it was written happened when it was."""
    comment = event.comment
    return Fact(
        at_ms=heard_ms(event.occurred_at, written_at_ms),
        event_id=event.event_id,
        event=event.event.value,
        seq=event.seq or 0,
        by=event.actor_id or (comment.author_role.value if comment else "") or event.source,
        status=event.status,
        priority=event.priority,
        is_answer=comment is not None and comment.public and comment.author_role is Role.AGENT,
        is_question=comment is not None and comment.author_role is Role.CUSTOMER,
        is_customers=_is_customers(event),
        is_echo=event.actor_id == _OURSELVES,
        tenant=event.tenant if event.tenant != "default" else None,
        type=event.type,
        category=event.category,
        previous_category=event.previous_category,
        tags=event.tags,
        group_id=event.group_id,
        assignee_id=event.assignee_id,
        region=region or None,
        product=event.product,
        hint=event.policy_hint,
        channel=event.channel,
        customer_tier=event.customer_tier,
        reason=(event.reason or "").strip() or None,  # a blank explains nothing
        merged_into=_target(event),
    )


def _is_customers(event: TicketEvent) -> bool:
    """Whether the customer did it: by name, by one of the event's keys, or by the words that came with it."""
    if event.actor_id:
        return event.actor_id in {Role.CUSTOMER.value, event.customer_key, event.requester_key}
    return event.comment is not None and event.comment.author_role is Role.CUSTOMER


def _target(event: TicketEvent) -> str | None:
    """What the ticket was merged into; nobody's clock ends because a ticket was merged into itself."""
    return event.merged_into if event.event is TicketEventKind.MERGED and event.merged_into != event.ticket_id else None


def fact_of_signal(signal: TicketSignal) -> Fact:
    """The fact of something that a ticket is told and that is no event of its own."""
    acknowledged = signal.acknowledgement
    if acknowledged is not None:
        return Fact(
            at_ms=heard_ms(signal.occurred_at, signal.emitted_at),
            event_id=acknowledged.action_id,
            event=ACKNOWLEDGED,
            by=acknowledged.actor,
            reason=f"{acknowledged.action}:{acknowledged.incident_id}",
            level=acknowledged.level,
        )
    return Fact(
        at_ms=heard_ms(signal.occurred_at, signal.emitted_at),
        event_id=signal.cause_id,
        event=_EVENTS[signal.kind],
        by="tocsin",
        level=signal.level,
        since_ms=signal.since,
    )


def placed(facts: tuple[Fact, ...], fact: Fact) -> tuple[tuple[Fact, ...], int]:
    """The facts with one more in its place by event time, and which place that is."""
    at = bisect_right(facts, _order(fact), key=_order)
    return (*facts[:at], fact, *facts[at:]), at


def _order(fact: Fact) -> tuple[int, bool, int]:
    """By time; of one moment the creation comes first, then what the source counted lower."""
    return fact.at_ms, fact.event != TicketEventKind.CREATED, fact.seq


ValueT = TypeVar("ValueT")


def newest(value: ValueT | None, known: ValueT) -> ValueT:
    """What a fact says, or what was known where it says nothing."""
    return known if value is None else value
