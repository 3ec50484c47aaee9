"""Chats: messages of every written channel, and what became of the conversation. Topic `chats.messages`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, EpochMillis, Id, Part
from schemas.events import Event, LocatedEvent
from schemas.vocabulary import Role


class ChatChannel(StrEnum):
    """Where the message was written."""

    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    WECOM = "wecom"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    LINE = "line"
    TELEGRAM = "telegram"
    EMAIL = "email"
    SMS = "sms"
    TICKET = "ticket"  # a comment on a ticket; we write these ourselves
    FEEDBACK = "feedback"  # the comment of an answer or a review; we write these ourselves
    OTHER = "other"


class ContentType(StrEnum):
    """What the message is made of; the text of anything but `text` is its caption or transcript."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    FILE = "file"
    CARD = "card"


class ChatPhase(StrEnum):
    """What happened to a chat; `alive` only says that the source still listens."""

    STARTED = "started"
    ASSIGNED = "assigned"
    HANDOVER = "handover"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    ALIVE = "alive"


class Attachment(Part, frozen=True, kw_only=True):
    """Something that came with a message; the thing itself stays where it is."""

    type: Code
    name: Code | None = None


class ChatMessage(LocatedEvent, tag="chat.message/1", frozen=True, kw_only=True):
    """One message. An edited or deleted message comes again under the same `message_id`."""

    conversation_id: Id
    message_id: Id
    role: Role
    sender_id: Code
    channel: ChatChannel
    text: str
    content_type: ContentType
    sent_at: EpochMillis
    inbox: Code | None = None
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_LIST_ITEMS)] | None = None
    private: bool | None = False  # an internal note: quality checks only
    reply_to: Code | None = None
    edited: bool | None = False
    deleted: bool | None = False
    agent_id: Code | None = None
    queue: Code | None = None
    product: Code | None = None
    order_id: Code | None = None


class ChatLifecycle(Event, tag="chat.lifecycle/1", frozen=True, kw_only=True):
    """A chat began, changed hands, ended."""

    conversation_id: Id
    phase: ChatPhase
    from_role: Role | None = None
    to_role: Role | None = None
    reason: Code | None = None
