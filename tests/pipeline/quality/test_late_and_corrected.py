"""What comes late, and what is read anew: a finding stands for as long as what is known speaks for it."""

import pytest

from pipeline.quality.state import MAX_SAID, with_time
from schemas.calls import CallPhase
from schemas.chats import ChatPhase
from schemas.quality import FindingState, Point, PointState
from schemas.tagged import Tag
from schemas.vocabulary import Role
from tests.support.conversations import MINUTE, NOON_MS, SECOND, call_phase, chat_phase
from tests.support.service import AGENT, BOT, Talk

COMPLAINT = "我要投诉，你们太不负责了"
SORRY = "非常抱歉给您添麻烦了"
FELT = "非常抱歉，我理解您的心情"


def wait(talk: Talk, *, until_ms: int) -> None:
    """Nobody says anything; ticks pass."""
    for at_ms in range(SECOND, until_ms, 10 * SECOND):
        talk.tick(at_ms)


@pytest.mark.parametrize(
    ("said_ms", "is_taken_back"),
    [
        pytest.param(30 * SECOND, True, id="in the middle of its time"),
        pytest.param(60 * SECOND, True, id="at the last moment"),
        pytest.param(60 * SECOND + 1, False, id="a millisecond too late"),
    ],
)
def test_an_apology_that_comes_late_takes_back_what_silence_told(said_ms, is_taken_back):
    """It is the newest of all words and still came late: only when it was said counts."""
    talk = Talk()
    talk.call(-SECOND, "您好", AGENT)
    talk.call(0, COMPLAINT)
    wait(talk, until_ms=4 * MINUTE)
    assert talk.checks == ["apology"]
    talk.call(said_ms, SORRY, AGENT)
    assert ("apology" not in talk.checks) is is_taken_back
    talk.take(call_phase(99, CallPhase.ENDED, 3 * MINUTE))
    state = PointState.KEPT if is_taken_back else PointState.MISSED
    assert talk.summary.points[Point.APOLOGISE] is state


def test_what_was_taken_back_says_nothing_of_the_next_time():
    """The first complaint had its apology; the second one has none, and that is a finding of its own."""
    talk = Talk()
    talk.call(-SECOND, "您好", AGENT)
    talk.call(0, COMPLAINT)
    wait(talk, until_ms=4 * MINUTE)
    talk.call(30 * SECOND, SORRY, AGENT)
    talk.call(5 * MINUTE, COMPLAINT)
    talk.call(7 * MINUTE, "喂", AGENT)
    assert [each.state for each in talk.findings] == [FindingState.OPEN, FindingState.WITHDRAWN, FindingState.OPEN]
    first, _, second = talk.findings
    assert (first.finding_id != second.finding_id, second.since) == (True, NOON_MS + 5 * MINUTE)
    talk.take(call_phase(99, CallPhase.ENDED, 8 * MINUTE))
    assert talk.checks == ["apology"]
    assert talk.summary.points[Point.APOLOGISE] is PointState.MISSED


@pytest.mark.parametrize("role", [AGENT, BOT])
def test_an_answer_that_comes_late_takes_a_gap_back(role):
    """Whoever gave it: a bot answers too."""
    talk = Talk()
    talk.chat(-2 * SECOND, "您好", AGENT)
    talk.chat(0, "请问快递什么时候到")
    wait(talk, until_ms=7 * MINUTE)
    assert talk.checks == ["response_gap"]
    talk.chat(29 * SECOND, "明天到的", role)
    assert talk.checks == []


def test_an_edit_takes_no_gap_back():
    """It was there before, and was no answer to this question."""
    talk = Talk()
    talk.chat(-2 * SECOND, "您号", AGENT, message_id="m1")
    talk.chat(0, "请问快递什么时候到")
    wait(talk, until_ms=7 * MINUTE)
    talk.chat(29 * SECOND, "您好", AGENT, message_id="m1", edited=True)
    assert talk.checks == ["response_gap"]


def test_a_notice_after_the_silence_is_none():
    """The words that end it ask for more time: they do not announce what is over."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(12 * SECOND, "请您稍等", AGENT, silence_before_ms=9_000, start_ms=11_000, end_ms=12_000)
    talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
    assert "hold_notice" in [each.check for each in talk.summary.findings]


def test_a_notice_that_comes_late_announced_the_silence():
    """It was said before it."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(12 * SECOND, "查到了", AGENT, silence_before_ms=9_000, start_ms=11_000, end_ms=12_000)
    talk.call(2 * SECOND, "请您稍等", AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
    assert "hold_notice" not in [each.check for each in talk.summary.findings]


@pytest.mark.parametrize("count", [5, 8, MAX_SAID])
def test_who_shows_empathy_each_time_has_shown_it(count):
    """However often it was called for."""
    talk = Talk()
    talk.call(0, "您好，工号零一", AGENT)
    for number in range(count):
        talk.call((10 + 100 * number) * SECOND, COMPLAINT)
        talk.call((20 + 100 * number) * SECOND, FELT, AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, 100 * count * SECOND))
    assert "empathy" not in [each.check for each in talk.summary.findings]


