"""Where a ticket stands: everything that its facts so far add up to, its clocks among it.

A fact first changes what the ticket is; then each goal of its policy is asked what its clock should be doing now.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.sla.clock import Clock
from pipeline.sla.facts import ABSORBED, ACKNOWLEDGED, COMPLAINED, Fact, newest
from pipeline.sla.policy import Traits
from schemas.tickets import Priority, TicketEventKind, TicketStatus
from schemas.vocabulary import Level

OVER = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})
VOID = frozenset({"deleted", "spam"})  # reasons of a closing after which the ticket never was one
_ACTS = frozenset({TicketEventKind.ASSIGNED, TicketEventKind.STATUS_CHANGED, TicketEventKind.ESCALATED})
SOON_MS = 24 * 60 * 60 * 1000  # reopened so soon after it was solved, a ticket was perhaps only closed


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A ticket after some of its facts. Times are event times; a count of 0 means that it has not happened."""

    created_at_ms: int = 0
    last_at_ms: int = 0
    has_creation: bool = False
    status: TicketStatus = TicketStatus.NEW
    priority: Priority = Priority.NORMAL
    tenant: str = "default"
    type: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    group_id: str = ""
    assignee_id: str = ""
    region: str = ""
    product: str = ""
    hint: str = ""
    channel: str = ""
    customer_tier: str = ""
    level: Level = Level.NONE  # the highest that a complaint about it came to
    policy: str = ""
    is_assigned: bool = False
    answer_count: int = 0
    wait_count: int = 0  # how often the customer began to wait for an answer after the first one
    is_waiting: bool = False
    message_count: int = 0  # what the customer wrote, the ticket's first words among it
    is_unanswered: bool = False  # the customer's last message is
    complaint_count: int = 0
    needs_action: bool = False
    awaits_action: Level = Level.NONE  # the gravest complaint for which nobody has done anything yet
    answered_for: Level = Level.NONE  # the gravest of the complaints that wait, or of those that waited last
    acknowledged: str = ""  # what was done to the incident of the last complaint, where that was the first action
    solved_count: int = 0
    solved_at_ms: int = 0
    unheard_since_ms: int = 0  # the customer wrote while the clock stood still, and it still does
    merged_into: str = ""
    void: str = ""  # why it was thrown away; nobody has solved it
    clocks: tuple[Clock, ...] = ()
    dodge_count: int = 0  # pauses begun just before a warning
    findings: tuple[str, ...] = ()
    was_quality: bool = False  # it was once filed as a case of quality

    @property
    def is_over(self) -> bool:
        """Whether it is solved, closed or thrown away."""
        return self.status in OVER or bool(self.void)

    @property
    def action_level(self) -> Level:
        """How grave that is for which somebody has to act, or had to last; rows of old know only the ticket's level."""
        known = (self.answered_for, self.awaits_action, self.level)
        return next((level for level in known if level is not Level.NONE), Level.NONE)

    @property
    def traits(self) -> Traits:
        """What its policy is chosen by."""
        return Traits(
            priority=self.priority,
            tenant=self.tenant,
            type=self.type,
            category=self.category,
            tags=self.tags,
            group=self.group_id,
            region=self.region,
            product=self.product,
            hint=self.hint,
            channel=self.channel,
            customer_tier=self.customer_tier,
            level=self.level,
        )


