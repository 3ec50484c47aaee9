"""Whose a finding is: of several agents the one who did it, in findings, in summaries and in appeals."""

import pytest

from schemas.calls import CallPhase
from tests.support.conversations import SECOND, call_phase
from tests.support.service import AGENT, Talk


def transferred() -> Talk:
    """The first agent neither greets nor gives a number; the second does all right and ends the call."""
    talk = Talk()
    talk.call(0, "什么事", AGENT)
    talk.call(10 * SECOND, "请问几点关门")
    talk.take(call_phase(98, CallPhase.TRANSFERRED, 65 * SECOND))
    talk.call(70 * SECOND, "您好，工号零二，九点关门", AGENT, agent_id="a2")
    talk.call(80 * SECOND, "感谢您的来电，再见", AGENT, agent_id="a2")
    talk.take(call_phase(99, CallPhase.ENDED, 85 * SECOND))
    return talk


def test_the_summary_names_whom_each_finding_is_about():
    """The summary is the last agent's, the missing greeting is not."""
    summary = transferred().summary
    assert summary.agent_id == "a2"
    assert {each.check: each.agent_id for each in summary.findings} == {"greeting": "a1", "staff_number": "a1"}


@pytest.mark.parametrize(("at_ms", "agent_id"), [(60 * SECOND, "a1"), (90 * SECOND, "a2")])
def test_a_minor_thing_is_its_agent_s(at_ms, agent_id):
    """Silence without notice, before or after the call was handed on."""
    talk = Talk()
    talk.call(0, "您好，工号零一", AGENT)
    if agent_id == "a2":
        talk.call(70 * SECOND, "您好", AGENT, agent_id="a2")
    talk.call(at_ms, "查到了", AGENT, agent_id=agent_id, silence_before_ms=9_000)
    talk.call(100 * SECOND, "您好，再见", AGENT, agent_id="a2")
    talk.take(call_phase(99, CallPhase.ENDED, 101 * SECOND))
    assert [(each.check, each.agent_id) for each in talk.summary.findings] == [("hold_notice", agent_id)]
