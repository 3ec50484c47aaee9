"""Words that the recogniser was not sure of count half, and the card says so."""

import pytest

from pipeline.conversation.doubt import SURE, UNSURE
from schemas.vocabulary import Level, Role
from tests.support.conversations import (
    COMPLAINS,
    DISPLEASED,
    FORBIDDEN,
    MINUTE,
    REGULATOR,
    SECOND,
    SELF_HARM,
    THANKS,
    WITHDRAWS,
    Story,
    finding,
)

SOLVED = finding(Level.NONE, 0, tags=("solved",))


@pytest.mark.parametrize(
    ("found", "confidence", "level", "score"),
    [
        pytest.param(COMPLAINS, None, Level.EXPLICIT, 70, id="a source that says nothing of it is believed"),
        pytest.param(COMPLAINS, SURE, Level.EXPLICIT, 70, id="exactly sure enough"),
        pytest.param(COMPLAINS, SURE - 0.01, Level.POTENTIAL, 35, id="just not sure enough"),
        pytest.param(REGULATOR, 0.3, Level.POTENTIAL, 45, id="one unsure word raises no high alarm"),
        pytest.param(DISPLEASED, 0.3, Level.NONE, 20, id="half of a little is nothing yet"),
        pytest.param(SELF_HARM, 0.1, Level.HIGH_RISK, 98, id="where a life may be at stake nothing is halved"),
    ],
)
def test_an_unsure_sign_counts_half(found, confidence, level, score):
    """Both sides of the boundary; the level follows from the points that are left."""
    story = Story()
    story.call(0, found, confidence=confidence)
    assert (story.level, story.score) == (level, score)


@pytest.mark.parametrize("settles", [WITHDRAWS, SOLVED], ids=["withdrawn", "solved"])
@pytest.mark.parametrize(
    ("confidence", "level"),
    [
        pytest.param(None, Level.NONE, id="a source that says nothing of it"),
        pytest.param(SURE, Level.NONE, id="exactly sure enough"),
        pytest.param(SURE - 0.01, Level.EXPLICIT, id="just not sure enough"),
        pytest.param(0.1, Level.EXPLICIT, id="hardly heard"),
    ],
)
def test_an_unsure_withdrawal_takes_nothing_back(settles, confidence, level):
    """Half of a withdrawal is none; the trace says why."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, settles, confidence=confidence)
    assert story.level is level
    assert story.score == (70 if level is Level.EXPLICIT else 0)
    assert (UNSURE in story.row.traces[-1].tags) is (level is Level.EXPLICIT)


def test_a_surer_revision_settles_after_all():
    """Heard again at the end of the sentence, it is a withdrawal; thanks are told apart by nobody's confidence."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, WITHDRAWS, confidence=0.4, utterance_id="u", revision=0)
    assert story.level is Level.EXPLICIT
    story.call(2 * SECOND, WITHDRAWS, confidence=0.9, utterance_id="u", revision=1)
    assert story.level is Level.NONE
    story.call(3 * SECOND, THANKS, confidence=0.1)
    assert UNSURE not in story.row.traces[-1].tags


def test_displeasure_in_unsure_words_of_withdrawal_counts_half():
    """算了不投诉了，真失望: half the displeasure, and the complaint stands."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, finding(Level.POTENTIAL, 40, tags=("withdrawn",)), confidence=0.3)
    assert (story.level, story.score) == (Level.EXPLICIT, 80)


def test_the_card_shows_the_weight():
    """Points are those that counted, the evidence says which share that is, the tag says why."""
    story = Story()
    story.call(0, COMPLAINS, confidence=0.4)
    (alert,) = story.on("complaints.alerts")
    assert [part.points for part in alert.score_parts] == [35]
    assert [evidence.weight for evidence in alert.evidence] == [0.5]
    (tag,) = story.on("complaints.tagged")
    assert UNSURE in tag.tags
    assert (tag.level, tag.score) == (Level.POTENTIAL, 35)


def test_a_second_sign_makes_up_for_doubt():
    """Two unsure words of displeasure are more than one; so is an unsure complaint beside a sure one."""
    story = Story()
    story.call(0, DISPLEASED, confidence=0.4)
    story.call(SECOND, DISPLEASED, confidence=0.4)
    assert story.level is Level.POTENTIAL
    story.call(2 * SECOND, COMPLAINS)
    assert story.level is Level.EXPLICIT


def test_a_surer_revision_replaces_the_unsure_one():
    """The recogniser hears better at the end of the sentence: what counts is what it says last."""
    story = Story()
    story.call(0, REGULATOR, confidence=0.4, utterance_id="u", revision=0, is_final=False)
    assert story.level is Level.POTENTIAL
    story.call(SECOND, REGULATOR, confidence=0.9, utterance_id="u", revision=1)
    assert story.level is Level.HIGH_RISK


def test_an_agents_words_and_chats_are_not_doubted():
    """A finding on an agent has no points to halve; what was typed was not heard."""
    story = Story()
    story.call(0, FORBIDDEN, confidence=0.1, role=Role.AGENT)
    (tag,) = story.on("complaints.tagged")
    assert UNSURE not in tag.tags
    story.chat(MINUTE, COMPLAINS)
    assert story.level is Level.EXPLICIT
