"""The topic table: every topic, what is on it, how it is kept. Topics are created from here before a worker starts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from schemas.alerts import Alert
from schemas.base import Wire
from schemas.calls import CallLifecycle, Utterance
from schemas.chats import ChatLifecycle, ChatMessage
from schemas.deadletters import DeadLetter
from schemas.hints import Hint
from schemas.tagged import Tag
from schemas.ticks import Tick
from schemas.windows import RegionWindow


class CleanUp(StrEnum):
    """How Kafka forgets."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic: name without prefix, what its key is, the messages on it, and how long it is kept."""

    name: str
    key: str  # what the record key holds, in words: `conversation_id`
    messages: tuple[type[Wire], ...]
    clean_up: CleanUp = CleanUp.DELETE
    retention: timedelta | None = timedelta(days=7)  # None keeps for ever

    def __repr__(self) -> str:
        return f"Topic({self.name})"


UTTERANCES = Topic("calls.utterances", "conversation_id", (Utterance, CallLifecycle))
MESSAGES = Topic("chats.messages", "conversation_id", (ChatMessage, ChatLifecycle))
TAGGED = Topic("complaints.tagged", "conversation_id", (Tag,), retention=timedelta(days=30))
ALERTS = Topic("complaints.alerts", "region", (Alert,), retention=timedelta(days=35))
HINTS = Topic("agents.hints", "agent_id", (Hint,), retention=timedelta(days=1))
WINDOWS = Topic("regions.windows", "region", (RegionWindow,), CleanUp.COMPACT, None)
DEADLETTERS = Topic("deadletters", "source topic", (DeadLetter,), retention=timedelta(days=90))
TICKS = Topic("ticks", "partition", (Tick,), retention=timedelta(hours=6))

ALL = (UTTERANCES, MESSAGES, TAGGED, ALERTS, HINTS, WINDOWS, DEADLETTERS, TICKS)
