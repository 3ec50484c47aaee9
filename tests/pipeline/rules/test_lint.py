"""The linter: each kind of remark is made where it is due, and the shipped pack needs none."""

import pytest

from pipeline.rules.compare import beyond_one_text, changes, level_changes
from pipeline.rules.lint import remarks_on
from pipeline.rules.load import load_pack
from pipeline.rules.ordinary import ORDINARY
from schemas.vocabulary import Level
from tests.support.made_rules import pack_with


def rule(conditions: str, *, then: str = "{tag: x}", more: str = "", name: str = "own") -> str:
    """One rule."""
    return f"  {name}: {{zh: 规则, conditions: {conditions}, then: {then}{more}}}\n"


UNHEARD = "a: {any: [甲方]}, c: {by: agent, any: [抱歉]}, un: {not_said: c, after: a, within_seconds: 60}"


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
        pytest.param(
            rule("{a: {any: [甲方]}, b: {any: [乙方]}}", more=", when: a && !b")
            + rule("{b: {any: [乙方]}, a: {any: [甲方]}}", more=", when: '!b && a'", name="other"),
            "duplicate",
            id="the same rule in another order",
        ),
        pytest.param(rule(f"{{{UNHEARD}}}", more=", when: a && un"), "unreachable", id="again when the time is over"),
        pytest.param(
            rule("{a: {any: [甲方]}, b: {any: [乙方], in: {last_turns: 2}}}"), "unreachable", id="a turn, and the end"
        ),
        pytest.param(
            rule("{a: {any: [甲方]}, b: {any: [乙方], in: conversation, every: true}}"),
            "unreachable",
            id="a turn, and all turns",
        ),
    ],
)
def test_a_remark_is_made(written, kind):
    """The kind that is due is among them."""
    assert kind in [found for found, _ in kinds("rules:\n" + written)]


def remarks_on_expression(expression: str) -> list[tuple[str, str, str]]:
    """Kind, word, and what to do, of the remarks on one expression of a rule."""
    text = "rules:\n" + rule(f"{{a: {{regex: {{anchors: [甲方], match: ['{expression}']}}}}}}")
    path = "rules.own.conditions.a"
    found = [each for each in remarks_on(pack_with(text)) if each.path == path]
    return [(each.kind, each.word, each.what.rpartition("; ")[2]) for each in found]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        pytest.param("怎么回事？", ("unreachable", "怎么回事？", r"write 怎么回事\?"), id="full width"),
        pytest.param("VIP.{0,4}客户", ("unreachable", "VIP", "write vip"), id="capitals"),
        pytest.param("甲方.*……", ("unreachable", "……", "write 。。"), id="dots"),
        pytest.param("客訴", ("unreachable", "客訴", "write 客诉"), id="traditional"),
        pytest.param("太{3,}慢", ("unreachable", "太", "write 太+"), id="three alike"),
        pytest.param("甲方[？！]", ("unreachable", "？", r"write \?"), id="a set of none that is met"),
        pytest.param("甲方[，。]", ("variant", "，", "write ,"), id="a set with one that is met"),
        pytest.param("(VIP|会员)客户", ("variant", "VIP", "write vip"), id="one of two"),
        pytest.param("甲\u200b方", ("unreachable", "甲\u200b方", "write 甲方"), id="a character of no width"),
    ],
)
def test_what_folding_takes_away_is_told(expression, told):
    """An expression is read as it is written and a text is folded: what to write instead stands in the remark."""
    assert told in remarks_on_expression(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "(?i)VIP.{0,4}客户",
        "vip客户",
        "[a-zA-Z]{2}甲",
        "甲[！!]",
        r"甲\?",
        r"\p{Han}{3}甲",
        "(?P<Name>甲)",
        "太{2}慢",
        "甲{0,3}乙",
    ],
)
def test_what_a_folded_text_may_hold_is_not_told(expression):
    """Flags, classes and names are no characters, and what stands there folded too is met."""
    assert remarks_on_expression(expression) == []


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


def test_rules_that_no_text_decides_are_named():
    """A comparison of texts says nothing of them, and says so."""
    written = (
        rule("{a: {any: [甲方]}}", name="one_text")
        + rule("{a: {any: [甲方]}, b: {any: [乙方], in: {after: a, turns: 3}}}", more=", when: b", name="turns")
        + rule("{a: {any: [甲方]}}", more=", only: {queue: [vip]}", name="attributes")
        + rule("{a: {any: [甲方]}}", more=", valid: {from: 2026-01-01}", name="days")
    )
    assert beyond_one_text(pack_with("rules:\n" + written)) == ("turns", "attributes", "days")


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
        pytest.param(rule(f"{{{UNHEARD}}}", more=", when: un"), "unreachable", id="not answered"),
        pytest.param(rule(f"{{{UNHEARD}}}", more=", when: a || un"), "unreachable", id="asked or not answered"),
        pytest.param(
            rule("{a: {any: [甲方], in: conversation}, b: {any: [乙方], in: {last_turns: 2}}}"),
            "unreachable",
            id="at some time, and at the end",
        ),
        pytest.param(
            rule("{a: {any: [甲方]}, b: {any: [乙方]}}", more=", when: a && !b")
            + rule("{a: {any: [甲方]}, b: {any: [乙方]}}", more=", when: b && !a", name="other"),
            "duplicate",
            id="the one without the other, and the other way round",
        ),
    ],
)
def test_no_remark_is_made(written, kind):
    """The other side of each boundary."""
    assert kind not in [found for found, _ in kinds("rules:\n" + written)]
