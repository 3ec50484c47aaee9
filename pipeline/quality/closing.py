"""The end of a conversation: what was left out until then, the seven points, and the summary that goes out."""

from collections.abc import Set as AbstractSet

from pipeline.conversation.ids import record_id
from pipeline.conversation.state import Conversation
from pipeline.quality.absence import Moment, assess
from pipeline.quality.checks import Program
from pipeline.quality.reports import Desk, episode_id, missed, tell
from pipeline.rules.service import Anchor
from pipeline.stage import Output
from schemas.quality import Basis, EndedBy, Found, Point, PointState, ServiceSummary, Severity
from schemas.topics import FINDINGS
from schemas.vocabulary import Level


def close(row: Conversation, program: Program, desk: Desk, *, at_ms: int, ended_by: EndedBy) -> None:
    """Tell what is missing now that nothing more can be said, and publish the summary, or a newer revision of it."""
    assessment = assess(row, program, Moment(at_ms, has_ended=True))
    for miss in assessment.misses:
        tell(row, missed(row, miss, Basis.ENDED), desk)
    row.summary_count += 1
    row.assess_at_ms = row.wake_at_ms = 0
    points = seven_points(row, program, assessment.called_for)
    spoken_ms = row.agent_talk_ms + row.customer_talk_ms
    service, lookups = row.service, desk.lookups
    summary = ServiceSummary(
        summary_id=record_id("quality_summary", "", episode_id(row, desk.conversation_id)),
        revision=row.summary_count,
        conversation_id=desk.conversation_id,
        score=len(Point) - sum(state is PointState.MISSED for state in points.values()),
        points=points,
        findings=tuple(
            Found(
                finding_id=each.finding_id,
                check=each.check,
                severity=lookups.severities.get(each.check, Severity.MAJOR),
                agent_id=each.agent_id,
            )
            for each in service.noted
            if not each.is_withdrawn
        ),
        ended_by=ended_by,
        started_at=row.started_at_ms,
        ended_at=at_ms,
        occurred_at=at_ms,
        emitted_at=desk.emitted_at_ms,
        is_sampled=lookups.service.sample.holds(desk.conversation_id),
        level=row.level,
        highest_level=max((row.level, *row.risen_by), key=lambda level: Level(level).rank),
        turn_count=row.turn_count,
        first_response_ms=service.first_response_ms if service.first_response_ms >= 0 else None,
        longest_wait_ms=service.longest_wait_ms,
        interruption_count=service.interruption_count,
        contacts_72h=_contacts(row),
        agent_talk_share=round(row.agent_talk_ms / spoken_ms, 3) if spoken_ms else None,
        agent_id=row.agent_id,
        channel=row.channel,
        queue=row.queue,
        region=row.region,
        rules_version=lookups.rules_version,
        tenant=row.tenant,
        test=row.test,
    )
    desk.outputs.append(Output(FINDINGS, desk.conversation_id.encode(), summary))


def _contacts(row: Conversation) -> int | None:
    """How often a known customer has come in 72 hours; none where the customer is not known."""
    if not row.is_contact_told:
        return None
    return 1 if row.background is None else row.background.contacts


def seven_points(row: Conversation, program: Program, called_for: AbstractSet[str]) -> dict[Point, PointState]:
    """快 听 释 歉 选 及 馈: missed where a check that speaks for it was missed, kept where one was called for."""
    missing = {each.check for each in row.service.noted if not each.is_withdrawn}
    points = dict.fromkeys(Point, PointState.NOT_JUDGED)
    for check in program.checks:
        if check.point is None or points[check.point] is PointState.MISSED:
            continue
        if check.id in missing:
            points[check.point] = PointState.MISSED
        elif check.id in called_for or _can_be_judged(row, check.after):
            points[check.point] = PointState.KEPT
    return points


def _can_be_judged(row: Conversation, anchor: Anchor) -> bool:
    """Whether the source tells enough to say that a behaviour did not occur."""
    if anchor in {Anchor.FIRST_QUESTION, Anchor.QUESTION}:
        return row.service.longest_wait_ms > 0
    return anchor is Anchor.OVERLAP and row.service.tells_overlap
