"""Feedback: answers to questionnaires and public reviews. Topic `feedback.responses`."""

from enum import StrEnum

from schemas.base import Code, Id
from schemas.events import LocatedEvent


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
    stars: float | None = None
    platform: Code | None = None

    def __post_init__(self) -> None:
        """A score stands inside its scale; the messages hold no value, because they end in a dead letter."""
        if self.score is None:
            return
        if self.scale_min is None or self.scale_max is None:
            msg = "scale_min and scale_max beside a score"
            raise ValueError(msg)
        if not self.scale_min <= self.score <= self.scale_max:
            msg = "a score from scale_min to scale_max"
            raise ValueError(msg)
