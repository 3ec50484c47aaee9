"""What stages publish on service quality and hand-overs, for tests that only count it."""

from pipeline.stage import Output
from schemas import topics
from schemas.handovers import BotHandover, HandoverCause, Urgency
from schemas.quality import (
    Basis,
    EndedBy,
    FindingState,
    Point,
    PointState,
    ReviewState,
    ServiceFinding,
    ServiceReview,
    ServiceSummary,
    Severity,
)
from schemas.vocabulary import Level
from tests.support.turns import NOON_MS


def finding() -> Output:
    """A finding on service: no apology in time."""
    missed = ServiceFinding(
        finding_id="quality:apology:call:c1:1",
        conversation_id="c1",
        check="apology",
        severity=Severity.MAJOR,
        state=FindingState.OPEN,
        basis=Basis.PASSED,
        occurred_at=NOON_MS,
        emitted_at=NOON_MS,
    )
    return Output(topics.FINDINGS, b"c1", missed)


def summary(points: dict[Point, PointState]) -> Output:
    """What a conversation came to."""
    ended = ServiceSummary(
        summary_id="summary:call:c1",
        revision=1,
        conversation_id="c1",
        score=sum(state is not PointState.MISSED for state in points.values()),
        points=points,
        findings=(),
        ended_by=EndedBy.EVENT,
        started_at=NOON_MS,
        ended_at=NOON_MS,
        occurred_at=NOON_MS,
        emitted_at=NOON_MS,
    )
    return Output(topics.FINDINGS, b"c1", ended)


def review(state: ReviewState) -> Output:
    """A step of the review of that finding."""
    step = ServiceReview(
        finding_id="quality:apology:call:c1:1",
        conversation_id="c1",
        check="apology",
        state=state,
        audit=(),
        occurred_at=NOON_MS,
        emitted_at=NOON_MS,
    )
    return Output(topics.FINDINGS, b"c1", step)


def handover() -> Output:
    """A bot should hand over, because the customer asked again."""
    wanted = BotHandover(
        handover_id="handover:c1:1",
        conversation_id="c1",
        urgency=Urgency.HAND_OVER,
        causes=(HandoverCause.ASKED,),
        level=Level.POTENTIAL,
        score=30,
        occurred_at=NOON_MS,
        emitted_at=NOON_MS,
    )
    return Output(topics.HANDOVERS, b"c1", wanted)
