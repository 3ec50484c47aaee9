"""What agents did and left out, over whole conversations: in event time, by silence, late, and at the end."""

import pytest

from schemas.calls import CallPhase
from schemas.chats import ChatPhase
from schemas.quality import Basis, EndedBy, FindingState, Point, PointState, ServiceFinding, ServiceSummary
from schemas.vocabulary import Role
from tests.support.conversations import HOUR, MINUTE, NOON_MS, SECOND, call_phase, chat_phase
from tests.support.service import AGENT, BOT, Talk

COMPLAINT = "我要投诉，你们太不负责了"
SORRY = "非常抱歉给您添麻烦了"


def test_a_forbidden_phrase_is_told_at_once_with_its_words_masked():
    """For the team lead: who, what, how bad, and the very words; a phone number is never in them."""
    talk = Talk()
    talk.call(0, "您好，很高兴为您服务", AGENT)
    talk.call(5 * SECOND, "你去投诉吧，我电话13812345678", AGENT)
    (finding,) = talk.findings
    assert (finding.check, finding.severity, finding.basis, finding.agent_id) == ("confront", "critical", "said", "a1")
    assert "你去投诉吧" in finding.evidence[0].text_masked
    assert "13812345678" not in finding.evidence[0].text_masked


@pytest.mark.parametrize(
    ("after_ms", "is_denial"),
    [
        pytest.param(15 * SECOND, True, id="fifteen seconds after the complaint"),
        pytest.param(15 * SECOND + 1, False, id="a millisecond later"),
    ],
)
def test_a_doubtful_word_is_a_denial_right_after_a_complaint(after_ms, is_denial):
    """不清楚 is harmless elsewhere."""
    talk = Talk()
    talk.call(0, "这个我不清楚，我帮您查一下", AGENT)
    talk.call(SECOND, COMPLAINT)
    talk.call(SECOND + after_ms, "这个我不清楚", AGENT)
    assert ("denial" in talk.checks) is is_denial


@pytest.mark.parametrize(
    ("sorry_ms", "later_ms", "told"),
    [
        pytest.param(60 * SECOND, 90 * SECOND, [], id="at the last moment"),
        pytest.param(60 * SECOND + 1, 90 * SECOND, ["apology"], id="a millisecond too late"),
        pytest.param(None, 60 * SECOND, [], id="the time is not over yet"),
        pytest.param(None, 60 * SECOND + 1, ["apology"], id="a later event shows that it is over"),
    ],
)
def test_an_apology_is_due_within_a_minute(sorry_ms, later_ms, told):
    """Event time decides, seen at the next event."""
    talk = Talk()
    talk.call(-SECOND, "您好，工号零一", AGENT)
    talk.call(0, COMPLAINT)
    if sorry_ms is not None:
        talk.call(sorry_ms, SORRY, AGENT)
    talk.call(later_ms, "喂，还在吗")
    assert talk.checks == told


def test_silence_is_judged_by_ticks_two_minutes_late():
    """Nothing comes any more: the tick that is certain tells it, once, with its own time as cause."""
    talk = Talk()
    talk.chat(-SECOND, "您好", AGENT)
    talk.chat(0, COMPLAINT)
    talk.tick(SECOND)  # the first tick is a jump of the clock: nobody is woken for two minutes
    for at_ms in range(MINUTE, 3 * MINUTE, 10 * SECOND):
        assert talk.tick(at_ms) == []
    told = talk.tick(3 * MINUTE + SECOND)
    assert [(each.check, each.basis, each.emitted_at) for each in told] == [
        ("apology", Basis.SILENCE, NOON_MS + 3 * MINUTE + SECOND)
    ]
    assert told[0].occurred_at == NOON_MS + MINUTE
    told = talk.tick(5 * MINUTE + SECOND)
    assert [each.check for each in told] == ["response_gap"]
    assert talk.tick(6 * MINUTE) == []


def test_a_slow_source_is_no_silence():
    """What comes a minute late in the log is not missing when the log's clock has passed its time."""
    talk = Talk(delay_ms=MINUTE)
    talk.call(-SECOND, "您好", AGENT)
    talk.call(0, COMPLAINT)
    talk.tick(SECOND)
    for at_ms in range(MINUTE, 4 * MINUTE, 20 * SECOND):
        assert talk.tick(at_ms) == []


def test_what_was_said_in_time_and_comes_late_takes_the_finding_back():
    """The same finding id, withdrawn; the summary does not hold it."""
    talk = Talk()
    talk.call(-SECOND, "您好", AGENT)
    talk.call(0, COMPLAINT)
    talk.call(2 * MINUTE, "喂")
    assert talk.checks == ["apology"]
    talk.call(30 * SECOND, SORRY, AGENT)
    first, second = talk.findings
    assert (first.finding_id, first.state, second.state) == (
        second.finding_id,
        FindingState.OPEN,
        FindingState.WITHDRAWN,
    )
    assert first.record_id() != second.record_id()
    talk.take(call_phase(99, CallPhase.ENDED, 3 * MINUTE))
    assert "apology" not in [each.check for each in talk.summary.findings]
    assert talk.summary.points[Point.APOLOGISE] is PointState.KEPT


