"""Hand-overs: a bot should give the customer to a person, and what the person has to know. Topic `bots.handovers`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Note, Score, Wire
from schemas.evidence import Codes, EvidenceList, Reasons
from schemas.vocabulary import ChannelClass, Level, ThreatGroup


class Urgency(StrEnum):
    """How soon; in this order."""

    OFFER = "offer"  # offer a person
    HAND_OVER = "hand_over"
    AT_ONCE = "at_once"


class HandoverCause(StrEnum):
    """Why."""

    LEVEL = "level"  # the complaint rose
    ASKED = "asked"  # the customer asks for a person, again
    BOT_FAILED = "bot_failed"  # the bot did not understand, again
    REPEATED = "repeated"  # the customer says the same again


Notes = Annotated[tuple[Note, ...], Meta(max_length=MAX_LIST_ITEMS)]


class BotHandover(Wire, tag="bot.handover/1", frozen=True, kw_only=True):
    """A bot should hand a conversation over, and what travels along so that the customer need not say it again."""

    handover_id: Id
    conversation_id: Id
    urgency: Urgency
    causes: tuple[HandoverCause, ...]
    level: Level
    score: Score
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    reasons: Reasons = ()
    threats: tuple[ThreatGroup, ...] = ()
    evidence: EvidenceList = ()
    never_silenced: bool = False  # somebody may come to harm
    said: Notes = ()  # the customer's last words, masked
    asked: Notes = ()  # what the bot has asked already, masked
    tags: Codes = ()
    customer_type: Code = ""
    advice: Note = ""  # for who takes over; Chinese
    advice_en: Note = ""
    avoid: Note = ""
    avoid_en: Note = ""
    turn_count: Count = 0
    customer_key: Code = ""
    channel: ChannelClass | None = None
    queue: Code = ""
    product: Code = ""
    region: Code = ""
    started_at: EpochMillis = 0
    rules_version: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The hand-over id."""
        return self.handover_id
