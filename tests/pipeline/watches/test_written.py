"""Mistakes in a rule are told when it is read, with file, line and what to write; none is left for a live text."""

import pytest

from pipeline.rules.load import parse_pack
from pipeline.rules.problems import RulePackError
from tests.support.made_rules import SHIPPED, pack_with

OWN = "rules:\n  own: {{zh: 规则, conditions: {}, then: {{tag: own}}, when: a}}\n"


def problems_of(text: str) -> list[str]:
    """What is wrong with a file beside the shipped pack."""
    try:
        parse_pack([*SHIPPED, ("own.yaml", text.encode())])
    except RulePackError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        pytest.param(
            "{a: {any: [退], in: {after: start, seconds: 30}}}",
            ".in: names start, which is no condition; write in: {first_turns: n} or {first_seconds: n}",
            id="after the start",
        ),
        pytest.param(
            "{a: {any: [退], in: {before: end, turns: 2}}}",
            ".in: names end, which is no condition; write in: {last_turns: n} or {last_seconds: n}",
            id="before the end",
        ),
        pytest.param(
            "{a: {any: [退], in: {around: start}}}", ".in: names start, which is no condition", id="around the start"
        ),
        pytest.param(
            "{x: {any: [钱]}, a: {any: [退], in: {after: x, hit: 6}}}",
            ".in.hit: must be a number from -1 to 5",
            id="a hit that is not remembered",
        ),
        pytest.param(
            "{x: {any: [钱]}, a: {any: [退], in: {after: x, hit: 0}}}",
            ".in: hit must be 1 for the first … 5 for the fifth, or -1 for the last",
            id="no hit",
        ),
        pytest.param(
            "{a: {any: [退], in: conversation, in: {first_turns: 1}}}",
            ".in: was already written on line 2; keep one of them",
            id="two places",
        ),
        pytest.param("{a: {none: [退], in: conversation}}", ": none is about one turn", id="none of a conversation"),
        pytest.param("{a: {none: [退], in: {last_turns: 1}}}", "and !x in when", id="none of the last turns"),
        pytest.param("{a: {none: [退], in: {recent_seconds: 9}}}", ": none is about one turn", id="none lately"),
        pytest.param(
            "{x: {any: [钱]}, a: {none: [退], in: {after: x, turns: 2}}}", ": none is about one turn", id="none after"
        ),
        pytest.param(
            r"{a: {regex: {anchors: [退], match: ['退\pL{90}', '换\pL{90}']}}}",
            ".regex.match: is together too large for RE2; write fewer or shorter expressions",
            id="two expressions that are large together",
        ),
        pytest.param(
            "{a: {regex: {anchors: [退], match: [退], unless: ["
            + ", ".join(f"'{n}.{{0,900}}Y'" for n in range(32))
            + "]}}}",
            ".regex.unless: is together too large for RE2",
            id="many expressions against",
        ),
        pytest.param(
            "{a: {similar: {to: [你们电话打不通, a b c d], share: 0.5}}}",
            ".similar.to[1]: has no two characters side by side to compare; write a sentence",
            id="a sentence without pairs",
        ),
        pytest.param("{a: {speech_rate: {under: 0}}}", ": speech_rate is never under 0", id="slower than silence"),
    ],
)
def test_a_condition_that_cannot_work_is_refused(conditions, told):
    """One problem, at its line, with what to write instead."""
    (problem,) = problems_of(OWN.format(conditions))
    assert problem.startswith("own.yaml:2: rules.own.conditions.a")
    assert told in problem


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param("{x: {any: [钱]}, a: {any: [退], in: {after: x, hit: 5}}}", id="the last hit that is remembered"),
        pytest.param("{x: {any: [钱]}, a: {any: [退], in: {after: x, hit: -1}}}", id="the newest hit"),
        pytest.param("{x: {any: [钱]}, a: {all: [退], in: {first_turns: 2}}}", id="the beginning"),
        pytest.param("{a: {none: [退], in: {first_seconds: 9}, every: true}}", id="none in all of the beginning"),
        pytest.param("{a: {none: [退], in: conversation, every: true}}", id="none in all turns"),
        pytest.param(r"{a: {regex: {anchors: [退], match: ['退\pL{90}'], unless: ['换\pL{90}']}}}", id="one in each"),
        pytest.param("{a: {similar: {to: [a b cd], share: 0.5}}}", id="a sentence with one pair"),
        pytest.param("{a: {speech_rate: {under: 0.5}}}", id="very slow"),
        pytest.param("{a: {speech_rate: {over: 0}}}", id="any speech at all"),
    ],
)
def test_what_works_is_not_refused(conditions):
    """The other side of each border, where the rest of the rule is sound."""
    text = "rules:\n  own: {zh: 规则, conditions: " + conditions + ", then: {tag: own}, when: w && a}\n"
    assert problems_of(text.replace("conditions: {", "conditions: {w: {any: [款]}, ")) == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        pytest.param(
            "{zh: 规则, conditions: {a: {any: [退款], in: conversation, every: true}},"
            " then: {level: explicit, score: 70}}",
            "rules.own.then: has a level, but every: true names no turn of the customer that could show it",
            id="a level that no turn shows",
        ),
        pytest.param(
            "{zh: 规则, conditions: {a: {any: [退款]}}, only: {channel: [wechat]}, then: {tag: own}}",
            "rules.own.only.channel[0]: is wechat; write one of voice, chat, ticket",
            id="a channel that no conversation has",
        ),
        pytest.param(
            "{zh: " + "规" * 201 + ", conditions: {a: {any: [退款]}}, then: {check: own, severity: major}}",
            "rules.own.zh: has 201 characters; write at most 200",
            id="a name that fits no record",
        ),
    ],
)
def test_a_rule_that_never_works_is_refused(rule, told):
    """What would load, and then do nothing or break what it says."""
    (problem,) = problems_of("rules:\n  own: " + rule + "\n")
    assert told in problem


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            "{zh: 规则, conditions: {a: {any: [退款], in: conversation, every: true},"
            " b: {any: [赔钱], in: conversation}}, then: {level: explicit, score: 70}}",
            id="a level that another condition shows",
        ),
        pytest.param(
            "{zh: 规则, conditions: {a: {any: [退款], in: conversation, every: true}}, then: {tag: own}}",
            id="every, with a tag",
        ),
        pytest.param(
            "{zh: " + "规" * 200 + ", conditions: {a: {any: [退款]}}, only: {channel: [voice]}, then: {tag: own}}",
            id="a name of full length, and a channel",
        ),
    ],
)
def test_a_rule_that_works_is_not_refused(rule):
    """The other side."""
    assert problems_of("rules:\n  own: " + rule + "\n") == []