def after(before: Standing, fact: Fact) -> Standing:
    """What the ticket is after a fact; its clocks are still those of before."""
    at_ms = fact.at_ms
    status = newest(fact.status, before.status)
    void = _void(before, fact)
    is_waiting, wait_count = _waiting(before, fact)
    is_message = is_written(fact)
    action = _action(before, fact)
    level = fact.level if fact.event == COMPLAINED and fact.level else Level.NONE
    is_solved = status in OVER and not void and not before.is_over
    created_at_ms = before.created_at_ms or at_ms
    if fact.event == ABSORBED and fact.since_ms is not None:
        created_at_ms = min(created_at_ms, fact.since_ms)
    assignee_id = newest(fact.assignee_id, before.assignee_id)
    return replace(
        before,
        created_at_ms=created_at_ms,
        last_at_ms=at_ms,
        has_creation=before.has_creation or fact.event == TicketEventKind.CREATED,
        status=status,
        priority=newest(fact.priority, before.priority),
        tenant=newest(fact.tenant, before.tenant),
        type=newest(fact.type, before.type),
        category=newest(fact.category, before.category),
        tags=newest(fact.tags, before.tags),
        group_id=newest(fact.group_id, before.group_id),
        assignee_id=assignee_id,
        region=newest(fact.region, before.region),
        product=newest(fact.product, before.product),
        hint=newest(fact.hint, before.hint),
        channel=newest(fact.channel, before.channel),
        customer_tier=newest(fact.customer_tier, before.customer_tier),
        level=_graver(before.level, level),
        is_assigned=before.is_assigned or bool(assignee_id),
        answer_count=before.answer_count + fact.is_answer,
        wait_count=wait_count,
        is_waiting=is_waiting,
        message_count=before.message_count + is_message,
        is_unanswered=is_message or (before.is_unanswered and not fact.is_answer),
        complaint_count=before.complaint_count + (action.is_needed and not before.needs_action),
        needs_action=action.is_needed,
        awaits_action=action.level,
        answered_for=before.answered_for if action.level is Level.NONE else action.level,
        acknowledged=action.acknowledged,
        solved_count=before.solved_count + is_solved,
        solved_at_ms=at_ms if is_solved else before.solved_at_ms,
        merged_into=newest(fact.merged_into, before.merged_into),
        void=void,
    )


def is_written(fact: Fact) -> bool:
    """Whether the customer wrote: a comment, or the first words of the ticket."""
    return fact.is_question or fact.event == TicketEventKind.CREATED


def _void(before: Standing, fact: Fact) -> str:
    """Why the ticket was thrown away, until it is taken out of the bin."""
    if fact.event == TicketEventKind.CLOSED and fact.reason in VOID:
        return fact.reason or ""
    return "" if fact.event == TicketEventKind.REOPENED else before.void


def _waiting(before: Standing, fact: Fact) -> tuple[bool, int]:
    """Whether the customer waits for an answer to what was written after the first one, and which wait it is."""
    if fact.is_answer:
        return False, before.wait_count
    if fact.is_question and before.answer_count and not before.is_waiting:
        return True, before.wait_count + 1
    return before.is_waiting, before.wait_count


class _Action(NamedTuple):
    """Whether a complaint waits for somebody to do something, how grave, and by what an acknowledgement ended that."""

    is_needed: bool
    level: Level
    acknowledged: str


def _action(before: Standing, fact: Fact) -> _Action:
    """Acknowledging counts for complaints up to the incident's level: of a graver one nobody has taken care yet."""
    level = fact.level or Level.NONE
    if fact.event == COMPLAINED:
        return _Action(is_needed=True, level=_graver(before.awaits_action, level), acknowledged="")
    if fact.event == ACKNOWLEDGED and before.needs_action and level.rank >= before.awaits_action.rank:
        return _Action(is_needed=False, level=Level.NONE, acknowledged=fact.reason or "")
    if before.needs_action and _is_act(before, fact):
        return _Action(is_needed=False, level=Level.NONE, acknowledged="")
    return _Action(before.needs_action, before.awaits_action, before.acknowledged)


def _is_act(before: Standing, fact: Fact) -> bool:
    """Whether somebody of the house has acted: not the customer, and not the ticket system because we told it to.

    What we asked for may hand the ticket to a person all the same.
    """
    if fact.is_answer:
        return True
    if fact.event not in _ACTS or fact.is_customers:
        return False
    is_handed_on = bool(fact.assignee_id) and fact.assignee_id != before.assignee_id
    return is_handed_on or not fact.is_echo


def _graver(one: Level, other: Level) -> Level:
    return max(one, other, key=lambda level: level.rank)
