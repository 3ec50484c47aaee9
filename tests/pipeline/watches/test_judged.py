"""Rules over time, played turn by turn: at which turn one fires, and that it does not fire again without a reason."""

import pytest

from pipeline.conversation.heard import hear
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.step import step
from pipeline.conversation.trial import events_of
from pipeline.tagging import Tagger
from pipeline.watches.followed import followed_rules
from schemas.tagged import Tag
from tests.support.made_rules import pack_with

ASKED_AT_ONCE = """
      asks: {any: [退款], in: {first_turns: 1}}
      sorry: {by: agent, any: [抱歉]}
"""
GREETED_AT_ONCE = """
      asks: {any: [退款]}
      sorry: {by: agent, any: [抱歉], in: {first_turns: 1}}
"""


def fired_at(conditions: str, turns: str) -> list[str]:
    """The events that made a rule fire, in their order."""
    text = "rules:\n  own:\n    zh: 规则\n    conditions:\n" + conditions.strip("\n")
    text += f"\n    then: {{tag: own}}\n    examples: [{{turns: [{turns}]}}]\n"
    pack = pack_with(text)
    tagger, lookups = Tagger(pack), Lookups(followed=followed_rules(pack.rules))
    (rule,) = [rule for rule in pack.rules if rule.id == "own"]
    row, fired = None, []
    for event in events_of(rule, rule.examples[0]):
        (said,) = hear([event.text], [event.role], tagger)
        row, outputs = step(row, event, said, lookups=lookups, emitted_at_ms=event.occurred_at)
        tags = [output.value for output in outputs if isinstance(output.value, Tag)]
        fired += [event.event_id for tag in tags if any(part.rule == "rule.own" for part in tag.evidence)]
    return fired


@pytest.mark.parametrize(
    ("turns", "fired"),
    [
        pytest.param("{customer: 叫经理, at: 1}, {customer: 叫经理, at: 20}", ["turn-0"], id="and once more too late"),
        pytest.param("{customer: 你好}, {customer: 叫经理, at: 10}", ["turn-1"], id="at the last moment"),
        pytest.param("{customer: 你好}, {customer: 叫经理, at: 11}", [], id="too late"),
    ],
)
def test_what_is_said_after_the_start(turns, fired):
    """Within ten seconds of it; what comes later neither counts nor does harm."""
    wanted = "      boss: {any: [经理]}\n      soon: {said: boss, after: start, within_seconds: 10}"
    assert fired_at(wanted, turns) == fired


@pytest.mark.parametrize(
    ("turns", "fired"),
    [
        pytest.param("{agent: 我尽量}, {agent: 我保证, at: 600}", ["turn-1"], id="a new promise, not yet taken back"),
        pytest.param(
            "{agent: 我尽量}, {agent: 我保证, at: 600}, {agent: 只能尽量, at: 620}",
            ["turn-1", "turn-3"],
            id="a new promise, taken back too",
        ),
        pytest.param("{agent: 我尽量}, {agent: 只能尽量}", ["turn-1", "turn-2"], id="taken back twice"),
    ],
)
def test_an_answer_is_told_once(turns, fired):
    """A new cause does not tell the answer to an older one again."""
    conditions = """
      promise: {by: agent, any: [保证]}
      retreat: {by: agent, any: [尽量]}
      soon: {said: retreat, after: promise, within_seconds: 120}
"""
    assert fired_at(conditions, "{agent: 我保证今天到}, " + turns) == fired


def test_a_cause_that_comes_late_meets_its_answer():
    """What was said first and arrived second fires where it is told."""
    conditions = """
      promise: {by: agent, any: [保证]}
      retreat: {by: agent, any: [尽量]}
      soon: {said: retreat, after: promise, within_seconds: 120}
"""
    turns = "{customer: 你好}, {agent: 我尽量, at: 60}, {agent: 我保证, at: 30}"
    assert fired_at(conditions, turns) == ["turn-2"]


@pytest.mark.parametrize(
    ("conditions", "turns", "fired"),
    [
        pytest.param(
            ASKED_AT_ONCE + "      un: {not_said: sorry, after: asks, within_seconds: 30}",
            "{customer: 你好}, {customer: 退款}, {agent: 嗯, at: 100}",
            [],
            id="no cause outside its place",
        ),
        pytest.param(
            ASKED_AT_ONCE + "      un: {not_said: sorry, after: asks, within_seconds: 30}",
            "{customer: 退款}, {agent: 嗯, at: 100}",
            ["turn-1"],
            id="a cause in its place",
        ),
        pytest.param(
            ASKED_AT_ONCE + "      un: {not_said: sorry, before: asks, within_seconds: 30}",
            "{customer: 你好}, {customer: 退款}",
            [],
            id="no end outside its place",
        ),
        pytest.param(
            ASKED_AT_ONCE + "      un: {not_said: sorry, before: asks, within_seconds: 30}",
            "{customer: 退款}",
            ["turn-0"],
            id="an end in its place",
        ),
        pytest.param(
            GREETED_AT_ONCE + "      un: {not_said: sorry, after: asks, within_seconds: 30}",
            "{customer: 退款}, {agent: 抱歉}, {agent: 嗯, at: 100}",
            ["turn-2"],
            id="no answer outside its place",
        ),
        pytest.param(
            ASKED_AT_ONCE + "      soon: {said: sorry, after: asks, within_seconds: 30}",
            "{customer: 退款}, {agent: 抱歉}, {customer: 退款}",
            ["turn-1"],
            id="nothing new outside its place",
        ),
    ],
)
def test_a_condition_that_is_named_keeps_its_place(conditions, turns, fired):
    """A turn outside the `in` of a condition is neither cause nor answer for those that name it."""
    assert fired_at(conditions, turns) == fired


@pytest.mark.parametrize(
    ("times", "said", "fires"),
    [
        pytest.param(7, 7, True, id="seven of seven"),
        pytest.param(8, 8, True, id="eight of eight"),
        pytest.param(12, 11, False, id="one fewer than the most that can be written"),
        pytest.param(12, 12, True, id="the most that can be written"),
    ],
)
def test_who_is_answered_repeats_themselves_as_well(times, said, fires):
    """As many sentences are remembered of each speaker as a rule may ask for."""
    answers = "甲乙丙丁戊己庚辛壬癸子丑"
    turns = ", ".join(
        f"{{customer: 我的快递到底什么时候能送到}}, {{agent: 第{answers[n]}次为您查询{answers[n] * 4}}}"
        for n in range(said)
    )
    fired = fired_at(f"      a: {{repeats: {{times: {times}}}}}", turns)
    assert fired[:1] == ([f"turn-{2 * times - 2}"] if fires else [])
