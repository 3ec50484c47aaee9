"""The clock of a public review: it runs until the house has answered, and somebody is told when it has not in time."""

from msgspec.structs import replace

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
    return Taken(
        response_id=response.response_id,
        occurred_at_ms=response.occurred_at,
        is_review=response.kind is FeedbackKind.REVIEW,
        is_unhappy=_is_unhappy(judgement),
        region=judgement.region,
        touchpoint=response.touchpoint,
        product=judgement.product,
        tenant=judgement.tenant,
        test=judgement.test,
        source=response.source,
    )


def renewed(known: Taken, response: FeedbackResponse, judgement: FeedbackJudgement) -> Taken:
    """An answer that says something else now: its clock starts with what made it unhappy, or unhappy once more."""
    if not _is_unhappy(judgement):
        return replace(known, is_unhappy=False)
    if known.is_unhappy and not known.is_answered:
        return known
    return replace(known, is_unhappy=True, asked_at_ms=max(response.occurred_at, known.occurred_at_ms))


def wake_at(known: Taken) -> int:
    """When an unhappy review has waited too long; 0 where nothing is awaited."""
    is_awaited = known.is_review and known.is_unhappy and not known.is_answered and not known.is_overdue
    return (known.asked_at_ms or known.occurred_at_ms) + ANSWER_WITHIN_MS if is_awaited else 0


def overdue(known: Taken, *, now_ms: int) -> Output:
    """Nobody has answered in time."""
    return _told(known, Change.OPENED, at_ms=now_ms)


def resolved(known: Taken, *, emitted_at_ms: int) -> Output:
    """The answer came, late; or the customer thinks better of it."""
    return _told(known, Change.RESOLVED, at_ms=emitted_at_ms)


def _is_unhappy(judgement: FeedbackJudgement) -> bool:
    is_review = judgement.kind is FeedbackKind.REVIEW
    has_few_stars = is_review and judgement.value is not None and judgement.value <= UNHAPPY_STARS
    return has_few_stars or judgement.sentiment is Sentiment.NEGATIVE


def _told(known: Taken, change: Change, *, at_ms: int) -> Output:
    kind = AlertKind.REVIEW_UNANSWERED
    cause = f"{change}:{known.asked_at_ms}" if known.asked_at_ms else change  # it may open a second time
    alert = Alert(
        alert_id=record_id(kind, known.name, cause),
        kind=kind,
        region=known.region,
        fingerprint=fingerprint(kind, known.name),
        occurred_at=at_ms,
        emitted_at=at_ms,
        level=Level.EXPLICIT,
        previous_level=Level.NONE if change is Change.OPENED else Level.EXPLICIT,
        tags=(change,),
        channel=ChannelClass.FEEDBACK,
        product=known.product,
        conversation_id=fingerprint("feedback", known.name),
        tenant=known.tenant,
        test=known.test,
    )
    return Output(ALERTS, known.region.encode(), alert)
