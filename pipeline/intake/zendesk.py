"""Zendesk's event webhooks: ticket events, and messages of messaging tickets.

The shapes are those of developer.zendesk.com, "Webhook event types": `type`, `id`, `time`, `detail` (the ticket after
the change) and `event` (what changed). Values come in capitals, ids as text, an id that is not there as "" or "0".
"""

from collections.abc import Mapping
from typing import Any

from pipeline.intake.drafts import Draft
from pipeline.intake.values import id_of, millis_of, pick, text_of, texts_of, truth_of
from schemas import topics
from schemas.chats import ChatChannel, ChatMessage, ContentType
from schemas.refusal import Fault
from schemas.tickets import Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.vocabulary import Category, Role

_TYPE = "zen:event-type:"
_MESSAGE = "messaging_ticket.message_added"
_TICKET = "ticket."

STATUSES: Mapping[str, TicketStatus] = {
    "new": TicketStatus.NEW,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "hold": TicketStatus.ON_HOLD,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
    "deleted": TicketStatus.CLOSED,  # nobody works on it any more
    "archived": TicketStatus.CLOSED,
    "scrubbed": TicketStatus.CLOSED,
}
_EVENTS: Mapping[str, TicketEventKind] = {
    "created": TicketEventKind.CREATED,
    "comment_added": TicketEventKind.COMMENTED,
    "agent_assignment_changed": TicketEventKind.ASSIGNED,
    "group_assignment_changed": TicketEventKind.ASSIGNED,
    "status_changed": TicketEventKind.STATUS_CHANGED,
    "priority_changed": TicketEventKind.PRIORITY_CHANGED,
    "merged": TicketEventKind.MERGED,
    "soft_deleted": TicketEventKind.CLOSED,
    "permanently_deleted": TicketEventKind.CLOSED,
    "marked_as_spam": TicketEventKind.CLOSED,
    "undeleted": TicketEventKind.REOPENED,
}
_REASONS = {"soft_deleted": "deleted", "permanently_deleted": "deleted", "marked_as_spam": "spam"}
_CHANNELS: Mapping[str, str] = {
    "web": "form",
    "native_messaging": "chat",
    "voice": "phone",
}  # others as they are called
_ACTORS = {"end_user": Role.CUSTOMER, "agent": Role.AGENT, "trigger": Role.SYSTEM, "system": Role.BOT}
_DONE = {TicketStatus.SOLVED, TicketStatus.CLOSED}


def drafts(body: Mapping[str, Any], *, id_prefix: str = "") -> list[Draft | Fault]:
    """The event of one body; nothing of one that is about users, articles, agents."""
    kind = text_of(body.get("type"))
    if kind is None or not kind.startswith(_TYPE):
        return [Fault(Category.UNKNOWN_TYPE, "$.type", f"an event type of Zendesk, {_TYPE}…")]
    name = kind.removeprefix(_TYPE)
    if name == _MESSAGE:
        return [_message(body, id_prefix)]
    return [_ticket(body, name.removeprefix(_TICKET), id_prefix)] if name.startswith(_TICKET) else []