@pytest.mark.parametrize(
    ("rule_id", "is_id"),
    [
        pytest.param("a" * 41, True, id="longer than a path shows"),
        pytest.param("a" * 60, True, id="sixty characters"),
        pytest.param("a" * 61, False, id="one more"),
        pytest.param("vip.refund", False, id="with a dot"),
        pytest.param("退款", False, id="Han characters"),
    ],
)
def test_the_id_of_a_rule_is_its_whole_key(rule_id, is_id):
    """Neither cut where it is long nor taken from behind a dot."""
    text = OWN.format("{a: {any: [退款]}}").replace("own:", f"{rule_id}:", 1)
    if is_id:
        assert rule_id in {rule.id for rule in pack_with(text).rules}
    else:
        (problem,) = problems_of(text)
        assert problem.startswith("own.yaml:2: rules.")
        assert problem.endswith("is no id; write letters, digits and _, at most 60")


def test_a_collection_names_no_other():
    """The name of another would be looked for as if somebody said it."""
    (problem,) = problems_of("collections:\n  small: [退款]\n  large:\n    - 退钱\n    - $small\n")
    assert problem == (
        "own.yaml:5: collections.large[1]: names $small; write its words here, or both names in the condition"
    )


def test_a_price_in_a_collection_is_a_word():
    """A dollar sign before digits names nothing."""
    assert problems_of("collections:\n  prices: [$100]\n") == []


def keys_of(text):
    """The names that the conditions of some rules have among all, by rule and condition."""
    pack = pack_with("rules:\n" + text)
    return {f"{rule.id}/{each.name}": each.key for rule in pack.rules for each in rule.conditions}


FIRST = "  first: {zh: 规则, conditions: {a: {any: [退款], in: conversation}, b: {any: [钱]}}, then: {tag: t}}\n"
SECOND = FIRST.replace("first", "second").replace("钱", "款")


def test_a_condition_is_named_after_what_it_asks():
    """Whichever rule comes first, whoever else asks it; other words, another speaker or another place are another."""
    keys = keys_of(FIRST + SECOND)
    assert keys["first/a"] == keys["second/a"]
    assert keys["first/b"] != keys["second/b"]
    assert keys_of(SECOND + FIRST) == keys
    assert keys_of(SECOND)["second/a"] == keys["second/a"]
    others = (("退款", "退钱"), ("any: [退款]", "any: [退款], by: agent"), ("in: conversation", "in: {first_turns: 2}"))
    for old, new in others:
        assert keys_of(FIRST.replace(old, new))["first/a"] != keys["first/a"]


def test_a_condition_that_names_another_is_another_where_that_one_is():
    """What waits for an apology waits for something else when other words are one."""
    text = (
        "  first: {zh: 规则, conditions: {x: {any: [漏水]}, y: {any: [抱歉], by: agent}, "
        "a: {not_said: y, after: x, within_seconds: 30}}, then: {check: t, severity: minor}}\n"
    )
    keys = keys_of(text)
    assert keys_of(text)["first/a"] == keys["first/a"]
    for old, new in (("漏水", "漏电"), ("抱歉", "对不起"), ("30", "31")):
        assert keys_of(text.replace(old, new))["first/a"] != keys["first/a"]
