"""Who gets a conversation after the alert was told: the standing card, once."""

import pytest

from schemas.alerts import Alert
from schemas.chats import ChatPhase
from schemas.hints import Hint
from schemas.vocabulary import Role
from tests.support.conversations import MINUTE, SECOND, chat_phase
from tests.support.service import AGENT, Talk

THREAT = "我要投诉，再不处理我打12315"


def hints(talk):
    """Whose hints there are, and of what kind."""
    return [(each.agent_id, each.kind.value) for each in talk.outputs if isinstance(each, Hint)]


def test_who_picks_up_is_told_what_was_said_before():
    """The alert went out while nobody had the customer."""
    talk = Talk()
    talk.chat(0, THREAT, agent_id=None)
    assert hints(talk) == []
    talk.chat(10 * SECOND, "您好", AGENT)
    talk.chat(20 * SECOND, "快点")
    assert hints(talk) == [("a1", "level_rise")]
    (card,) = [each for each in talk.outputs if isinstance(each, Hint)]
    assert (card.level, card.alert_id, card.threats) == ("high_risk", "", ("regulator",))
    assert card.advice
    assert card.evidence
    assert len([each for each in talk.outputs if isinstance(each, Alert)]) == 1


def test_self_harm_reaches_whoever_takes_over():
    """The first hint went to an agent who has left."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.TRANSFERRED, 20 * SECOND, from_role=AGENT, to_role=AGENT))
    talk.chat(30 * SECOND, "我不想活了", agent_id=None)
    talk.chat(40 * SECOND, "您好，我是专员", AGENT, agent_id="a2", sender_id="a2")
    assert hints(talk) == [("a1", "self_harm"), ("a2", "self_harm")]
    first, second = (each for each in talk.outputs if isinstance(each, Hint))
    assert second.never_silenced
    assert first.hint_id != second.hint_id
    assert first.advice == second.advice


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param("请问几点关门", [], id="nothing to know"),
        pytest.param("太失望了", [("a1", "level_rise")], id="displeased only"),
        pytest.param("我要投诉", [("a1", "level_rise"), ("a2", "level_rise")], id="complains"),
    ],
)
def test_from_which_level_on(said, told):
    """An explicit complaint has to be known by whoever has the customer."""
    talk = Talk()
    talk.chat(0, said)
    talk.chat(10 * SECOND, "您好", AGENT, agent_id="a2", sender_id="a2")
    assert hints(talk) == told


def test_one_event_tells_one_hint():
    """The customer complains in the very event that names another agent."""
    talk = Talk()
    talk.chat(0, THREAT)
    talk.chat(10 * SECOND, "我不想活了", agent_id="a2")
    assert hints(talk) == [("a1", "level_rise"), ("a2", "self_harm")]


def test_two_agents_by_turns_are_told_once_each_unless_there_is_more():
    """Who was there before knows it, and does not know what was said since."""
    talk = Talk()
    talk.chat(0, THREAT)
    for number, agent in enumerate(("a2", "a1", "a2", "a1"), 1):
        talk.chat(number * SECOND, "您好", AGENT, agent_id=agent, sender_id=agent)
    assert [agent for agent, _ in hints(talk)] == ["a1", "a2"]
    talk.chat(MINUTE, THREAT, agent_id=None)
    talk.chat(MINUTE + SECOND, "您好", AGENT, agent_id="a2", sender_id="a2")
    assert [agent for agent, _ in hints(talk)] == ["a1", "a2", "a2"]


def test_nobody_is_told_of_what_is_over():
    """A line that comes after the end hands nothing on."""
    talk = Talk()
    talk.chat(0, THREAT)
    talk.take(chat_phase(99, ChatPhase.ENDED, MINUTE))
    talk.chat(30 * SECOND, "您好", Role.AGENT, agent_id="a2", sender_id="a2")
    assert [agent for agent, _ in hints(talk)] == ["a1"]
