"""Appeals and second looks: who may do what from which state, what is kept, what is refused and how that is told."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.stages.reviews import REVIEWS
from pipeline.quality.reviewing import MAX_FINDINGS
from pipeline.quality.reviews import Illegal, Review, advance
from pipeline.stage import Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Record
from schemas.deadletters import DeadLetter
from schemas.quality import (
    EndedBy,
    FindingState,
    Found,
    Judgement,
    ReviewAction,
    ReviewerRole,
    ReviewState,
    ReviewStep,
    ServiceFinding,
    ServiceReview,
    ServiceSummary,
    Severity,
)
from schemas.topics import FINDINGS, REVIEW_ACTIONS
from schemas.vocabulary import Category

OPEN = Review("apology", "a1")
WHO = {
    ReviewStep.APPEAL: ("a1", ReviewerRole.AGENT),
    ReviewStep.REJUDGE: ("i1", ReviewerRole.INSPECTOR),
    ReviewStep.DECIDE: ("s1", ReviewerRole.SUPERVISOR),
}
_NUMBERS = count()


def action(step: str, judgement: str | None = None, **changes: Any) -> ReviewAction:
    """One step, by who is meant to take it."""
    name = f"x{next(_NUMBERS)}"
    actor, role = WHO[ReviewStep(step)]
    fields: dict[str, Any] = {
        "event_id": name, "source": "desk", "occurred_at": 5, "action_id": name, "conversation_id": "c1",
        "finding_id": "f1", "step": ReviewStep(step), "actor": actor, "role": role, "at": 5,
        "judgement": Judgement(judgement or "uphold") if step != "appeal" else None,
    }  # fmt: skip
    return ReviewAction(**fields | changes)


def after(*steps: ReviewAction) -> Review:
    """The review after some steps that are all allowed."""
    review = OPEN
    for step in steps:
        moved = advance(review, step)
        assert isinstance(moved, Review), moved
        review = moved
    return review


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        pytest.param([action("appeal")], "appealed", id="an agent appeals"),
        pytest.param([action("rejudge", "overturn")], "rejudged", id="a second look that nobody asked for"),
        pytest.param([action("appeal"), action("rejudge"), action("decide")], "upheld", id="upheld"),
        pytest.param(
            [action("appeal"), action("rejudge"), action("decide", "overturn")], "overturned", id="overturned"
        ),
    ],
)
def test_a_review_moves(steps, state):
    """Each step is in the audit with the state that it led to."""
    review = after(*steps)
    assert review.state == state
    assert [entry.step for entry in review.audit] == [step.step for step in steps]
    assert review.audit[-1].state == state


@pytest.mark.parametrize(
    ("before", "step", "path"),
    [
        pytest.param([], action("decide"), "$.step", id="a decision without a second look"),
        pytest.param([action("appeal")], action("appeal"), "$.step", id="a second appeal"),
        pytest.param([action("rejudge"), action("decide")], action("appeal"), "$.step", id="an appeal after the end"),
        pytest.param([], action("appeal", actor="a2"), "$.actor", id="an appeal by somebody else"),
        pytest.param([], action("rejudge", actor="a1"), "$.actor", id="an agent who judges themselves"),
        pytest.param([action("rejudge", actor="s1")], action("decide"), "$.actor", id="two eyes instead of four"),
        pytest.param([], action("rejudge", role=ReviewerRole.AGENT), "$.role", id="the wrong role"),
    ],
)
def test_what_is_not_allowed(before, step, path):
    """The reason names the field and what was expected."""
    refused = advance(after(*before), step)
    assert isinstance(refused, Illegal)
    assert refused.path == path
    assert refused.expected


def test_an_unknown_finding_is_refused():
    """There is nothing to review."""
    refused = advance(None, action("appeal"))
    assert isinstance(refused, Illegal)
    assert refused.path == "$.finding_id"


def test_notes_are_masked():
    """An agent writes a phone number into a note: it is not kept."""
    review = after(action("appeal", note="客户电话13812345678，已联系"))
    assert "13812345678" not in review.audit[0].note
    assert "已联系" in review.audit[0].note


@given(st.lists(st.sampled_from([("appeal", ""), ("rejudge", "uphold"), ("decide", "uphold"), ("decide", "overturn")])))
def test_a_decided_review_stays_decided(steps):
    """Whatever is tried: refused steps change nothing, and the end is the end."""
    review = OPEN
    for step, judgement in steps:
        moved = advance(review, action(step, judgement or None))
        if review.state in {ReviewState.UPHELD, ReviewState.OVERTURNED}:
            assert isinstance(moved, Illegal)
        elif isinstance(moved, Review):
            assert moved.audit[:-1] == review.audit
            review = moved


def finding(state: FindingState = FindingState.OPEN, *, finding_id: str = "f1") -> ServiceFinding:
    """A finding on the topic."""
    return ServiceFinding(
        finding_id=finding_id, conversation_id="c1", check="apology", severity=Severity.MAJOR, state=state,
        basis="passed", occurred_at=1, emitted_at=2, agent_id="a1",
    )  # fmt: skip


class Desk:
    """One partition of the stage."""

    def __init__(self) -> None:
        self.store = REVIEWS.new_store()
        self._offset = 0

    def take(self, value: Any) -> list[Any]:
        """One record; what goes out."""
        topic = REVIEW_ACTIONS if isinstance(value, ReviewAction) else FINDINGS
        encoded, headers = codec.encode_record(value)
        self._offset += 1
        opened = open_waiting(
            REVIEWS, [Waiting(topic, [Record(self._offset, 9, b"c1", encoded, headers)])], partition=0
        )
        turn = take_turn(REVIEWS, self.store, opened, clock_ms=0)
        self.store.apply(turn.changes, now_ms=0)
        return [output.value for output in turn.outputs]


def test_every_step_is_published_with_the_audit():
    """And what the stage publishes itself changes nothing when it reads it again."""
    desk = Desk()
    assert desk.take(finding()) == []
    (review,) = desk.take(action("appeal"))
    assert isinstance(review, ServiceReview)
    assert (review.finding_id, review.state, len(review.audit), review.agent_id) == ("f1", "appealed", 1, "a1")
    assert desk.take(review) == []


def test_an_action_that_comes_twice_counts_once():
    """Delivery is at least once; a repeat is no second appeal and no dead letter."""
    desk = Desk()
    desk.take(finding())
    appeal = action("appeal")
    assert len(desk.take(appeal)) == 1
    assert desk.take(appeal) == []


def test_a_refused_action_is_a_dead_letter_with_its_reason():
    """Nothing is lost, and whoever looks sees why."""
    desk = Desk()
    desk.take(finding())
    (letter,) = desk.take(action("decide"))
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.path, letter.topic) == (Category.ILLEGAL_STEP, "$.step", "quality.actions")
    assert "decide needs rejudged" in letter.error


def test_a_withdrawn_finding_needs_no_review():
    """What was said in time after all."""
    desk = Desk()
    desk.take(finding())
    desk.take(finding(FindingState.WITHDRAWN))
    (letter,) = desk.take(action("appeal"))
    assert letter.reason is Category.ILLEGAL_STEP


def summary(revision: int = 1, *found: Found) -> ServiceSummary:
    """A revision of a summary on the topic."""
    return ServiceSummary(
        summary_id="s1", revision=revision, conversation_id="c1", score=7, points={}, findings=found,
        ended_by=EndedBy.EVENT, started_at=1, ended_at=2, occurred_at=2, emitted_at=3, agent_id="a2",
    )  # fmt: skip


def found(finding_id: str = "f1", **changes: Any) -> Found:
    """A finding in it."""
    return Found(finding_id=finding_id, check="greeting", severity=Severity.MINOR, **changes)


@pytest.mark.parametrize(
    ("agent_id", "actor"),
    [pytest.param("a1", "a1", id="an earlier agent's"), pytest.param("", "a2", id="the agent's of the summary")],
)
def test_who_is_named_in_a_summary_may_appeal(agent_id, actor):
    """And nobody else: the call was handed on."""
    desk = Desk()
    desk.take(summary(1, found(agent_id=agent_id)))
    (letter,) = desk.take(action("appeal", actor="a1" if actor == "a2" else "a2"))
    assert letter.path == "$.actor"
    (review,) = desk.take(action("appeal", actor=actor))
    assert (review.state, review.agent_id) == (ReviewState.APPEALED, actor)


def test_what_a_newer_summary_leaves_out_needs_no_review():
    """A minor finding has no withdrawal of its own; what the summary says of others changes nothing."""
    desk = Desk()
    desk.take(finding())
    desk.take(summary(1, found("f1"), found("f2"), found("f3")))
    desk.take(summary(2, found("f3")))
    (letter,) = desk.take(action("appeal", finding_id="f2", actor="a2"))
    assert (letter.reason, letter.path) == (Category.ILLEGAL_STEP, "$.step")
    assert [desk.take(action("appeal", finding_id=each, actor=actor))[0].state for each, actor in _STANDING] == [
        ReviewState.APPEALED
    ] * 2


_STANDING = [("f1", "a1"), ("f3", "a2")]  # the first has a record of its own


def test_the_oldest_finding_makes_room():
    """Whoever is accused today may appeal today; a review that is under way is not forgotten."""
    desk = Desk()
    for number in range(MAX_FINDINGS):
        desk.take(finding(finding_id=f"f{number}"))
    desk.take(action("appeal", finding_id="f0"))
    desk.take(finding(finding_id="newest"))
    assert [desk.take(action("appeal", finding_id="newest"))[0].state] == [ReviewState.APPEALED]
    (letter,) = desk.take(action("appeal", finding_id="f1"))
    assert letter.path == "$.finding_id"
    (review,) = desk.take(action("rejudge", finding_id="f0"))
    assert review.state is ReviewState.REJUDGED
