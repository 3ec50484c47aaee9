"""Conversations as they ordinarily go and end: nobody is accused of what did not happen, nor somebody else of it."""

import pytest

from pipeline.quality.leave import takes_leave
from schemas.calls import CallPhase
from schemas.chats import ChatPhase
from schemas.quality import FindingState, Point, PointState
from schemas.vocabulary import Level, Role
from tests.support.conversations import HOUR, MINUTE, SECOND, call_phase, chat_phase
from tests.support.service import AGENT, Talk

COMPLAINT = "我要投诉，你们太不负责了"
SORRY = "不好意思，我再帮您看一下"


@pytest.mark.parametrize(
    "text",
    [
        "好的谢谢",
        "谢谢",
        "嗯嗯，多谢您了",
        "不用了谢谢",
        "没有了，再见",
        "好的，先这样",
        "拜拜",
        "謝謝",
        "ok, thanks!",
        "没事了",
        "没问题，谢谢亲",
    ],
)
def test_whoever_takes_leave_waits_for_nothing(text):
    """Thanks, no thanks, goodbye."""
    assert takes_leave(text)


@pytest.mark.parametrize(
    "text",
    [
        "好的",
        "嗯",
        "谢谢，那什么时候到",
        "没有收到",
        "不用了，给我退款",
        "再见到这种事我就投诉",
        "谢谢你们全家",
        "ok",
        "",
        "谢" * 25,
    ],
)
def test_whoever_says_more_may_wait(text):
    """`好的` alone answers `请稍等`: the agent is to come back."""
    assert not takes_leave(text)


@pytest.mark.parametrize("last", ["好的谢谢", "那我怎么查呢"])
def test_the_end_of_a_chat_is_no_gap(last):
    """The customer has the last word and the chat is over two seconds later: of three minutes little has passed."""
    talk = Talk()
    talk.chat(0, "请问快递什么时候到")
    talk.chat(5 * SECOND, "您好，明天到的", AGENT)
    talk.chat(10 * SECOND, last)
    talk.take(chat_phase(99, ChatPhase.ENDED, 12 * SECOND))
    assert talk.checks == []
    assert talk.summary.points[Point.QUICK] is PointState.KEPT


def test_thanks_are_not_waited_for_in_silence():
    """Nobody ends the chat: ticks find no answer missing."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.chat(5 * SECOND, "好的谢谢")
    for at_ms in range(SECOND, HOUR, 20 * SECOND):
        talk.tick(at_ms)
    assert talk.checks == []


def test_who_apologises_often_has_apologised():
    """However many apologies came after the one that was due."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(5 * SECOND, COMPLAINT)
    for number in range(20):
        talk.call((10 + 30 * number) * SECOND, SORRY, AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, 700 * SECOND))
    assert talk.checks == []
    assert talk.summary.points[Point.APOLOGISE] is PointState.KEPT


def test_a_forbidden_phrase_is_its_speaker_s():
    """It comes late: another agent has the customer by then."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.TRANSFERRED, 20 * SECOND))
    talk.chat(30 * SECOND, "您好，我接着为您处理", AGENT, agent_id="a2")
    talk.chat(10 * SECOND, "你去投诉吧", AGENT)
    (finding,) = talk.findings
    assert (finding.check, finding.agent_id) == ("confront", "a1")


def test_a_miss_is_of_who_had_the_customer_then():
    """Nobody apologised while the first agent had the chat; it is the second one's words that show it."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.chat(5 * SECOND, COMPLAINT)
    talk.chat(10 * SECOND, "请稍等", AGENT)
    talk.take(chat_phase(98, ChatPhase.TRANSFERRED, 10 * MINUTE))
    talk.chat(11 * MINUTE, "您好，我接着为您处理", AGENT, agent_id="a2")
    assert [(each.check, each.agent_id) for each in talk.findings] == [("apology", "a1")]
    talk.chat(20 * SECOND, SORRY, AGENT)
    withdrawn = talk.findings[-1]
    assert (withdrawn.state, withdrawn.agent_id) == (FindingState.WITHDRAWN, "a1")


