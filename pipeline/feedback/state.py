"""The rows of the feedback stage: answers that were taken, the clocks of reviews, and what was counted on the way."""

import msgspec

from pipeline.conversation.ids import fingerprint
from pipeline.kpis.tallies import CountingRow
from schemas.feedback import Touchpoint


class Taken(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An answer that was counted; the same answer sent again counts no second time."""

    response_id: str
    occurred_at_ms: int
    is_review: bool = False
    is_unhappy: bool = False  # few stars or a negative comment: somebody should answer
    asked_at_ms: int = 0  # when an edit or a second comment made it unhappy; 0: it was from the beginning
    answered_at_ms: int | None = None
    is_overdue: bool = False  # and somebody was told
    region: str = ""
    touchpoint: Touchpoint = Touchpoint.OTHER
    product: str = ""
    tenant: str = "default"
    test: str = ""
    source: str = ""  # rows of an older Tocsin know none: their alerts keep the name that they were opened under
    events: bytes = b""  # hashes of the events that brought it; none in rows of an older Tocsin
    comment: bytes = b""  # hash of the newest one
    value: int | None = None  # the newest, in thousandths

    @property
    def name(self) -> str:
        """What its alerts are about."""
        return name_of(self.source, self.response_id) if self.source else self.response_id

    @property
    def is_answered(self) -> bool:
        """Whether the house has said something since the customer last complained."""
        return self.answered_at_ms is not None and self.answered_at_ms >= self.asked_at_ms


class FeedbackRow(CountingRow, frozen=True, omit_defaults=True, gc=False):
    """One row: an answer, or what was counted of a subject."""

    taken: Taken | None = None


def answer_key(source: str, response_id: str) -> bytes:
    """Where an answer is remembered; two systems may use one id."""
    return f"answer|{source}|{response_id}".encode()


def name_of(source: str, response_id: str) -> str:
    """What an answer is called in every id that goes out, for the same reason."""
    return f"{source}:{response_id}"


def conversation_of(source: str, response_id: str) -> str:
    """The conversation that an answer's comments make up."""
    return fingerprint("feedback", name_of(source, response_id))
