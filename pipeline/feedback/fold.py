"""One batch of answers: counted by their scales, their comments read, the clocks of reviews kept."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint
from pipeline.conversation.ruled import Ruleset
from pipeline.conversation.tagged import as_evidence
from pipeline.feedback.again import news_in, noted
from pipeline.feedback.comments import as_message
from pipeline.feedback.reviews import opened, overdue, renewed, resolved, wake_at
from pipeline.feedback.scales import scored
from pipeline.feedback.sentiment import Feeling, feel
from pipeline.feedback.state import FeedbackRow, Taken, answer_key, conversation_of, name_of
from pipeline.kpis.measure import duration, score
from pipeline.kpis.tallies import Pending, Tallies
from pipeline.places.resolve import resolve_region
from pipeline.rulebook import Rulebook
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.wakes import woken
from schemas.evidence import Reasons
from schemas.feedback import FeedbackJudgement, FeedbackResponse
from schemas.kpis import Kpi, Measures
from schemas.tagged import Sentiment
from schemas.topics import JUDGEMENTS, RULES_PACKS, TICKS
from schemas.vocabulary import Level

STAGE = "feedback"
_STEPS = {Sentiment.POSITIVE: 1, Sentiment.NEUTRAL: 0, Sentiment.NEGATIVE: -1}


def fold(batch: Batch, rows: Rows[FeedbackRow], *, rulebook: Rulebook[Ruleset]) -> Effects[FeedbackRow]:
    """Fold answers, or ticks. Changes nothing: rows and outputs are returned."""
    if batch.topic is RULES_PACKS:
        effects = rulebook.take(batch, rows)
        effects.outputs.clear()  # the stage that judges conversations says which rules are in force
        return effects
    effects = Effects()
    tallies = Tallies(rows, effects, _counting)
    if batch.topic is TICKS:
        for tick in batch.events:
            tallies.tell(tick.now_ms, stage=STAGE, partition=batch.partition)
            _ring(tick.now_ms, rows, effects)
        return effects
    rules = rulebook.live(rows)
    for response, record in zip(batch.events, batch.records, strict=True):
        desk = _Desk(rows, effects, tallies, rules, max(record.timestamp or 0, 0))
        _take(response, desk)
    tallies.settle()
    return effects


class _Desk(NamedTuple):
    """The turn that an answer is taken in, by which rules, and when it was written to the log."""

    rows: Rows[FeedbackRow]
    effects: Effects[FeedbackRow]
    tallies: Tallies[FeedbackRow]
    rules: Ruleset
    emitted_at_ms: int

    def add(self, known: Taken, measures: Measures) -> None:
        """Count for every subject; a drill moves no figure."""
        if known.test or not measures:
            return
        for subject in subjects_of(known):
            self.tallies.add(subject, measures, at_ms=known.occurred_at_ms, emitted_at_ms=self.emitted_at_ms)


def _take(response: FeedbackResponse, desk: _Desk) -> None:
    """An answer that is new is counted; of one that is sent again what is news is read, and counted no second time."""
    key = answer_key(response.source, response.response_id)
    row = desk.effects.newest(key, desk.rows)
    known = None if row is None else row.taken
    known = _count(response, desk) if known is None else _read_again(response, known, desk)
    known = _answer(response, known, desk)
    desk.effects.changes[key] = FeedbackRow(taken=known, wake_at_ms=wake_at(known))


def _read_again(response: FeedbackResponse, known: Taken, desk: _Desk) -> Taken:
    """Judge an answer anew that says more than before, or something else; its figures stay what they were."""
    value = scored(response)
    thousandths = None if value is None else value[1]
    news, is_first = news_in(response, thousandths, known), not known.comment
    known = noted(known, response, thousandths)
    if not any(news):
        return known
    judgement = _judge(response, known.value, _felt(response, desk.rules), desk)
    if news.has_comment:
        _send_comment(response, desk, is_first=is_first)
    known = renewed(known, response, judgement)
    return known if known.is_unhappy else _settled(known, desk)


def _answer(response: FeedbackResponse, known: Taken, desk: _Desk) -> Taken:
    """The answer of the house stops the clock of a review; the first one is its figure."""
    if not known.is_review or response.answered_at is None or known.is_answered:
        return known
    if known.answered_at_ms is None:
        desk.add(known, {Kpi.REVIEW_ANSWER: duration(response.answered_at - known.occurred_at_ms)})
    known = replace(known, answered_at_ms=response.answered_at)
    return _settled(known, desk) if known.is_answered else known


def _settled(known: Taken, desk: _Desk) -> Taken:
    """Nobody is waited for any more; who was told hears of it."""
    if known.is_overdue:
        desk.effects.outputs.append(resolved(known, emitted_at_ms=desk.emitted_at_ms))
    return replace(known, is_overdue=False)


def _send_comment(response: FeedbackResponse, desk: _Desk, *, is_first: bool) -> None:
    message = as_message(response, written_at_ms=desk.emitted_at_ms, is_first=is_first)
    desk.effects.outputs += [message] if message else []


def _count(response: FeedbackResponse, desk: _Desk) -> Taken:
    """Say what an answer came to, and add it to its figures."""
    value, felt = scored(response), _felt(response, desk.rules)
    thousandths = None if value is None else value[1]
    judgement = _judge(response, thousandths, felt, desk)
    _send_comment(response, desk, is_first=True)
    known = noted(opened(response, judgement), response, thousandths)
    measures: Measures = {}
    if value is not None:
        measures[value[0]] = score(value[1], value[2])
    if felt is not None:
        step = _STEPS[felt.sentiment]
        feeling = score(step * 1000, step)
        measures[Kpi.SENTIMENT] = feeling
        measures |= {f"topic.{reason.l2 or reason.l1}": feeling for reason in judgement.reasons}
    desk.add(known, measures)
    return known


def _felt(response: FeedbackResponse, rules: Ruleset) -> Feeling | None:
    comment = response.comment or ""
    return feel(comment, rules.tagger, rules.lookups.mild) if comment.strip() else None


def subjects_of(known: Taken) -> Iterable[str]:
    """What an answer is told under."""
    yield "all"
    yield f"region:{known.region}"
    yield f"touchpoint:{known.touchpoint}"
    if known.product:
        yield fingerprint("product", known.product)


def _judge(response: FeedbackResponse, value: int | None, felt: Feeling | None, desk: _Desk) -> FeedbackJudgement:
    """Publish what an answer came to."""
    judgement = _judgement(response, value, felt, desk)
    key = conversation_of(response.source, response.response_id).encode()
    desk.effects.outputs.append(Output(JUDGEMENTS, key, judgement))
    return judgement


def _judgement(response: FeedbackResponse, value: int | None, felt: Feeling | None, desk: _Desk) -> FeedbackJudgement:
    lookups = desk.rules.lookups
    finding = None if felt is None else felt.finding
    reasons: Reasons = ()
    if finding is not None:
        reasons = tuple(lookups.reasons[each] for each in finding.reasons if each in lookups.reasons)
    return FeedbackJudgement(
        judgement_id=fingerprint("feedback", name_of(response.source, response.response_id)),
        response_id=response.response_id,
        kind=response.kind,
        touchpoint=response.touchpoint,
        occurred_at=response.occurred_at,
        emitted_at=desk.emitted_at_ms,
        value=None if value is None else value / 1000,
        sentiment=None if felt is None else felt.sentiment,
        level=Level.NONE if finding is None else finding.level,
        reasons=reasons,
        evidence=() if felt is None else as_evidence(felt.signs, "comment", lookups),
        region=resolve_region(response, lookups.tables).region,
        product=response.product or "",
        platform=response.platform or "",
        rules_version="" if felt is None else lookups.rules_version,
        customer_key=response.customer_key or "",
        related_conversation_id=response.related_conversation_id or "",
        related_ticket_id=response.related_ticket_id or "",
        tenant=response.tenant or "default",
        test=response.test or "",
    )


def _ring(now_ms: int, rows: Rows[FeedbackRow], effects: Effects[FeedbackRow]) -> None:
    """Tell of the reviews that nobody has answered in time."""
    for key, row in woken(rows.due(now_ms), effects.changes, lambda key: effects.newest(key, rows), now_ms=now_ms):
        if row.taken is None:
            continue
        effects.changes[key] = FeedbackRow(taken=replace(row.taken, is_overdue=True))
        effects.outputs.append(overdue(row.taken, now_ms=now_ms))


def _counting(pending: Pending, wake_at_ms: int) -> FeedbackRow:
    return FeedbackRow(pending=pending, wake_at_ms=wake_at_ms)