def _ticket(body: Mapping[str, Any], change: str, id_prefix: str) -> Draft:
    draft = Draft(topics.TICKETS, TicketEvent)
    _envelope(draft, body)
    draft.put("ticket_id", _prefixed(id_prefix, pick(body, "detail.id")), "detail.id")
    kind = _EVENTS.get(change, TicketEventKind.UPDATED)
    draft.put("status", _status(pick(body, "detail.status")), "detail.status")
    draft.put("priority", _priority(pick(body, "detail.priority")), "detail.priority")
    if change == "status_changed":
        before = _status(pick(body, "event.previous"))
        draft.put("previous_status", before, "event.previous")
        kind = _status_event(before, _status(pick(body, "event.current")) or draft.fields.get("status"))
    if change == "priority_changed":
        draft.put("previous_priority", _priority(pick(body, "event.previous")), "event.previous")
    draft.put("event", kind, "type")
    draft.put("reason", _REASONS.get(change))
    draft.put("merged_into", _prefixed(id_prefix, pick(body, "event.target_ticket_id")), "event.target_ticket_id")
    draft.put("type", (text_of(pick(body, "detail.type")) or "").lower() or None, "detail.type")
    via = (text_of(pick(body, "detail.via.channel")) or "").lower()
    draft.put("channel", _CHANNELS.get(via, via) or None, "detail.via.channel")
    draft.put("subject", text_of(pick(body, "detail.subject")), "detail.subject")
    if kind is TicketEventKind.CREATED:  # later events repeat it, and a complaint in it would count again
        draft.put("body", text_of(pick(body, "detail.description")), "detail.description")
    draft.put("tags", texts_of(pick(body, "detail.tags")), "detail.tags")
    draft.put("group_id", id_of(pick(body, "detail.group_id")), "detail.group_id")
    draft.put("assignee_id", id_of(pick(body, "detail.assignee_id")), "detail.assignee_id")
    for name in ("requester_key", "customer_key"):
        draft.put(name, id_of(pick(body, "detail.requester_id")), "detail.requester_id")
    actor = id_of(pick(body, "detail.actor_id"))
    if actor != id_of(pick(body, "detail.requester_id")):  # a customer is named by nothing but a key
        draft.put("actor_id", actor, "detail.actor_id")
    comment = pick(body, "event.comment")
    if kind is TicketEventKind.COMMENTED or isinstance(comment, dict):
        draft.put("comment", _comment(comment, requester=pick(body, "detail.requester_id")), "event.comment")
    return draft


def _comment(comment: Any, *, requester: Any) -> dict[str, Any] | None:
    if not isinstance(comment, dict):
        return None
    is_staff = truth_of(pick(comment, "author.is_staff"))
    if is_staff is None:  # no author is named for what the system itself writes
        is_requester = id_of(pick(comment, "author.id")) == id_of(requester) is not None
        role = Role.CUSTOMER if is_requester else Role.SYSTEM
    else:
        role = Role.AGENT if is_staff else Role.CUSTOMER
    return {
        "id": id_of(comment.get("id")) or "",
        "author_role": role,
        "public": truth_of(comment.get("is_public")),
        "text": text_of(comment.get("body")) or "",
    }


def _message(body: Mapping[str, Any], id_prefix: str) -> Draft:
    draft = Draft(topics.MESSAGES, ChatMessage)
    _envelope(draft, body)
    draft.put("sent_at", draft.fields.get("occurred_at"), "time")
    conversation = pick(body, "event.conversation_id")
    draft.put("conversation_id", _prefixed(id_prefix, conversation), "event.conversation_id")
    draft.put("message_id", id_of(pick(body, "event.message.id")), "event.message.id")
    role = _ACTORS.get(text_of(pick(body, "event.actor.type")) or "")
    draft.put("role", role, "event.actor.type")
    draft.put("sender_id", id_of(pick(body, "event.actor.id")), "event.actor.id")
    if role is Role.CUSTOMER:
        draft.put("customer_key", id_of(pick(body, "event.actor.id")), "event.actor.id")
    if role is Role.AGENT:
        draft.put("agent_id", id_of(pick(body, "event.actor.id")), "event.actor.id")
    draft.put("channel", ChatChannel.OTHER)  # the body does not say which; messaging serves many
    draft.put("text", text_of(pick(body, "event.message.body")) or "", "event.message.body")
    draft.put("content_type", ContentType.TEXT)
    return draft


def _envelope(draft: Draft, body: Mapping[str, Any]) -> None:
    draft.put("event_id", id_of(body.get("id")), "id")
    draft.put("occurred_at", millis_of(body.get("time")), "time")


def _prefixed(prefix: str, value: Any) -> str | None:
    found = id_of(value)
    return None if found is None else prefix + found


def _status(value: Any) -> TicketStatus | None:
    return STATUSES.get((text_of(value) or "").lower())


def _priority(value: Any) -> Any:
    """A ticket that nobody gave a priority is a normal one."""
    return (text_of(value) or "").lower() or Priority.NORMAL


def _status_event(before: TicketStatus | None, after: TicketStatus | None) -> TicketEventKind:
    if before in _DONE and after is not None and after not in _DONE:
        return TicketEventKind.REOPENED
    return TicketEventKind.CLOSED if after is TicketStatus.CLOSED else TicketEventKind.STATUS_CHANGED
