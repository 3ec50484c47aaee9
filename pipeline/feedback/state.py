"""The rows of the feedback stage: answers that were taken, the clocks of reviews, and what was counted on the way."""

import msgspec

from pipeline.kpis.tallies import CountingRow
from schemas.feedback import Touchpoint


class Taken(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An answer that was counted; the same answer sent again counts no second time."""

    response_id: str
    occurred_at_ms: int
    is_review: bool = False
    is_unhappy: bool = False  # few stars or a negative comment: somebody should answer
    answered_at_ms: int | None = None
    is_overdue: bool = False  # and somebody was told
    region: str = ""
    touchpoint: Touchpoint = Touchpoint.OTHER
    product: str = ""
    tenant: str = "default"
    test: str = ""


class FeedbackRow(CountingRow, frozen=True, omit_defaults=True, gc=False):
    """One row: an answer, or what was counted of a subject."""

    taken: Taken | None = None


def answer_key(source: str, response_id: str) -> bytes:
    """Where an answer is remembered; two systems may use one id."""
    return f"answer|{source}|{response_id}".encode()
