"""Bodies of Chatwoot become chat messages and ticket events."""

import json

import pytest

from pipeline.intake.description import Chatwoot
from pipeline.intake.people import CustomerKeys
from pipeline.intake.translate import translator_of
from schemas.chats import ChatChannel, ContentType
from schemas.tickets import Priority, TicketEventKind, TicketStatus
from schemas.vocabulary import Category, Role
from tests.support.webhooks import COMPANY_SECRET, CUSTOMER, NOON_MS, PHONE, chatwoot_conversation, chatwoot_message

SOURCE = Chatwoot(kind="chatwoot", name="chat", path="/in/chatwoot", secrets=[{"env": "CHATWOOT_SECRET"}])
KEYS = CustomerKeys(COMPANY_SECRET)
TRANSLATOR = translator_of(SOURCE, KEYS)
AGENT = {"id": 3, "name": "An agent", "email": "agent@example.com", "type": "user"}


def read(body):
    """Events and faults of a body."""
    return TRANSLATOR.translate(json.dumps(body).encode(), received_ms=NOON_MS)


def events(body):
    """The events of a body that has no faults."""
    translation = read(body)
    assert not translation.faults
    return [record.event for record in translation.records]


def test_a_message_is_a_chat_message_and_tells_the_clocks():
    """The text stands in the message alone; the ticket event says that somebody wrote."""
    message, ticket = events(chatwoot_message())
    assert (message.conversation_id, message.message_id, message.role) == ("25", "17547", Role.CUSTOMER)
    assert (message.text, message.channel, message.content_type) == (
        "等了半天没人管，太失望了",
        ChatChannel.WEB,
        ContentType.TEXT,
    )
    assert (message.occurred_at, message.inbox) == (NOON_MS + 319, "官网")
    assert (ticket.event, ticket.ticket_id, ticket.conversation_id) == (TicketEventKind.COMMENTED, "25", "25")
    assert (ticket.comment.author_role, ticket.comment.public, ticket.comment.text) == (Role.CUSTOMER, True, "")
    assert message.event_id == "chat:1:message:17547"
    assert ticket.event_id == "chat:1:message:17547:comment"


def test_the_customer_is_a_key_everywhere():
    """The company's own id of the contact makes the key; neither it nor phone, name, e-mail go on."""
    message, ticket = events(chatwoot_message())
    key = KEYS.key("chat", CUSTOMER)
    assert message.sender_id == message.customer_key == ticket.requester_key == ticket.customer_key == key
    sent = b"".join(record.value for record in read(chatwoot_message()).records).decode()
    assert not any(raw in sent for raw in (CUSTOMER, PHONE, "someone@example.com", "A customer"))


@pytest.mark.parametrize(
    ("kind", "sender", "role"),
    [
        ("incoming", None, Role.CUSTOMER),
        ("outgoing", AGENT, Role.AGENT),
        ("outgoing", AGENT | {"type": "agent_bot"}, Role.BOT),
        ("outgoing", {"id": 3, "name": "An agent"}, Role.AGENT),
        ("outgoing", {"id": 5, "name": "Captain", "type": "captain_assistant"}, Role.BOT),
        ("outgoing", {}, Role.BOT),
        ("template", {}, Role.BOT),
    ],
)
def test_who_speaks(kind, sender, role):
    """Customer, agent, bot."""
    message, ticket = events(chatwoot_message(kind, sender=sender))
    assert message.role is ticket.comment.author_role is role
    assert message.agent_id == ("3" if role is Role.AGENT else None)


def test_an_automation_is_no_agent():
    """Nobody sent it: it answers no customer in an agent's name."""
    by_rule = {"content_attributes": {"automation_rule_id": 4}}
    message, ticket = events(chatwoot_message("outgoing") | {"sender": None} | by_rule)
    assert message.role is ticket.comment.author_role is Role.BOT
    assert (message.sender_id, message.agent_id) == ("bot", None)


def test_what_the_system_notes_is_no_answer():
    """`Conversation was assigned` starts and stops no clock."""
    [message] = events(chatwoot_message("activity", sender={}))
    assert message.role is Role.SYSTEM


@pytest.mark.parametrize("change", [{"private": True}, {"private": False}])
def test_a_private_note_is_marked(change):
    """It is for quality checks alone, and no answer to the customer."""
    message, ticket = events(chatwoot_message("outgoing", sender=AGENT, **change))
    assert message.private is not ticket.comment.public is not change["private"]


@pytest.mark.parametrize(
    ("channel", "wanted"),
    [
        ("Channel::Whatsapp", "whatsapp"),
        ("Channel::FacebookPage", "messenger"),
        ("Channel::Email", "email"),
        ("Channel::TwilioSms", "sms"),
        ("Channel::Api", "other"),
        (None, "other"),
    ],
)
def test_channels(channel, wanted):
    """Chatwoot's inbox types in our words."""
    body = chatwoot_message()
    body["conversation"]["channel"] = channel
    message, ticket = events(body)
    assert (message.channel, ticket.channel) == (wanted, wanted if channel else None)


