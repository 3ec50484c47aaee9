"""One reading for both kinds of text: what an utterance and a chat message have in common for a conversation."""

import msgspec

from schemas.calls import CallLifecycle, CallPhase, Utterance
from schemas.chats import ChatChannel, ChatLifecycle, ChatMessage, ChatPhase
from schemas.vocabulary import ChannelClass, Role

Text = Utterance | ChatMessage
Lifecycle = CallLifecycle | ChatLifecycle
Event = Text | Lifecycle

CALL_IDLE_MS = 4 * 3600 * 1000
CHAT_IDLE_MS = 30 * 60 * 1000
SHORTEST_IDLE_MS = min(CALL_IDLE_MS, CHAT_IDLE_MS)

TEXTS = (Utterance, ChatMessage)  # as tuples: a union built anew for each event would cost more than the question
_LIFECYCLES = (CallLifecycle, ChatLifecycle)
_CALLS = (Utterance, CallLifecycle)

_CLASSES = {
    ChatChannel.EMAIL: ChannelClass.EMAIL,
    ChatChannel.TICKET: ChannelClass.TICKET,
    ChatChannel.FEEDBACK: ChannelClass.FEEDBACK,
}
_DELETED = 2**53  # newer than any revision: what was deleted stays deleted
_ENDS = frozenset({CallPhase.ENDED, CallPhase.FAILED, ChatPhase.ENDED})
_BEGINS = frozenset({CallPhase.STARTED, CallPhase.CONNECTED, ChatPhase.STARTED})


class Said(msgspec.Struct, frozen=True, gc=False):  # one for each event: made in half the time of a named tuple
    """A text with the identity of its utterance and its place among the revisions of it."""

    utterance_id: str
    revision: int
    is_final: bool
    role: Role
    is_deleted: bool = False
    is_private: bool = False


def read_text(event: Text) -> Said:
    """What was said. An edited message is a revision as new as its edit; its first version is revision 0."""
    if isinstance(event, Utterance):
        return Said(event.utterance_id, event.revision, event.is_final, event.role)
    if not (event.deleted or event.edited or event.private):
        return Said(event.message_id, 0, True, event.role)  # noqa: FBT003  fields in order
    revision = _DELETED if event.deleted else event.occurred_at if event.edited else 0
    return Said(
        event.message_id,
        revision,
        is_final=True,
        role=event.role,
        is_deleted=bool(event.deleted),
        is_private=bool(event.private),
    )


def agent_of(event: Event) -> str:
    """The agent that an event names; of an agent's own chat message, who sent it."""
    agent_id = getattr(event, "agent_id", None)
    if not agent_id and type(event) is ChatMessage and event.role is Role.AGENT:
        return event.sender_id
    return agent_id or ""


def is_edit(event: Event) -> bool:
    """Whether a message was there before: an edit is no further turn, no new question, and answers none."""
    return type(event) is ChatMessage and bool(event.edited)


def is_text(event: Event) -> bool:
    """Whether somebody said something; the rest says what became of the conversation."""
    return isinstance(event, TEXTS)


def ends(event: Event) -> bool:
    """Whether the conversation is over with this event."""
    return isinstance(event, _LIFECYCLES) and event.phase in _ENDS


def begins(event: Event) -> bool:
    """Whether a conversation begins with this event, rather than going on."""
    return is_text(event) or (isinstance(event, _LIFECYCLES) and event.phase in _BEGINS)


def idle_limit_ms(event: Event) -> int:
    """Silence after which the next event is a new conversation."""
    return CALL_IDLE_MS if isinstance(event, _CALLS) else CHAT_IDLE_MS


def channel_class(event: Event) -> ChannelClass:
    """What windows and metrics tell the channel of an event apart by."""
    if isinstance(event, ChatMessage):
        return _CLASSES.get(event.channel, ChannelClass.CHAT)
    return ChannelClass.VOICE if isinstance(event, _CALLS) else ChannelClass.CHAT