def test_who_takes_over_misses_what_is_due_then():
    """The complaint is made to the second one; the first has to do with it no more."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.TRANSFERRED, 20 * SECOND))
    talk.chat(30 * SECOND, "您好，我接着为您处理", AGENT, agent_id="a2")
    talk.chat(40 * SECOND, COMPLAINT, agent_id="a2")
    talk.chat(45 * SECOND, "请稍等", AGENT, agent_id="a2")
    talk.chat(20 * MINUTE, "在吗", agent_id="a2")
    assert [(each.check, each.agent_id) for each in talk.findings] == [("apology", "a2")]


def test_what_an_agent_explained_counts_though_the_complaint_is_heard_later():
    """Two voices, two recognisers: the customer's is the slower one."""
    said = [
        (0, "您好，工号零一", AGENT),
        (5 * SECOND, COMPLAINT, Role.CUSTOMER),
        (10 * SECOND, "对不起，我理解您的心情，是因为系统升级，我给您两个方案，三天内给您回复", AGENT),
        (15 * SECOND, "感谢您的来电，再见", AGENT),
    ]
    in_time, late = Talk(), Talk()
    for talk, order in ((in_time, (0, 1, 2, 3)), (late, (0, 2, 1, 3))):
        for place in order:
            talk.call(*said[place])
        talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
    assert late.checks == in_time.checks == []
    assert late.summary.points == in_time.summary.points
    assert late.summary.points[Point.EXPLAIN] is PointState.KEPT


def test_an_edit_is_no_question_no_answer_and_no_further_turn():
    """A slip of the pen is put right: the customer's after the answer, the agent's before it."""
    talk = Talk()
    question = talk.chat(0, "请问什么时候道", message_id="m1")
    talk.chat(5 * SECOND, "您好，明天到的", AGENT, message_id="m2")
    talk.chat(10 * SECOND, "请问什么时候到", message_id="m1", edited=True)
    for at_ms in range(15 * SECOND, 10 * MINUTE, 20 * SECOND):
        talk.tick(at_ms)
    assert (question, talk.checks) == ([], [])
    talk.chat(11 * MINUTE, "那几点到呢", message_id="m3")
    talk.chat(12 * MINUTE, "您好，后天到的", AGENT, message_id="m2", edited=True)
    talk.chat(16 * MINUTE, "在吗", message_id="m4")
    assert talk.checks == ["response_gap"]
    talk.take(chat_phase(99, ChatPhase.ENDED, 17 * MINUTE))
    assert talk.summary.turn_count == 4


def test_a_new_episode_has_no_agent_yet():
    """The one of this morning has long gone home."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.ENDED, 10 * SECOND))
    alerts = [each for each in talk.chat(10 * HOUR, COMPLAINT, agent_id=None) if hasattr(each, "alert_id")]
    assert [alert.agent_id for alert in alerts] == [""]


def test_what_comes_after_the_summary_is_in_the_next_one():
    """A slow recogniser: the threat is heard when the call is over. It counts as if it had come in time."""
    said = [
        (0, "您好，工号零一", AGENT),
        (5 * SECOND, "请问怎么退货", Role.CUSTOMER),
        (30 * SECOND, "我现在就打12315投诉你们", Role.CUSTOMER),
        (55 * SECOND, "好再见", AGENT),
    ]
    end = call_phase(99, CallPhase.ENDED, 60 * SECOND)
    in_time, late = Talk(), Talk()
    for talk, order in ((in_time, said), (late, [said[0], said[1], said[3]])):
        for at_ms, text, role in order:
            talk.call(at_ms, text, role)
        talk.take(end)
    assert late.summary.level is Level.NONE
    late.call(*said[2])
    for at_ms in range(0, 10 * MINUTE, 10 * SECOND):
        late.tick(at_ms)
    assert (in_time.summary.revision, late.summary.revision) == (1, 2)
    for field in ("level", "highest_level", "score", "points", "turn_count"):
        assert getattr(late.summary, field) == getattr(in_time.summary, field), field


def test_a_chat_that_goes_on_after_its_summary_has_another_one():
    """It was silent for half an hour as far as anybody knew: what was said meanwhile came late."""
    talk = Talk()
    talk.chat(0, "请问几点关门")
    talk.chat(5 * SECOND, "您好，九点", AGENT)
    for at_ms in range(0, HOUR, 30 * SECOND):
        talk.tick(at_ms)
    assert (talk.summary.revision, talk.summary.turn_count) == (1, 2)
    talk.chat(20 * MINUTE, COMPLAINT)
    talk.chat(21 * MINUTE, "您再说一遍", AGENT)
    talk.take(chat_phase(99, ChatPhase.ENDED, 40 * MINUTE))
    assert (talk.summary.revision, talk.summary.turn_count, talk.summary.level) == (2, 4, Level.EXPLICIT)
