"""Calls: what was said, as the recogniser hears it, and what became of the call. Topic `calls.utterances`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_COUNT, MAX_LIST_ITEMS, Code, Id, Millis, Part, Share
from schemas.events import Event, LocatedEvent
from schemas.vocabulary import Role


class CallChannel(StrEnum):
    """How the customer speaks with us."""

    VOICE = "voice"
    VIDEO = "video"


class Direction(StrEnum):
    """Who called whom, seen from us."""

    IN = "in"
    OUT = "out"


class CallPhase(StrEnum):
    """What happened to a call; `alive` only says that the source still listens."""

    STARTED = "started"
    CONNECTED = "connected"
    HELD = "held"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    FAILED = "failed"
    ALIVE = "alive"


class Alternative(Part, frozen=True, kw_only=True):
    """Another reading of the same sound."""

    text: str
    confidence: Share | None = None


class Emotion(Part, frozen=True, kw_only=True):
    """What the source thinks the voice shows."""

    label: Code
    score: float | None = None


class Utterance(LocatedEvent, tag="call.utterance/1", frozen=True, kw_only=True):
    """One turn of one speaker. A later `revision` of the same utterance replaces what was heard before."""

    conversation_id: Id
    utterance_id: Id
    revision: Annotated[int, Meta(ge=0, le=MAX_COUNT)]
    is_final: bool
    role: Role
    text: str
    start_ms: Millis  # since the call began
    end_ms: Millis
    agent_id: Code | None = None
    queue: Code | None = None
    skill_group: Code | None = None
    channel: CallChannel | None = CallChannel.VOICE
    direction: Direction | None = None
    lang: Code | None = None
    text_raw: str | None = None
    confidence: Share | None = None
    alternatives: Annotated[tuple[Alternative, ...], Meta(max_length=MAX_LIST_ITEMS)] | None = None
    emotion: Emotion | None = None
    silence_before_ms: Millis | None = None
    overlap_ms: Millis | None = None
    speech_rate: Annotated[float, Meta(ge=0.0)] | None = None  # characters a second
    volume_db: float | None = None
    line_of_business: Code | None = None
    product: Code | None = None
    batch: Code | None = None
    order_id: Code | None = None


class CallLifecycle(Event, tag="call.lifecycle/1", frozen=True, kw_only=True):
    """A call began, was held, handed on, ended."""

    conversation_id: Id
    phase: CallPhase
    reason: Code | None = None
    duration_ms: Millis | None = None
    hangup_by: Code | None = None
    ivr_path: Code | None = None
    previous_conversation_id: Code | None = None
    queue: Code | None = None
    agent_id: Code | None = None
