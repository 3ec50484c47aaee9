"""The reviews stage: findings are remembered, actions move their reviews, each step is published with its audit."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from pipeline.quality.reviews import Illegal, Review, advance
from pipeline.stage import Batch, Effects, Output, Rows
from schemas.quality import FindingState, ReviewAction, ReviewState, ServiceFinding, ServiceReview, ServiceSummary
from schemas.records import Raw
from schemas.refusal import Refusal
from schemas.topics import FINDINGS
from schemas.vocabulary import Category

MAX_FINDINGS = 64  # of one conversation
MAX_ACTIONS = 64
_UNDER_WAY = frozenset({ReviewState.APPEALED, ReviewState.REJUDGED})


class Reviewed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The findings of one conversation, by id."""

    reviews: dict[str, Review] = {}
    recent: tuple[str, ...] = ()  # ids of the last actions: delivery is at least once


def fold(batch: Batch, rows: Rows[Reviewed]) -> Effects[Reviewed]:
    """Fold findings, or actions about them. Changes nothing: rows, outputs and refusals are returned."""
    effects: Effects[Reviewed] = Effects()
    for event, record in zip(batch.events, batch.records, strict=True):
        if isinstance(event, ReviewAction):
            _act(event, record, batch, rows, effects)
        elif isinstance(event, ServiceFinding | ServiceSummary):
            _remember(event, rows, effects)
    return effects


def _remember(event: ServiceFinding | ServiceSummary, rows: Rows[Reviewed], effects: Effects[Reviewed]) -> None:
    key = event.conversation_id.encode()
    row = _row(key, rows, effects)
    reviews = row.reviews.copy()
    for finding_id in _left_out(event, reviews):
        reviews[finding_id] = replace(reviews[finding_id], state=ReviewState.WITHDRAWN)
    for finding_id, review in _found(event):
        if finding_id not in reviews:
            reviews[finding_id] = review
    if reviews != row.reviews:
        effects.changes[key] = Reviewed(_with_room(reviews), row.recent)


def _left_out(event: ServiceFinding | ServiceSummary, reviews: Mapping[str, Review]) -> list[str]:
    """What does not stand any more: it was withdrawn, or the newest summary does not hold what an older one told."""
    if isinstance(event, ServiceFinding):
        is_known = event.state is FindingState.WITHDRAWN and event.finding_id in reviews
        return [event.finding_id] if is_known else []
    standing = {found.finding_id for found in event.findings}
    return [
        finding_id
        for finding_id, review in reviews.items()
        if review.summary_id == event.summary_id and finding_id not in standing
    ]


def _found(event: ServiceFinding | ServiceSummary) -> Iterator[tuple[str, Review]]:
    if isinstance(event, ServiceSummary):
        for found in event.findings:
            yield found.finding_id, Review(found.check, found.agent_id or event.agent_id, summary_id=event.summary_id)
    elif event.state is FindingState.OPEN:
        yield event.finding_id, Review(event.check, event.agent_id)


def _with_room(reviews: dict[str, Review]) -> dict[str, Review]:
    """The newest findings, and those whose review is under way: nobody shall find their appeal gone."""
    spare = len(reviews) - MAX_FINDINGS
    if spare <= 0:
        return reviews
    oldest = sorted(reviews, key=lambda finding_id: reviews[finding_id].state in _UNDER_WAY)[:spare]
    return {finding_id: review for finding_id, review in reviews.items() if finding_id not in oldest}


def _act(action: ReviewAction, record: Raw, batch: Batch, rows: Rows[Reviewed], effects: Effects[Reviewed]) -> None:
    key = action.conversation_id.encode()
    row = _row(key, rows, effects)
    if action.action_id in row.recent:
        return
    review = advance(row.reviews.get(action.finding_id), action)
    if isinstance(review, Illegal):
        effects.refusals.append(_refusal(review, record, batch))
        return
    recent = (*row.recent, action.action_id)[-MAX_ACTIONS:]
    effects.changes[key] = Reviewed({**row.reviews, action.finding_id: review}, recent)
    published = ServiceReview(
        finding_id=action.finding_id,
        conversation_id=action.conversation_id,
        check=review.check,
        state=review.state,
        audit=review.audit,
        occurred_at=action.occurred_at,
        emitted_at=max(record.timestamp or 0, 0),
        agent_id=review.agent_id,
        tenant=action.tenant or "default",
    )
    effects.outputs.append(Output(FINDINGS, key, published))


def _row(key: bytes, rows: Rows[Reviewed], effects: Effects[Reviewed]) -> Reviewed:
    return effects.changes.get(key) or rows.get(key) or _NOTHING


_NOTHING = Reviewed()


def _refusal(illegal: Illegal, record: Raw, batch: Batch) -> Refusal:
    return Refusal(
        topic=batch.topic.name,
        partition=batch.partition,
        offset=record.offset,
        category=Category.ILLEGAL_STEP,
        path=illegal.path,
        expected=illegal.expected,
        timestamp=max(record.timestamp or 0, 0),
        key=record.key,
        value=record.value,
    )