def test_words_over_the_customers_words_are_an_interruption():
    """Only where the source tells; counted each time, told once."""
    talk = Talk()
    talk.call(0, "您好", AGENT, overlap_ms=200)
    talk.call(SECOND, "你听我说", AGENT, overlap_ms=1_500)
    talk.call(2 * SECOND, "你听我说完", AGENT, overlap_ms=2_500)
    talk.take(call_phase(99, CallPhase.ENDED, MINUTE))
    assert talk.checks.count("interruption") == 1
    assert talk.summary.interruption_count == 2
    assert talk.summary.points[Point.LISTEN] is PointState.MISSED


@pytest.mark.parametrize(
    ("notice", "is_missing"),
    [pytest.param("请您稍等，我查一下", False, id="notice"), pytest.param("嗯嗯", True, id="none")],
)
def test_a_silence_wants_a_notice(notice, is_missing):
    """A minor thing: it stands in the summary alone."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(2 * SECOND, notice, AGENT)
    talk.call(12 * SECOND, "查到了", AGENT, silence_before_ms=9_000, start_ms=11_000, end_ms=12_000)
    talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
    assert ("hold_notice" in [each.check for each in talk.summary.findings]) is is_missing
    assert talk.findings == []


@pytest.mark.parametrize(
    ("answered_ms", "told"),
    [
        pytest.param(30 * SECOND, [], id="in time"),
        pytest.param(30 * SECOND + 1, ["first_response"], id="too late"),
    ],
)
def test_a_chat_is_answered_within_thirty_seconds(answered_ms, told):
    """From the first message that nobody has answered."""
    talk = Talk()
    talk.chat(0, "你好在吗")
    talk.chat(10 * SECOND, "有人吗")
    talk.chat(answered_ms, "您好，在的", AGENT)
    assert talk.checks == told
    talk.take(chat_phase(99, ChatPhase.ENDED, MINUTE))
    assert talk.summary.first_response_ms == answered_ms


def test_a_bot_answers_too_and_the_hand_over_begins_the_agents_time():
    """The customer waits for a person from the moment at which one was given the chat."""
    talk = Talk()
    talk.chat(0, "转人工")
    talk.chat(SECOND, "请问您要咨询什么", BOT)
    talk.take(chat_phase(98, ChatPhase.HANDOVER, MINUTE, from_role=Role.BOT, to_role=Role.AGENT))
    talk.chat(MINUTE + 20 * SECOND, "您好", AGENT)
    assert talk.checks == []
    talk.take(chat_phase(99, ChatPhase.ENDED, 2 * MINUTE))
    assert talk.summary.first_response_ms == 20 * SECOND


def test_who_has_said_nothing_yet_waits_for_nobody():
    """A visitor opens the chat, is given to an agent at once, and thinks before they write."""
    talk = Talk()
    talk.take(chat_phase(97, ChatPhase.STARTED))
    talk.take(chat_phase(98, ChatPhase.ASSIGNED, SECOND, to_role=Role.AGENT))
    for at_ms in range(SECOND, 10 * MINUTE, 10 * SECOND):
        assert talk.tick(at_ms) == []
    talk.chat(600 * SECOND, "请问几点关门")
    talk.chat(605 * SECOND, "您好，九点，再见", AGENT)
    assert talk.checks == []
    talk.take(chat_phase(99, ChatPhase.ENDED, 610 * SECOND))
    assert talk.summary.first_response_ms == 5 * SECOND


def test_who_waits_already_goes_on_waiting_when_somebody_is_found():
    """The customer asked half a minute before anybody was given the chat."""
    talk = Talk()
    talk.chat(0, "请问几点关门", agent_id=None)
    talk.take(chat_phase(98, ChatPhase.ASSIGNED, 25 * SECOND, to_role=Role.AGENT))
    talk.chat(50 * SECOND, "您好，九点，再见", AGENT)
    assert talk.checks == ["first_response"]
    talk.take(chat_phase(99, ChatPhase.ENDED, MINUTE))
    assert talk.summary.first_response_ms == 50 * SECOND


@pytest.mark.parametrize("asks_again", [False, True])
def test_after_a_bot_s_answer_the_agent_s_time_begins_with_the_assignment(asks_again):
    """Also where the source does not say who had it before; whoever asks again waits from then on."""
    talk = Talk()
    talk.chat(0, "转人工", agent_id=None)
    talk.chat(SECOND, "正在为您转接", BOT, agent_id=None)
    if asks_again:
        talk.chat(MINUTE - 5 * SECOND, "快点", agent_id=None)
    talk.take(chat_phase(98, ChatPhase.ASSIGNED, MINUTE, to_role=Role.AGENT))
    talk.chat(MINUTE + 20 * SECOND, "您好", AGENT)
    talk.take(chat_phase(99, ChatPhase.ENDED, 2 * MINUTE))
    assert talk.summary.first_response_ms == (25 if asks_again else 20) * SECOND


def test_a_bot_s_greeting_answers_nobody():
    """The visitor has not written yet."""
    talk = Talk()
    talk.chat(0, "您好，我是机器人小智", BOT, agent_id=None)
    talk.take(chat_phase(98, ChatPhase.ASSIGNED, SECOND, to_role=Role.AGENT))
    for at_ms in range(SECOND, 10 * MINUTE, 10 * SECOND):
        assert talk.tick(at_ms) == []


def test_a_summary_tells_the_seven_points():
    """Everything done: seven; what nothing called for is not judged."""
    talk = Talk()
    talk.call(0, "您好，很高兴为您服务，工号零一", AGENT, overlap_ms=0)
    talk.call(5 * SECOND, COMPLAINT, start_ms=0, end_ms=3_000)
    talk.call(10 * SECOND, SORRY + "，我能理解您的心情，这边看到是因为仓库漏发", AGENT, start_ms=0, end_ms=6_000)
    talk.call(20 * SECOND, "您可以选择补发或者退款，今天之内给您处理，处理完给您回电", AGENT)
    talk.call(40 * SECOND, "感谢您的来电，再见", AGENT)
    (summary,) = [each for each in talk.take(call_phase(99, CallPhase.ENDED, 45 * SECOND)) if each in talk.outputs]
    assert isinstance(summary, ServiceSummary)
    assert (summary.score, summary.findings, summary.ended_by) == (7, (), EndedBy.EVENT)
    assert summary.points == dict.fromkeys(Point, PointState.KEPT) | {Point.QUICK: PointState.NOT_JUDGED}
    assert summary.agent_talk_share == pytest.approx(0.667)
    assert summary.highest_level == "explicit"


def test_without_a_complaint_nothing_that_answers_one_is_asked_for():
    """An enquiry needs a greeting and a closing, not an apology."""
    talk = Talk()
    talk.call(0, "喂", AGENT)
    talk.call(5 * SECOND, "请问几点关门")
    talk.call(9 * SECOND, "九点", AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, 2 * MINUTE))
    assert [each.check for each in talk.summary.findings] == ["greeting", "staff_number", "closing"]


def test_words_of_two_checks_count_for_both():
    """感谢您的来电 greets, and closes."""
    talk = Talk()
    talk.call(0, "您好，工号零一", AGENT)
    talk.call(MINUTE, "流量还剩多少")
    talk.call(MINUTE + SECOND, "还剩三个吉，感谢您的来电", AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, MINUTE + 2 * SECOND))
    assert talk.summary.findings == ()
    assert talk.summary.score == 7


def test_what_comes_after_the_end_is_a_new_revision():
    """A recogniser's last words arrive after the call was over."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, COMPLAINT)
    talk.take(call_phase(99, CallPhase.ENDED, 30 * SECOND))
    assert (talk.summary.revision, talk.checks) == (1, ["apology"])
    talk.call(20 * SECOND, SORRY, AGENT)
    assert (talk.summary.revision, talk.checks) == (2, [])
    assert talk.call(21 * SECOND, "好的") == []


