"""The clock of a public review: it runs until the house has answered, and somebody is told when it has not in time."""

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.feedback.state import Taken
from pipeline.stage import Output
from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.feedback import FeedbackJudgement, FeedbackKind, FeedbackResponse
from schemas.tagged import Sentiment
from schemas.topics import ALERTS
from schemas.vocabulary import AlertKind, ChannelClass, Level

ANSWER_WITHIN_MS = 24 * 3_600_000  # of the clock on the wall: who reads a review does not ask for office hours
UNHAPPY_STARS = 3.0  # and fewer


def opened(response: FeedbackResponse, judgement: FeedbackJudgement) -> Taken:
    """What is remembered of an answer that is new."""
    is_review = response.kind is FeedbackKind.REVIEW
    has_few_stars = is_review and judgement.value is not None and judgement.value <= UNHAPPY_STARS
    return Taken(
        response_id=response.response_id,
        occurred_at_ms=response.occurred_at,
        is_review=is_review,
        is_unhappy=has_few_stars or judgement.sentiment is Sentiment.NEGATIVE,
        region=judgement.region,
        touchpoint=response.touchpoint,
        product=judgement.product,
        tenant=judgement.tenant,
        test=judgement.test,
    )


def wake_at(known: Taken) -> int:
    """When an unhappy review has waited too long; 0 where nothing is awaited."""
    is_awaited = known.is_review and known.is_unhappy and known.answered_at_ms is None and not known.is_overdue
    return known.occurred_at_ms + ANSWER_WITHIN_MS if is_awaited else 0


def overdue(known: Taken, *, now_ms: int) -> Output:
    """Nobody has answered in time."""
    return _told(known, Change.OPENED, at_ms=now_ms)


def resolved(known: Taken, *, emitted_at_ms: int) -> Output:
    """The answer came, late."""
    return _told(known, Change.RESOLVED, at_ms=emitted_at_ms)


def _told(known: Taken, change: Change, *, at_ms: int) -> Output:
    kind = AlertKind.REVIEW_UNANSWERED
    alert = Alert(
        alert_id=record_id(kind, known.response_id, change),
        kind=kind,
        region=known.region,
        fingerprint=fingerprint(kind, known.response_id),
        occurred_at=at_ms,
        emitted_at=at_ms,
        level=Level.EXPLICIT,
        previous_level=Level.NONE if change is Change.OPENED else Level.EXPLICIT,
        tags=(change,),
        channel=ChannelClass.FEEDBACK,
        product=known.product,
        conversation_id=fingerprint("feedback", known.response_id),
        tenant=known.tenant,
        test=known.test,
    )
    return Output(ALERTS, known.region.encode(), alert)
