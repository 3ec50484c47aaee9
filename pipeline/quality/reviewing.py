"""The reviews stage: findings are remembered, actions move their reviews, each step is published with its audit."""

from collections.abc import Iterator

import msgspec

from pipeline.quality.reviews import Illegal, Review, advance
from pipeline.stage import Batch, Effects, Output, Rows
from schemas.quality import FindingState, ReviewAction, ReviewState, ServiceFinding, ServiceReview, ServiceSummary
from schemas.records import Raw
from schemas.refusal import Refusal
from schemas.topics import FINDINGS
from schemas.vocabulary import Category

MAX_FINDINGS = 64  # of one conversation
MAX_ACTIONS = 64


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
    reviews = row.reviews
    for finding_id, check, is_withdrawn in _found(event):
        known = reviews.get(finding_id)
        if is_withdrawn and known is not None and known.state is not ReviewState.WITHDRAWN:
            withdrawn = Review(known.check, known.agent_id, ReviewState.WITHDRAWN, known.audit)
            reviews = {**reviews, finding_id: withdrawn}
        elif known is None and not is_withdrawn and len(reviews) < MAX_FINDINGS:
            reviews = {**reviews, finding_id: Review(check, event.agent_id)}
    if reviews is not row.reviews:
        effects.changes[key] = Reviewed(reviews, row.recent)


def _found(event: ServiceFinding | ServiceSummary) -> Iterator[tuple[str, str, bool]]:
    if isinstance(event, ServiceFinding):
        yield event.finding_id, event.check, event.state is FindingState.WITHDRAWN
    else:
        for found in event.findings:
            yield found.finding_id, found.check, False


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
