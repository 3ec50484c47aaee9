"""Sources with whole seconds say several things in one moment: what was said later is what came later."""

import pytest

from pipeline.conversation.score import still_counting
from pipeline.findings import Finding
from schemas.vocabulary import Level, Role
from tests.support.conversations import (
    COMPLAINS,
    DISPLEASED,
    REGULATOR,
    SECOND,
    THANKS,
    WITHDRAWS,
    Story,
    finding,
)

ALERTS = "complaints.alerts"
SOLVED = finding(Level.NONE, 0, tags=("solved",))
CHASE = "能不能帮我催一下快递"
CHASES = Finding(Level.NONE, 0, tags=("inquiry",))


@pytest.mark.parametrize("later_ms", [0, 1], ids=["the same moment", "a millisecond later"])
@pytest.mark.parametrize("settles", [SOLVED, WITHDRAWS], ids=["solved", "withdrawn"])
def test_a_complaint_after_the_last_word_counts(settles, later_ms):
    """解决了, then 等等，又断了，我要投诉: in one second or not."""
    story = Story()
    story.chat(0, settles)
    story.chat(later_ms, COMPLAINS)
    assert (story.level, story.score) == (Level.EXPLICIT, 70)
    assert len(story.on(ALERTS)) == 1


@pytest.mark.parametrize("settles", [SOLVED, WITHDRAWS], ids=["solved", "withdrawn"])
def test_a_complaint_before_the_last_word_is_settled(settles):
    """The other way round it is over, though a threat is not."""
    story = Story()
    story.chat(0, COMPLAINS)
    story.chat(0, settles)
    assert (story.level, story.score) == (Level.NONE, 0)
    story.chat(0, REGULATOR)
    story.chat(0, settles)
    assert story.level is Level.HIGH_RISK
    assert [trace.level for trace in still_counting(story.row.traces)] == [Level.HIGH_RISK, Level.NONE]


@pytest.mark.parametrize(
    ("said", "score"),
    [
        pytest.param((THANKS, COMPLAINS), 70, id="thanks before the complaint"),
        pytest.param((COMPLAINS, THANKS), 60, id="thanks after it"),
    ],
)
def test_thanks_soften_what_was_said_before(said, score):
    """The last word of a moment is the one that came last."""
    story = Story()
    for found in said:
        story.chat(0, found)
    assert story.score == score


@pytest.mark.parametrize(
    ("chases", "settles_at", "level"),
    [
        pytest.param(3, 2, Level.POTENTIAL, id="the third time behind it"),
        pytest.param(3, 3, Level.NONE, id="the third time before it"),
        pytest.param(2, 1, Level.NONE, id="the second time behind it"),
    ],
)
def test_a_demand_behind_the_last_word_is_open(chases, settles_at, level):
    """A demand that left something behind stands where that does."""
    story = Story()
    turns = [(CHASES, CHASE)] * chases
    turns.insert(settles_at, (SOLVED, "好的"))
    for found, text in turns:
        story.chat(0, found, text=text)
    assert story.level is level


def test_an_agent_in_the_same_moment_changes_nothing():
    """What stands between two words of the customer is neither."""
    story = Story()
    story.call(0, DISPLEASED)
    story.call(SECOND, WITHDRAWS)
    story.call(SECOND, finding(Level.NONE, 0, tags=("agent_forbidden:confront",)), role=Role.AGENT)
    story.call(SECOND, COMPLAINS)
    assert (story.level, story.score) == (Level.EXPLICIT, 76)
