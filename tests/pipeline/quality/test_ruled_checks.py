"""Rules of a company's own that are checks: their findings go where all findings go."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from agents.product import build_product
from agents.settings import Settings
from pipeline.quality.state import MAX_NOTED
from pipeline.rules.load import DEFAULT_PACK
from pipeline.stage import Stage
from schemas.calls import CallPhase
from schemas.quality import Point, PointState, Severity
from schemas.tagged import Tag
from tests.support.conversations import NOON_MS, SECOND, call_phase
from tests.support.service import AGENT, Talk

RULES = """
rules:
  own_private:
    zh: 让客户加私人微信
    conditions: {says: {by: agent, any: [加我私人微信]}}
    then: {check: private_contact, severity: critical}
  own_promise:
    zh: 承诺后很快又改口
    conditions:
      promise: {by: agent, any: [我跟您保证]}
      retreat: {by: agent, any: [这个我尽量]}
      soon: {said: retreat, after: promise, within_seconds: 120}
    then: {check: promise_taken_back, severity: major}
  own_hold:
    zh: 客户说了急事没有人答复
    conditions:
      urgent: {by: customer, any: [家里等着用呢]}
      answer: {by: agent, any: [我马上]}
      missing: {not_said: answer, after: urgent, within_seconds: 30}
    then: {check: urgency_ignored, severity: major}
  own_minor:
    zh: 没有称呼
    conditions: {says: {by: agent, any: [喂你说]}}
    then: {check: no_salutation, severity: minor}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage[Any]:
    """The conversations stage with rules of its own beside the shipped pack."""
    folder: Path = tmp_path_factory.mktemp("pack")
    shutil.copytree(DEFAULT_PACK, folder, dirs_exist_ok=True)
    (folder / "own.yaml").write_text(RULES, encoding="utf-8")
    return build_product(Settings(rules_dir=folder, model="off")).stages[0]


def test_a_check_of_one_text_is_told_with_its_words(stage):
    """At once, with name, severity and the masked words; twice where it was said twice."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(5 * SECOND, "您加我私人微信，手机13812345678", AGENT, utterance_id="u1")
    (finding,) = talk.findings
    assert (finding.check, finding.name, finding.severity) == ("private_contact", "让客户加私人微信", Severity.CRITICAL)
    assert (finding.utterance_id, finding.agent_id, finding.occurred_at) == ("u1", "a1", NOON_MS + 5 * SECOND)
    assert "加我私人微信" in finding.evidence[0].text_masked
    assert "13812345678" not in finding.evidence[0].text_masked
    talk.call(9 * SECOND, "加我私人微信就行", AGENT)
    assert talk.checks == ["private_contact", "private_contact"]


def test_a_check_over_several_turns_is_told_when_it_fires(stage):
    """The later words show it; the finding points at them."""
    talk = Talk(stage=stage)
    talk.call(0, "我跟您保证今天到", AGENT)
    assert talk.checks == []
    talk.call(60 * SECOND, "这个我尽量吧", AGENT, utterance_id="later")
    (finding,) = talk.findings
    assert (finding.check, finding.utterance_id) == ("promise_taken_back", "later")


@pytest.mark.parametrize("ends", ["by the next words", "by its end", "by a later episode"])
def test_what_was_not_said_is_told_once(stage, ends):
    """However the waiting ends."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "快点吧，家里等着用呢")
    if ends == "by the next words":
        talk.call(50 * SECOND, "还在吗", AGENT)
        talk.call(55 * SECOND, "喂", AGENT)
    elif ends == "by its end":
        talk.take(call_phase(99, CallPhase.ENDED, 50 * SECOND))
    else:
        talk.call(24 * 3600 * SECOND, "您好", AGENT)
    assert talk.checks.count("urgency_ignored") == 1
    assert next(each for each in talk.findings if each.check == "urgency_ignored").started_at == NOON_MS


def test_a_minor_one_stands_in_the_summary_alone(stage):
    """With its own severity, as the checks of the pack do."""
    talk = Talk(stage=stage)
    talk.call(0, "喂你说", AGENT)
    talk.take(call_phase(99, CallPhase.ENDED, 50 * SECOND))
    assert "no_salutation" not in talk.checks
    assert ("no_salutation", Severity.MINOR) in [(each.check, each.severity) for each in talk.summary.findings]


def test_a_critical_thing_is_told_however_much_minor_was_noted(stage):
    """It is in the summary too; and so is what the pack finds missing, which speaks for one of the seven points."""
    talk = Talk(stage=stage)
    for number in range(MAX_NOTED + 4):
        talk.call(number * SECOND, "喂你说", AGENT)
    talk.call(60 * SECOND, "我要投诉，你们太不负责了")
    talk.call(61 * SECOND, "你算老几", AGENT)
    assert talk.checks == ["contempt"]
    talk.take(call_phase(99, CallPhase.ENDED, 200 * SECOND))
    assert {"contempt", "apology", "greeting", "options", "no_salutation"} <= {
        each.check for each in talk.summary.findings
    }
    assert len(talk.summary.findings) == MAX_NOTED
    assert talk.summary.points[Point.CHOOSE] is PointState.MISSED


def test_what_was_not_said_to_the_customer_is_of_who_had_them(stage):
    """Another agent's first words show that the time has passed."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "我要投诉，快点吧，家里等着用呢")
    talk.call(70 * SECOND, "您好，我接着为您处理", AGENT, agent_id="a2")
    assert [(each.check, each.agent_id) for each in talk.findings] == [("urgency_ignored", "a1"), ("apology", "a1")]
    assert {each.agent_id for each in talk.outputs if isinstance(each, Tag)} == {"a1"}


def test_late_words_are_their_speaker_s(stage):
    """Another agent has the customer by then."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(30 * SECOND, "您好，我接着为您处理", AGENT, agent_id="a2")
    talk.call(9 * SECOND, "您加我私人微信", AGENT)
    assert [(each.check, each.agent_id) for each in talk.findings] == [("private_contact", "a1")]


def test_what_a_later_episode_shows_is_of_who_had_the_last_one(stage):
    """In the new one nobody has the customer yet."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "快点吧，家里等着用呢")
    talk.call(24 * 3600 * SECOND, "您好", AGENT, agent_id="a2")
    assert [(each.check, each.agent_id) for each in talk.findings] == [("urgency_ignored", "a1")]
    assert [each.agent_id for each in talk.outputs if isinstance(each, Tag)] == ["a1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("我加了您的微信", [], id="other words"),
        pytest.param("加我私人微信吧", ["private_contact"], id="the same"),
    ],
)
def test_corrected_words_are_checked_anew(stage, text, told):
    """The first reading of them does not count any more."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "加我私人微信", AGENT, utterance_id="u7")
    talk.call(SECOND, text, AGENT, utterance_id="u7", revision=1)
    assert talk.checks == told
    assert {each.name for each in talk.findings} == {"让客户加私人微信"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("快点吧，这里等着用呢", [], id="other words"),
        pytest.param("快点，家里等着用呢", ["urgency_ignored"], id="the same"),
    ],
)
def test_the_customer_s_corrected_words_are_checked_anew(stage, text, told):
    """The wait that they began was in vain, or never was."""
    talk = Talk(stage=stage)
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "快点吧，家里等着用呢", utterance_id="u7")
    talk.call(50 * SECOND, "还在吗", AGENT)
    assert talk.checks == ["urgency_ignored"]
    talk.call(SECOND, text, utterance_id="u7", revision=1)
    assert talk.checks == told
