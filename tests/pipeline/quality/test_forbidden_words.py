"""What agents must not say, as agents say it: with 您, and not where the sentence turns it round."""

import pytest

from tests.support.conversations import SECOND
from tests.support.service import AGENT, Talk


def checks_of(text):
    """What is found when an agent says this."""
    talk = Talk()
    talk.call(0, "您好", AGENT)
    talk.call(SECOND, "请问")
    talk.call(2 * SECOND, text, AGENT)
    return talk.checks


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("您去投诉吧", "confront"),
        ("随便您投诉", "confront"),
        ("您去告吧", "confront"),
        ("您找領導去", "confront"),
        ("你走法律程序吧", "confront"),
        ("您算老几", "contempt"),
        ("您不懂，别说了", "contempt"),
        ("您自己的问题", "bully"),
        ("谁让您买的", "bully"),
        ("是您操作不当", "bully"),
        ("您投诉没用的", "suppress"),
        ("您听我说完", "irritated"),
        ("您问我我问谁", "denial"),
    ],
)
def test_rude_words_are_as_rude_with_a_polite_you(text, check):
    """The pack lists one of 你 and 您; an agent has to say 您."""
    assert checks_of(text) == [check]


@pytest.mark.parametrize(
    "text",
    [
        "我不能保证给你退",
        "这个我保证不了，我只能帮您催一下",
        "不一定赔",
        "不一定马上到账",
        "我不敢百分之百保证",
        "不是说肯定能退，要看检测结果",
        "没人敢说绝对没问题，我们还要检测",
        "这不是你自己的问题",
        "这不是您自己的问题",
        "我没说是您自己的问题",
        "如果是您操作不当导致的，就不在保修内",
        "你不懂没关系，我教你",
        "您不懂的地方随时问我",
        "您想怎么样处理呢",
        "随便您选哪个颜色都可以",
        "您去告诉店员一声",
        "您还想要什么颜色的",
    ],
)
def test_what_a_sentence_turns_round_was_not_said(text):
    """The right sentence must not be punished."""
    assert checks_of(text) == []


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("我保证给您退", "over_promise"),
        ("放心，不会的，我保证", "over_promise"),
        ("要不我保证明天到", "over_promise"),
        ("这不是您自己的问题吗", "bully"),
        ("还不是您自己的问题", "bully"),
        ("难道不是您操作不当", "bully"),
        ("随便您怎么想", "confront"),
    ],
)
def test_what_only_looks_turned_round_was_said(text, check):
    """A rhetorical question, or a 不 that belongs to something else."""
    assert check in checks_of(text)


def test_the_right_sentence_costs_no_points():
    """Neither a finding nor anything on the customer's score."""
    talk = Talk()
    talk.call(0, "我要投诉")
    talk.call(SECOND, "您好，我不能保证给你退", AGENT)
    with_denial = talk.store.get(b"call:c1").score
    other = Talk()
    other.call(0, "我要投诉")
    other.call(SECOND, "您好，我帮您问问", AGENT)
    assert with_denial == other.store.get(b"call:c1").score
