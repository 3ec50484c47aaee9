"""Chatwoot's webhooks: messages become chat messages, conversations become tickets.

The shapes are those of Chatwoot's user guide, "How to use webhooks", and of what it sends: a message's body holds its
conversation; a conversation's body is the conversation itself with `event` and `changed_attributes` beside it.

A message also tells the ticket's clocks that somebody wrote. That ticket event has a comment without text: the text is
in the chat message of the same conversation, and a complaint in it must not count twice.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.intake.drafts import Draft
from pipeline.intake.values import id_of, millis_of, pick, text_of, texts_of, truth_of
from pipeline.times import SECOND_MS
from schemas import topics
from schemas.chats import ChatChannel, ChatMessage, ContentType
from schemas.refusal import Fault
from schemas.tickets import Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.vocabulary import Category, Role

STATUSES: Mapping[str, TicketStatus] = {
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.NEW,  # a bot has it and no agent yet: our `pending` would mean that the customer is asked
    "snoozed": TicketStatus.ON_HOLD,
    "resolved": TicketStatus.SOLVED,
}
_PRIORITIES: Mapping[str, Priority] = {"": Priority.NORMAL, "medium": Priority.NORMAL}
_CHANNELS: Mapping[str, ChatChannel] = {
    "webwidget": ChatChannel.WEB,
    "whatsapp": ChatChannel.WHATSAPP,
    "facebookpage": ChatChannel.MESSENGER,
    "instagram": ChatChannel.INSTAGRAM,
    "line": ChatChannel.LINE,
    "telegram": ChatChannel.TELEGRAM,
    "email": ChatChannel.EMAIL,
    "sms": ChatChannel.SMS,
    "twiliosms": ChatChannel.SMS,
}
_FILES = {"image": ContentType.IMAGE, "audio": ContentType.VOICE, "file": ContentType.FILE, "video": ContentType.FILE}
_CONVERSATIONS = {"conversation_created", "conversation_status_changed", "conversation_updated"}
_MESSAGES = {"message_created", "message_updated"}
# What else Chatwoot sends: nothing of it is about what somebody said or what becomes of a conversation.
_OTHERS = {
    "webwidget_triggered",
    "contact_created",
    "contact_updated",
    "conversation_typing_on",
    "conversation_typing_off",
    "inbox_created",
    "inbox_updated",
}
_MESSAGE_TYPES = {"incoming": "incoming", "outgoing": "outgoing", "0": "incoming", "1": "outgoing"}


def drafts(body: Mapping[str, Any], *, id_prefix: str = "", has_tickets: bool = True) -> list[Draft | Fault]:
    """The events of one body; nothing of one that we have no use for."""
    event = text_of(body.get("event")) or ""
    if event in _MESSAGES:
        message = _message(body, event, id_prefix)
        is_new = event == "message_created" and message.fields.get("role") is not Role.SYSTEM
        return [message, _comment(body, message, id_prefix)] if has_tickets and is_new else [message]
    if event in _CONVERSATIONS:
        return [_conversation(body, event, id_prefix)] if has_tickets else []
    return [] if event in _OTHERS else [Fault(Category.UNKNOWN_TYPE, "$.event", "an event of Chatwoot")]


def _message(body: Mapping[str, Any], event: str, id_prefix: str) -> Draft:
    draft = Draft(topics.MESSAGES, ChatMessage)
    message = id_of(body.get("id"))
    if event == "message_created" and message is not None:  # an account's and an inbox's webhook may both tell of it
        draft.put("event_id", f"{id_of(pick(body, 'account.id'))}:message:{message}")
    sent_at = millis_of(body.get("created_at"), unit_ms=SECOND_MS)
    draft.put("occurred_at", sent_at, "created_at")
    draft.put("sent_at", sent_at, "created_at")
    draft.put("conversation_id", _prefixed(id_prefix, pick(body, "conversation.id")), "conversation.id")
    draft.put("message_id", message, "id")
    role = _role(body)
    draft.put("role", role, "message_type")
    sender = pick(body, "sender.id")
    draft.put("sender_id", id_of(sender) or role, "sender.id")
    if role is Role.CUSTOMER:
        draft.put("sender_id", _customer(body.get("sender")), "sender.id")
        draft.put("customer_key", _customer(body.get("sender")), "sender.id")
    if role is Role.AGENT:
        draft.put("agent_id", id_of(sender), "sender.id")
    draft.put("channel", _channel(pick(body, "conversation.channel")), "conversation.channel")
    draft.put("text", text_of(body.get("content")) or "", "content")
    draft.put("content_type", _content_type(body), "content_type")
    draft.put("attachments", _attachments(body.get("attachments")), "attachments")
    draft.put("inbox", text_of(pick(body, "inbox.name")), "inbox.name")
    draft.put("private", truth_of(body.get("private")) or False, "private")
    draft.put("reply_to", id_of(pick(body, "content_attributes.in_reply_to")), "content_attributes.in_reply_to")
    draft.put("edited", event == "message_updated")
    draft.put("deleted", truth_of(pick(body, "content_attributes.deleted")) or False, "content_attributes.deleted")
    return draft


def _comment(body: Mapping[str, Any], message: Draft, id_prefix: str) -> Draft:
    draft = _ticket(pick(body, "conversation"), id_prefix, place="conversation.")
    if "event_id" in message.fields:
        draft.put("event_id", f"{message.fields['event_id']}:comment")
    draft.put("event", TicketEventKind.COMMENTED)
    draft.put("occurred_at", message.fields.get("occurred_at"), "created_at")
    draft.put(
        "comment",
        {
            "id": message.fields.get("message_id"),
            "author_role": message.fields.get("role"),
            "public": not message.fields["private"],
            "text": "",
        },
    )
    return draft


def _conversation(body: Mapping[str, Any], event: str, id_prefix: str) -> Draft:
    draft = _ticket(body, id_prefix, place="")
    changed = _changed(body.get("changed_attributes"))
    at = next((body[name] for name in ("updated_at", "timestamp", "created_at") if body.get(name)), None)
    if event == "conversation_created":
        at = body.get("created_at")
    draft.put("occurred_at", millis_of(at, unit_ms=SECOND_MS), "updated_at, timestamp or created_at")
    before = STATUSES.get(text_of(pick(changed, "status.previous_value")) or "")
    draft.put("previous_status", before)
    if "priority" in changed:
        draft.put("previous_priority", _priority(pick(changed, "priority.previous_value")))
    draft.put("event", _event(event, changed, before=before, after=draft.fields.get("status")))
    return draft


def _ticket(conversation: Any, id_prefix: str, *, place: str) -> Draft:
    draft = Draft(topics.TICKETS, TicketEvent)
    for name in ("ticket_id", "conversation_id"):
        draft.put(name, _prefixed(id_prefix, pick(conversation, "id")), f"{place}id")
    draft.put("status", STATUSES.get(text_of(pick(conversation, "status")) or ""), f"{place}status")
    draft.put("priority", _priority(pick(conversation, "priority")), f"{place}priority")
    channel = pick(conversation, "channel")
    draft.put("channel", _channel(channel) if channel else None, f"{place}channel")
    draft.put("tags", texts_of(pick(conversation, "labels")), f"{place}labels")
    draft.put("group_id", id_of(pick(conversation, "meta.team.id")), f"{place}meta.team.id")
    draft.put("assignee_id", id_of(pick(conversation, "meta.assignee.id")), f"{place}meta.assignee.id")
    for name in ("requester_key", "customer_key"):
        draft.put(name, _customer(pick(conversation, "meta.sender")), f"{place}meta.sender.id")
    return draft


def _event(event: str, changed: Mapping[str, Any], *, before: Any, after: Any) -> TicketEventKind:
    if event == "conversation_created":
        return TicketEventKind.CREATED
    if event == "conversation_status_changed" or "status" in changed:
        is_reopened = before is TicketStatus.SOLVED and after is not TicketStatus.SOLVED
        return TicketEventKind.REOPENED if is_reopened else TicketEventKind.STATUS_CHANGED
    if "priority" in changed:
        return TicketEventKind.PRIORITY_CHANGED
    return TicketEventKind.ASSIGNED if changed.keys() & {"assignee_id", "team_id"} else TicketEventKind.UPDATED


def _changed(attributes: Any) -> dict[str, Any]:
    """What changed, by name: it comes as a list of objects with one name each."""
    listed = attributes if isinstance(attributes, list) else [attributes]
    return {name: value for each in listed if isinstance(each, dict) for name, value in each.items()}


def _role(body: Mapping[str, Any]) -> Role | None:
    kind = text_of(body.get("message_type")) or ""
    if kind in {"activity", "2"}:
        return Role.SYSTEM
    if kind in {"template", "3"}:
        return Role.BOT
    direction = _MESSAGE_TYPES.get(kind)
    if direction == "outgoing":
        return Role.AGENT if _is_human(body.get("sender")) else Role.BOT
    return Role.CUSTOMER if direction else None


def _is_human(sender: Any) -> bool:
    """Whether an agent wrote: an automation has no sender, a bot and Captain are senders of another type."""
    kind = text_of(pick(sender, "type"))
    return kind.lower() == "user" if kind else id_of(pick(sender, "id")) is not None


def _customer(contact: Any) -> str | None:
    """The company's own id of a contact where it gave one, so that the key is the same as in other systems."""
    known, own = id_of(pick(contact, "identifier")), id_of(pick(contact, "id"))
    return known or (own and f"contact:{own}")


def _channel(value: Any) -> ChatChannel:
    return _CHANNELS.get((text_of(value) or "").removeprefix("Channel::").lower(), ChatChannel.OTHER)


def _content_type(body: Mapping[str, Any]) -> ContentType:
    file_type = text_of(pick(body, "attachments.0.file_type"))
    if file_type is not None:
        return _FILES.get(file_type, ContentType.FILE)
    return ContentType.CARD if text_of(body.get("content_type")) in {"cards", "form", "article"} else ContentType.TEXT


def _attachments(value: Any) -> list[dict[str, str]] | None:
    """What kind of thing each attachment is; where it lies stays with Chatwoot."""
    if not isinstance(value, list):
        return None
    return [{"type": text_of(pick(each, "file_type")) or "file"} for each in value[:100]]


def _prefixed(prefix: str, value: Any) -> str | None:
    found = id_of(value)
    return None if found is None else prefix + found


def _priority(value: Any) -> Any:
    said = text_of(value) or ""
    return _PRIORITIES.get(said, said)
