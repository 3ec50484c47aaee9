"""The linter: each kind of remark is made where it is due, and the shipped pack needs none."""

import pytest

from pipeline.rules.compare import changes, level_changes
from pipeline.rules.lint import remarks_on
from pipeline.rules.load import load_pack
from pipeline.rules.ordinary import ORDINARY
from schemas.vocabulary import Level
from tests.support.made_rules import pack_with


def rule(conditions: str, *, then: str = "{tag: x}", more: str = "", name: str = "own") -> str:
    """One rule."""
    return f"  {name}: {{zh: 规则, conditions: {conditions}, then: {then}{more}}}\n"


def kinds(text: str, **options) -> list[tuple[str, str]]:
    """Kind and path of the remarks on the shipped pack and one more file."""
    return [(each.kind, each.path) for each in remarks_on(pack_with(text), **options) if each.path.startswith("rule")]


def test_the_shipped_pack_is_clean():
    """No ordinary string hits it, and nothing in it is dead."""
    assert [remark for remark in remarks_on(load_pack()) if not remark.is_hint] == []
    assert len(ORDINARY) > 100


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        pytest.param(rule("{a: {any: [烂]}}"), "short", id="one character"),
        pytest.param(rule("{a: {any: [服气]}}", then="{level: potential, score: 40}"), "accident", id="服气功吗"),
        pytest.param(
            rule("{a: {any: [太失望]}}", then="{level: potential, score: 40}"), "duplicate", id="a cue's word"
        ),
        pytest.param(rule("{a: {any: [不给退, 就不给退]}}"), "needless", id="one word inside another"),
        pytest.param(rule("{a: {any: [录视频]}}"), "variant", id="影片 in Taiwan"),
        pytest.param(rule("{a: {any: [控诉]}}", then="{level: explicit, score: 70}"), "typed", id="kongsu"),
        pytest.param(rule("{a: {any: [偷诉]}}", then="{level: explicit, score: 70}"), "misheard", id="投诉 misheard"),
        pytest.param(rule("{a: {any: [bs]}}", then="{level: explicit, score: 70}"), "short", id="two letters"),
        pytest.param(rule("{a: {at_least: {count: 3, of: [甲方, 乙方]}}}"), "unreachable", id="three of two"),
        pytest.param(rule("{a: {any: [甲方]}, b: {by: agent, any: [乙方]}}"), "unreachable", id="two in one turn"),
        pytest.param(rule("{a: {any: [甲方]}, b: {any: [乙方]}}", more=", when: a"), "unused", id="a condition idle"),
        pytest.param(rule("{a: {any: [甲方]}, b: {any: [乙方]}}", more=", when: a || a && b"), "unused", id="absorbed"),
        pytest.param(rule("{a: {any: [甲方]}}"), "untried", id="no examples"),
        pytest.param(
            rule("{a: {any: [甲方]}}") + rule("{b: {any: [甲方]}}", name="other"), "duplicate", id="the same rule twice"
        ),
    ],
)
def test_a_remark_is_made(written, kind):
    """The kind that is due is among them."""
    assert kind in [found for found, _ in kinds("rules:\n" + written)]


def test_a_sound_rule_has_no_remark():
    """Nothing is said where nothing is wrong."""
    written = rule("{a: {any: [甲方违约金]}}", more=", examples: [{text: 甲方违约金}, {text: 没有, fires: false}]")
    assert kinds("rules:\n" + written) == []


def test_texts_of_the_users_own_are_tried():
    """A text in which nobody complains, and which gets a level, is told with the rule that did it."""
    text = "rules:\n" + rule("{a: {any: [合同编号]}}", then="{level: potential, score: 40}")
    assert ("accident", "rule.own") in kinds(text, calm=["请把合同编号发我"])
    assert ("accident", "rule.own") not in kinds(text, calm=["请把编号发我"])


def test_what_changed_between_two_packs_is_told():
    """Words that went, words that came, and the texts that come to another level."""
    old = pack_with("rules:\n" + rule("{a: {any: [甲方, 乙方]}}", then="{level: potential, score: 40}"))
    new = pack_with("rules:\n" + rule("{a: {any: [乙方, 丙方]}}", then="{level: potential, score: 45}"))
    assert changes(old, old) == []
    assert {change.path: (change.gone, change.new) for change in changes(old, new)} == {
        "rules.own.conditions.a.words": (("甲方",), ("丙方",)),
        "rules.own.then.score": (("40",), ("45",)),
    }
    (changed,) = level_changes(old, new, ["甲方 13912345678", "乙方", "没有"])
    assert (changed.text, changed.before, changed.after) == ("甲方 [手机]", Level.POTENTIAL, Level.NONE)


def test_words_that_changed_places_are_told():
    """`gap` asks for its words in their order; in any other list it makes no difference."""
    old = pack_with("rules:\n" + rule("{a: {gap: {words: [甲方, 乙方, 丙方], chars: 4}}, b: {any: [丁方, 戊方]}}"))
    new = pack_with("rules:\n" + rule("{a: {gap: {words: [乙方, 甲方, 丙方], chars: 4}}, b: {any: [戊方, 丁方]}}"))
    assert {change.path: (change.gone, change.new) for change in changes(old, new)} == {
        "rules.own.conditions.a.parts.0": (("甲方",), ("乙方",)),
        "rules.own.conditions.a.parts.1": (("乙方",), ("甲方",)),
    }


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        pytest.param(rule("{a: {any: [控诉, kongsu]}}", then="{level: explicit, score: 70}"), "typed", id="listed"),
        pytest.param(rule("{a: {any: [控诉]}}"), "typed", id="gives no level"),
        pytest.param(rule("{a: {any: [控诉到底]}}", then="{level: explicit, score: 70}"), "typed", id="long"),
        pytest.param(rule("{a: {any: [控诉]}}", then="{level: explicit, score: 70}"), "misheard", id="sounds its own"),
        pytest.param(rule("{a: {any: [bs]}}"), "short", id="two letters that give no level"),
    ],
)
def test_no_remark_is_made(written, kind):
    """The other side of each boundary."""
    assert kind not in [found for found, _ in kinds("rules:\n" + written)]