def test_a_changed_and_a_deleted_message_come_under_the_same_id():
    """The message id stays, the event id differs."""
    [edited] = events(chatwoot_message(event="message_updated", content="已改"))
    assert (edited.message_id, edited.edited, edited.deleted) == ("17547", True, False)
    [deleted] = events(chatwoot_message(event="message_updated", content_attributes={"deleted": True}))
    assert deleted.deleted
    assert len({edited.event_id, deleted.event_id}) == 2


@pytest.mark.parametrize(
    ("file_type", "wanted"), [("image", "image"), ("audio", "voice"), ("video", "file"), ("location", "file")]
)
def test_a_message_of_a_file_has_no_text(file_type, wanted):
    """Where the file lies stays with Chatwoot."""
    body = chatwoot_message(content=None, attachments=[{"file_type": file_type, "data_url": "https://example.com/x"}])
    message = events(body)[0]
    assert (message.text, message.content_type) == ("", wanted)
    assert [(each.type, each.name) for each in message.attachments] == [(file_type, None)]


@pytest.mark.parametrize(
    ("event", "changed", "status", "kind", "wanted"),
    [
        ("conversation_created", {}, "pending", "created", "new"),
        ("conversation_status_changed", {"status": ("open", "resolved")}, "resolved", "status_changed", "solved"),
        ("conversation_status_changed", {"status": ("open", "snoozed")}, "snoozed", "status_changed", "on_hold"),
        ("conversation_status_changed", {"status": ("resolved", "open")}, "open", "reopened", "open"),
        ("conversation_updated", {"priority": (None, "urgent")}, "open", "priority_changed", "open"),
        ("conversation_updated", {"assignee_id": (None, 3)}, "open", "assigned", "open"),
        ("conversation_updated", {"label_list": ([], ["vip"])}, "open", "updated", "open"),
    ],
)
def test_a_conversation_is_a_ticket(event, changed, status, kind, wanted):
    """What happened and how it stands, in our words; a bot's conversation waits for an agent."""
    [ticket] = events(chatwoot_conversation(event, changed, status=status))
    assert (ticket.event, ticket.status) == (kind, wanted)
    assert (ticket.priority, ticket.group_id, ticket.assignee_id) == (Priority.NORMAL, "2", "3")
    assert ticket.occurred_at == (NOON_MS - 60_000 if kind == "created" else NOON_MS)


def test_what_it_was_before_is_kept():
    """Status and priority."""
    [solved] = events(
        chatwoot_conversation("conversation_status_changed", {"status": ("open", "resolved")}, status="resolved")
    )
    assert solved.previous_status is TicketStatus.OPEN
    [raised] = events(
        chatwoot_conversation("conversation_updated", {"priority": ("medium", "urgent")}, priority="urgent")
    )
    assert (raised.previous_priority, raised.priority) == (Priority.NORMAL, Priority.URGENT)


def test_conversations_need_not_be_tickets():
    """Where tickets are elsewhere, only messages are taken."""
    without = translator_of(SOURCE.model_copy(update={"tickets": False}), KEYS)
    message = without.translate(json.dumps(chatwoot_message()).encode(), received_ms=NOON_MS)
    assert [record.topic.name for record in message.records] == ["chats.messages"]
    conversation = without.translate(json.dumps(chatwoot_conversation()).encode(), received_ms=NOON_MS)
    assert (conversation.records, conversation.faults) == ((), ())


@pytest.mark.parametrize("event", ["conversation_typing_on", "contact_updated", "webwidget_triggered"])
def test_what_says_nothing_is_left_alone(event):
    """Typing is neither an event nor a fault."""
    assert read(chatwoot_message(event=event))[:2] == ((), ())


@pytest.mark.parametrize(
    ("body", "category", "path"),
    [
        pytest.param({"event": "surprise"}, Category.UNKNOWN_TYPE, "$.event", id="an event that is new to us"),
        pytest.param({}, Category.UNKNOWN_TYPE, "$.event", id="nothing"),
        pytest.param(chatwoot_message("shouted"), Category.SCHEMA, "$.role", id="a message type that is new"),
        pytest.param(chatwoot_message(created_at=None), Category.SCHEMA, "$.occurred_at", id="no time"),
        pytest.param(chatwoot_conversation(status="lost"), Category.SCHEMA, "$.status", id="a status that is new"),
    ],
)
def test_what_cannot_be_used_is_told(body, category, path):
    """Sort and field of the first fault."""
    fault = read(body).faults[0]
    assert (fault.category, fault.path) == (category, path)


def test_seconds_and_written_times_are_the_same():
    """The guide shows `2026-01-01 04:00:00 UTC`, the API an integer of seconds, the webhook RFC 3339."""
    times = ["2026-01-01 04:00:00 UTC", NOON_MS // 1000, "2026-01-01T04:00:00Z", "2026-01-01T12:00:00+08:00"]
    assert {events(chatwoot_message(created_at=each))[0].occurred_at for each in times} == {NOON_MS}
