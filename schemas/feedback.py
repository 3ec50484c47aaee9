"""Feedback: answers to questionnaires and public reviews. Topic `feedback.responses`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import Code, EpochMillis, FieldError, Id, Wire
from schemas.events import LocatedEvent
from schemas.evidence import EvidenceList, Reasons
from schemas.tagged import Sentiment
from schemas.vocabulary import Level

NPS_MAX = 10


class FeedbackKind(StrEnum):
    """What was asked."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    REVIEW = "review"


class Touchpoint(StrEnum):
    """Where the customer answered."""

    SMS = "sms"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    H5 = "h5"
    APP = "app"
    QR = "qr"
    WEB = "web"
    OTHER = "other"


class FeedbackResponse(LocatedEvent, tag="feedback.response/1", frozen=True, kw_only=True):
    """One answer. A score means nothing without its scale: 9 may be the best or one below."""

    survey_id: Id
    response_id: Id
    kind: FeedbackKind
    touchpoint: Touchpoint
    score: float | None = None
    scale_min: float | None = None
    scale_max: float | None = None
    comment: str | None = None
    related_conversation_id: Code | None = None
    related_ticket_id: Code | None = None
    product: Code | None = None
    stars: Annotated[float, Meta(ge=0.0, le=5.0)] | None = None  # of a review
    platform: Code | None = None
    answered_at: EpochMillis | None = None  # when the house answered a review: sent again, with this; since 1.1

    def __post_init__(self) -> None:
        """A score stands inside its scale; the messages hold no value, because they end in a dead letter."""
        if self.score is None:
            return
        if self.scale_min is None or self.scale_max is None:
            missing = "scale_min" if self.scale_min is None else "scale_max"
            raise FieldError(missing, "a number beside a score; the field is missing")
        if self.kind is FeedbackKind.NPS:
            self._check_nps()
        if not self.scale_min < self.scale_max:
            raise FieldError("scale_max", "a number above scale_min")
        if not self.scale_min <= self.score <= self.scale_max:
            raise FieldError("score", "a number from scale_min to scale_max")

    def _check_nps(self) -> None:
        """Eleven steps from 0: on a scale from 1 nobody could tell a detractor by 6."""
        if self.scale_min != 0:
            raise FieldError("scale_min", "0 for nps")
        if self.scale_max != NPS_MAX:
            raise FieldError("scale_max", f"{NPS_MAX} for nps")
        if self.score is not None and self.score != int(self.score):
            raise FieldError("score", f"a whole number from 0 to {NPS_MAX} for nps")


class FeedbackJudgement(Wire, tag="feedback.judgement/1", frozen=True, kw_only=True):
    """What one answer came to. Topic `feedback.judgements`."""

    judgement_id: Id
    response_id: Id
    kind: FeedbackKind
    touchpoint: Touchpoint
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    value: float | None = None  # nps -1, 0, 1; csat 0, 1; ces and review 1 to 5
    sentiment: Sentiment | None = None  # of the comment
    level: Level = Level.NONE  # of the comment, read like a message
    reasons: Reasons = ()
    evidence: EvidenceList = ()
    region: Code = ""
    product: Code = ""
    platform: Code = ""
    rules_version: Code = ""
    customer_key: Code = ""
    related_conversation_id: Code = ""
    related_ticket_id: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The judgement id."""
        return self.judgement_id
