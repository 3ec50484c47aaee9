"""Tags: what one event showed, for every event that showed something. Topic `complaints.tagged`."""

from enum import StrEnum

from schemas.base import Code, EpochMillis, Id, Part, Score, Share, Wire
from schemas.evidence import Codes, EvidenceList, Guards, Reasons
from schemas.vocabulary import ChannelClass, Level, Role, ThreatGroup


class Sentiment(StrEnum):
    """Three classes: 正面, 中性, 负面."""

    POSITIVE = "pos"
    NEUTRAL = "neu"
    NEGATIVE = "neg"


class QualityFinding(Part, frozen=True, kw_only=True):
    """One check of the agent's side that spoke."""

    check: Code
    severity: Code


class Tag(Wire, tag="complaint.tag/1", frozen=True, kw_only=True):
    """The finding on one event: level, reasons, keywords, evidence and the rules that were in force."""

    tag_id: Id
    conversation_id: Id
    utterance_id: Id  # of a chat: the message id
    role: Role
    level: Level
    score: Score
    reasons: Reasons
    keywords: Codes
    evidence: EvidenceList
    guards: Guards
    rules_version: Code
    degraded: bool  # decided by rules only
    region: Code
    region_source: Code
    channel: ChannelClass
    occurred_at: EpochMillis
    emitted_at: EpochMillis = 0
    revision: int = 0
    threats: tuple[ThreatGroup, ...] = ()
    tags: Codes = ()  # inquiry, repeat, threat, prepared, withdrawn, thanks, solved, model_only
    truncated: bool = False  # the text was longer than MAX_TEXT_CHARS and was cut before it was read
    sentiment: Sentiment | None = None
    customer_type: Code = ""
    quality: tuple[QualityFinding, ...] = ()
    model_version: Code = ""
    confidence: Share | None = None  # of the model: how likely the text is at least of this level
    customer_key: Code = ""
    product: Code = ""
    agent_id: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The tag id."""
        return self.tag_id