def test_of_too_many_times_the_one_goes_that_others_stand_next_to():
    """The first, the newest, and those that stand alone stay; one time is kept once."""
    alone = tuple(range(0, MAX_SAID * MINUTE, MINUTE))
    assert with_time(alone, alone[-1]) == alone
    assert with_time(alone, alone[-1] + 1) == (*alone[:-1], alone[-1] + 1)
    assert with_time(alone, 5 * MINUTE + 1) == alone


def test_corrected_words_take_the_finding_back():
    """随便您选 was read as 随便你 at first: nobody was confronted."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(5 * SECOND, "随便你", AGENT, utterance_id="u7")
    assert talk.checks == ["confront"]
    talk.call(5 * SECOND, "随便您选", AGENT, utterance_id="u7", revision=1)
    opened, withdrawn = talk.findings
    assert (withdrawn.state, withdrawn.finding_id) == (FindingState.WITHDRAWN, opened.finding_id)
    for field in ("check", "severity", "name", "name_en", "agent_id", "utterance_id", "occurred_at"):
        assert getattr(withdrawn, field) == getattr(opened, field), field
    talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
    assert "confront" not in [each.check for each in talk.summary.findings]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"text": "随便你了", "utterance_id": "u7", "revision": 1}, id="the new words show it too"),
        pytest.param({"text": "随便您选", "utterance_id": "u8", "revision": 1}, id="other words are corrected"),
        pytest.param({"text": "随便您选", "utterance_id": "u7", "revision": 1, "is_final": False}, id="not final yet"),
    ],
)
def test_what_corrects_nothing_leaves_the_finding(changes):
    """It stands, and is told once."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(5 * SECOND, "随便你", AGENT, utterance_id="u7")
    talk.call(5 * SECOND, role=AGENT, **changes)
    assert [each.state for each in talk.findings] == [FindingState.OPEN]


def test_an_edit_unsays_nothing():
    """The customer has read it."""
    talk = Talk()
    talk.chat(0, "您好，随便你", AGENT, message_id="m7")
    talk.chat(5 * SECOND, "您好", AGENT, message_id="m7", edited=True)
    assert talk.checks == ["confront"]


def test_words_that_are_read_anew_are_no_further_turn():
    """Turns, talk and interruptions are counted once for an utterance, whichever of its readings is final first."""
    said = [
        (0, "您好", AGENT, {"utterance_id": "u1"}),
        (5 * SECOND, "请问几点关门", Role.CUSTOMER, {"utterance_id": "u2", "end_ms": 1_000}),
        (9 * SECOND, "九", AGENT, {"utterance_id": "u3", "is_final": False}),
        (9 * SECOND, "九点", AGENT, {"utterance_id": "u3", "revision": 1, "overlap_ms": 1_500, "end_ms": 3_000}),
    ]
    again = (9 * SECOND, "九点半", AGENT, {"utterance_id": "u3", "revision": 2, "overlap_ms": 1_500, "end_ms": 3_000})
    summaries = []
    for texts in (said, [*said, again], [*said, again, (5 * SECOND, *said[1][1:3], said[1][3] | {"revision": 1})]):
        talk = Talk()
        for at_ms, text, role, changes in texts:
            talk.call(at_ms, text, role, **changes)
        talk.take(call_phase(99, CallPhase.ENDED, 20 * SECOND))
        summaries.append(talk.summary)
    for summary in summaries:
        assert (summary.turn_count, summary.interruption_count, summary.agent_talk_share) == (3, 1, 0.75)


def test_a_new_episode_may_number_its_utterances_anew():
    """What was counted in the last one says nothing about this one."""
    talk = Talk()
    for at_ms in (0, 5 * 60 * MINUTE):
        talk.call(at_ms, "您好", AGENT, utterance_id="u1")
        talk.call(at_ms + SECOND, "请问几点关门", utterance_id="u2")
    talk.take(call_phase(99, CallPhase.ENDED, 5 * 60 * MINUTE + MINUTE))
    assert (talk.summary.revision, talk.summary.turn_count) == (1, 2)


def test_a_late_tag_is_its_speaker_s():
    """Another agent has the customer by then."""
    talk = Talk()
    talk.chat(0, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.TRANSFERRED, 20 * SECOND))
    talk.chat(30 * SECOND, "您好，我接着为您处理", AGENT, agent_id="a2")
    talk.chat(10 * SECOND, "随便你", AGENT)
    talk.chat(12 * SECOND, COMPLAINT, agent_id=None)
    assert [(each.role, each.agent_id) for each in talk.outputs if isinstance(each, Tag)] == [
        (AGENT, "a1"),
        (Role.CUSTOMER, "a1"),
    ]
