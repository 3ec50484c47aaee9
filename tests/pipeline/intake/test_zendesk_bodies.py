"""Bodies of Zendesk become ticket events and chat messages."""

import json

import pytest

from pipeline.intake.description import Zendesk
from pipeline.intake.people import CustomerKeys
from pipeline.intake.translate import Translation, translator_of
from schemas.chats import ChatMessage
from schemas.tickets import Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.vocabulary import Category, Role
from tests.support.webhooks import COMPANY_SECRET, CUSTOMER, NOON_MS, zendesk, zendesk_comment, zendesk_message

SOURCE = Zendesk(kind="zendesk", name="helpdesk", path="/in/zendesk", secrets=[{"env": "ZENDESK_SECRET"}])
KEYS = CustomerKeys(COMPANY_SECRET)
TRANSLATOR = translator_of(SOURCE, KEYS)


def read(body) -> Translation:
    """What a body becomes."""
    return TRANSLATOR.translate(json.dumps(body).encode(), received_ms=NOON_MS)


def event(body) -> TicketEvent | ChatMessage:
    """The one event of a body."""
    [record] = read(body).records
    return record.event


def test_a_new_ticket_has_all_that_is_known():
    """Ids, status, priority, subject, description, tags, team, and the customer as a key alone."""
    ticket = event(zendesk())
    assert (ticket.event_id, ticket.source) == ("helpdesk:2b24ef10-19d4-4740-93cf-8f98ec4776c0", "helpdesk")
    assert (ticket.ticket_id, ticket.event) == ("35436", TicketEventKind.CREATED)
    assert (ticket.status, ticket.priority, ticket.type) == (TicketStatus.OPEN, Priority.HIGH, "problem")
    assert (ticket.subject, ticket.body) == ("空调不制冷", "空调装了三次还是不制冷，我要投诉")
    assert (ticket.tags, ticket.group_id, ticket.assignee_id) == (("repair", "vip"), "8447320466430", "8447388090494")
    assert (ticket.occurred_at, ticket.ingested_at) == (NOON_MS + 123, NOON_MS)
    assert ticket.requester_key == ticket.customer_key == KEYS.key("helpdesk", CUSTOMER)
    assert ticket.actor_id == "8447388090494"


def test_a_customer_is_named_by_nothing_but_a_key():
    """Also where the customer is who did it."""
    [record] = read(zendesk(actor_id=CUSTOMER)).records
    assert record.event.actor_id is None
    assert CUSTOMER not in record.value.decode()


@pytest.mark.parametrize(
    ("change", "detail", "inner", "kind"),
    [
        ("status_changed", {"status": "PENDING"}, {"previous": "OPEN", "current": "PENDING"}, "status_changed"),
        ("status_changed", {"status": "SOLVED"}, {"previous": "OPEN", "current": "SOLVED"}, "status_changed"),
        ("status_changed", {"status": "OPEN"}, {"previous": "SOLVED", "current": "OPEN"}, "reopened"),
        ("status_changed", {"status": "CLOSED"}, {"previous": "SOLVED", "current": "CLOSED"}, "closed"),
        ("priority_changed", {"priority": "URGENT"}, {"previous": "HIGH", "current": "URGENT"}, "priority_changed"),
        ("agent_assignment_changed", {}, {"previous": "1", "current": "2"}, "assigned"),
        ("group_assignment_changed", {}, {"previous": "1", "current": "2"}, "assigned"),
        ("tags_changed", {}, {"tags_added": ["vip"], "tags_removed": []}, "updated"),
        ("soft_deleted", {"status": "DELETED"}, {}, "closed"),
        ("marked_as_spam", {}, {}, "closed"),
        ("undeleted", {}, {}, "reopened"),
        ("something_new_of_zendesk", {}, {}, "updated"),
    ],
)
def test_what_happened(change, detail, inner, kind):
    """Each change has its word in the contract; a description that is only repeated is not taken again."""
    ticket = event(zendesk(change, inner, **detail))
    assert ticket.event == kind
    assert ticket.body is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [("soft_deleted", "deleted"), ("permanently_deleted", "deleted"), ("marked_as_spam", "spam"), ("merged", None)],
)
def test_what_was_thrown_away_says_so(change, reason):
    """So that nobody takes it for solved."""
    assert event(zendesk(change)).reason == reason


@pytest.mark.parametrize(
    ("via", "channel"),
    [("web", "form"), ("web_service", "web_service"), ("NATIVE_MESSAGING", "chat"), ("voice", "phone"), ("", None)],
)
def test_how_the_customer_came(via, channel):
    """Zendesk's `web` is a form; everywhere else it is a chat on a page."""
    assert event(zendesk(via={"channel": via})).channel == channel