def test_a_chat_that_nobody_ends_is_summed_up_after_half_an_hour():
    """By ticks; and the next episode does not sum it up again."""
    talk = Talk()
    talk.chat(0, "你好")
    talk.chat(SECOND, "您好，再见", AGENT)
    for at_ms in range(MINUTE, 34 * MINUTE, MINUTE):
        talk.tick(at_ms)
    assert (talk.summary.ended_by, talk.summary.revision) == (EndedBy.SILENCE, 1)
    assert talk.chat(HOUR, "还在吗") == []


def test_the_next_episode_sums_the_last_one_up_where_no_tick_came():
    """Also without any clock an episode has its summary."""
    talk = Talk()
    talk.chat(0, "你好")
    talk.chat(SECOND, "您好", AGENT)
    (summary,) = talk.chat(HOUR, "还在吗")
    assert isinstance(summary, ServiceSummary)
    assert (summary.ended_by, summary.ended_at) == (EndedBy.SILENCE, NOON_MS + SECOND)


def test_a_conversation_without_an_agent_has_no_summary():
    """A bot's conversation is not an agent's."""
    talk = Talk()
    talk.chat(0, "你好")
    talk.chat(SECOND, "您好", BOT)
    assert talk.take(chat_phase(99, ChatPhase.ENDED, MINUTE)) == []


def test_what_is_told_agrees_with_the_score():
    """Each bonus of the score for the agent's side has its finding."""
    talk = Talk()
    talk.call(-SECOND, "您好", AGENT)
    talk.call(0, COMPLAINT)
    talk.call(10 * SECOND, "你去投诉吧", AGENT)
    alerts = talk.call(2 * MINUTE, "我现在就打12315")
    parts = {part.rule for each in alerts if hasattr(each, "score_parts") for part in each.score_parts}
    assert {"bonus.forbidden_phrase", "bonus.no_apology"} <= parts
    assert talk.checks == ["confront", "apology"]
    assert all(isinstance(each, ServiceFinding) for each in talk.findings)
