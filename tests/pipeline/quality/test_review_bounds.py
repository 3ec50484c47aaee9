"""How many findings and actions of one conversation are kept, in numbers: 64 of each."""

from pipeline.quality.reviewing import Reviewed, fold
from pipeline.stage import Batch
from schemas.codec import Record
from schemas.quality import FindingState, Judgement, ReviewAction, ReviewerRole, ReviewStep, ServiceFinding, Severity
from schemas.topics import FINDINGS, REVIEW_ACTIONS, Topic

KEY = b"c1"


def finding(number: int) -> ServiceFinding:
    """A finding about the agent."""
    return ServiceFinding(
        finding_id=f"f{number}",
        conversation_id="c1",
        check="apology",
        severity=Severity.MAJOR,
        state=FindingState.OPEN,
        basis="said",
        occurred_at=5,
        emitted_at=5,
        agent_id="a1",
    )


def action(number: int, step: ReviewStep, actor: str, role: ReviewerRole) -> ReviewAction:
    """A step about the finding of that number."""
    name = f"{step}{number}"
    return ReviewAction(
        event_id=name,
        source="desk",
        occurred_at=5,
        action_id=name,
        conversation_id="c1",
        finding_id=f"f{number}",
        step=step,
        actor=actor,
        role=role,
        at=5,
        judgement=Judgement.UPHOLD,
    )


def after(topic: Topic, events: list, row: Reviewed | None = None) -> Reviewed:
    """The row of the conversation after some events in one batch."""
    records = [Record(number, 5, KEY, b"") for number in range(len(events))]
    return fold(Batch(topic, 0, events, records), {KEY: row} if row else {}).changes[KEY]


def test_the_newest_64_findings_are_kept():
    """Of seventy the six oldest make room."""
    row = after(FINDINGS, [finding(number) for number in range(70)])
    assert list(row.reviews) == [f"f{number}" for number in range(6, 70)]


def test_the_last_64_actions_are_known():
    """Of 66 that were taken the two oldest are forgotten; what is known is no news when it comes again."""
    row = after(FINDINGS, [finding(number) for number in range(64)])
    looks = [action(number, ReviewStep.REJUDGE, "i1", ReviewerRole.INSPECTOR) for number in range(64)]
    decisions = [action(number, ReviewStep.DECIDE, "s1", ReviewerRole.SUPERVISOR) for number in range(2)]
    row = after(REVIEW_ACTIONS, [*looks, *decisions, looks[2]], row)
    assert row.recent == tuple(each.action_id for each in [*looks[2:], *decisions])