def test_before_and_after_of_status_and_priority():
    """What it was before is kept, in the contract's words."""
    held = event(zendesk("status_changed", {"previous": "OPEN", "current": "HOLD"}, status="HOLD"))
    assert (held.previous_status, held.status) == (TicketStatus.OPEN, TicketStatus.ON_HOLD)
    raised = event(zendesk("priority_changed", {"previous": None, "current": "URGENT"}, priority="URGENT"))
    assert (raised.previous_priority, raised.priority) == (Priority.NORMAL, Priority.URGENT)


@pytest.mark.parametrize("missing", [None, "", "0"])
def test_what_nobody_set_is_not_there(missing):
    """A ticket without priority is a normal one; nobody's id is no id."""
    ticket = event(zendesk(priority=None, assignee_id=missing, group_id=missing, requester_id=missing))
    assert (ticket.priority, ticket.assignee_id, ticket.group_id) == (Priority.NORMAL, None, None)
    assert ticket.requester_key is None


@pytest.mark.parametrize(
    ("is_staff", "is_public", "role"),
    [(False, True, Role.CUSTOMER), (True, True, Role.AGENT), (True, False, Role.AGENT), (None, True, Role.CUSTOMER)],
)
def test_a_comment_says_who_wrote_it(is_staff, is_public, role):
    """The text with its author's role; where the author is not called staff or not, the requester is a customer."""
    ticket = event(zendesk_comment(is_staff=is_staff, is_public=is_public))
    assert ticket.event is TicketEventKind.COMMENTED
    assert (ticket.comment.author_role, ticket.comment.public) == (role, is_public)
    assert (ticket.comment.id, ticket.comment.text) == ("9876543210", "再不处理我就打12315")


def test_a_merged_ticket_names_where_it_went():
    """The target is a ticket of the same system and has its prefix."""
    prefixed = translator_of(SOURCE.model_copy(update={"id_prefix": "zd-"}), KEYS)
    body = json.dumps(zendesk("merged", {"target_ticket_id": "7"})).encode()
    [record] = prefixed.translate(body, received_ms=NOON_MS).records
    assert (record.event.ticket_id, record.event.merged_into, record.key) == ("zd-35436", "zd-7", b"zd-35436")


@pytest.mark.parametrize(
    ("actor", "role"),
    [("end_user", Role.CUSTOMER), ("agent", Role.AGENT), ("trigger", Role.SYSTEM), ("system", Role.BOT)],
)
def test_a_messaging_message_is_a_chat_message(actor, role):
    """A customer is a key, an agent is named by the id that the system knows."""
    message = event(zendesk_message(actor))
    assert isinstance(message, ChatMessage)
    assert (message.role, message.text) == (role, "等了半天没人管")
    assert message.sender_id == (KEYS.key("helpdesk", CUSTOMER) if role is Role.CUSTOMER else CUSTOMER)
    assert message.agent_id == (CUSTOMER if role is Role.AGENT else None)


@pytest.mark.parametrize("kind", ["zen:event-type:user.created", "zen:event-type:article.published"])
def test_what_is_not_about_tickets_is_left_alone(kind):
    """Neither an event nor a fault."""
    assert read(zendesk() | {"type": kind})[:2] == ((), ())


@pytest.mark.parametrize(
    ("body", "category", "path"),
    [
        pytest.param({"type": "ticket.created"}, Category.UNKNOWN_TYPE, "$.type", id="no type of Zendesk"),
        pytest.param(zendesk(id=None), Category.SCHEMA, "$.ticket_id", id="no ticket"),
        pytest.param(zendesk(status="LIMBO"), Category.SCHEMA, "$.status", id="a status that is new to us"),
        pytest.param(zendesk(priority="EXTREME"), Category.SCHEMA, "$.priority", id="a priority that is new to us"),
        pytest.param(zendesk() | {"time": "yesterday"}, Category.SCHEMA, "$.occurred_at", id="no time"),
        pytest.param(
            zendesk() | {"time": "2025-01-01T00:00:00Z"}, Category.TIME_OUT_OF_RANGE, "$.occurred_at", id="a year ago"
        ),
        pytest.param(zendesk() | {"detail": []}, Category.SCHEMA, "$.ticket_id", id="a list for a ticket"),
        pytest.param(
            zendesk("comment_added", {"comment": {"body": "x"}}), Category.SCHEMA, "$.comment.id", id="comment"
        ),
    ],
)
def test_what_cannot_be_used_is_told(body, category, path):
    """Sort, field and what belongs there; never what was sent."""
    [fault] = read(body).faults
    assert (fault.category, fault.path) == (category, path)
    assert not any(word in fault.expected for word in ("LIMBO", "EXTREME", "yesterday", CUSTOMER))


def test_the_fault_says_where_the_field_was_looked_for():
    """Whoever repairs it reads the path in the body, too."""
    [fault] = read(zendesk(status="LIMBO")).faults
    assert fault.expected.endswith("it is filled from detail.status")
