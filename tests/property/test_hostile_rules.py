"""Rule files and texts made to hang or crash a worker: each is refused with its place, or read in bounded time."""

import json
from pathlib import Path
from random import Random
from time import process_time

import pytest
import re2
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.conversation.heard import hear
from pipeline.rules.expressions import one_set
from pipeline.rules.load import parse_pack
from pipeline.rules.problems import RulePackError
from pipeline.tagging import Tagger
from pipeline.watches.model import Operator
from schemas.vocabulary import Role
from tests.support.made_rules import pack_with, small_pack

SMALL = small_pack()
ROLES = [Role.CUSTOMER, Role.AGENT]
RULE = "rules:\n  own: {{zh: 规则, conditions: {conditions}, then: {{level: potential, score: 40}}}}\n"
CATASTROPHES = [
    "(a+)+$",
    "(a|a)*b",
    "(a|aa)+$",
    "(.*)*x",
    "(退|退退)+款$",
    "(.*a){20}",
    "((a{1,9}){1,9}){1,9}b",
    "(x+x+)+y",
    r"(\w+\s?)*$x",
    ".*.*.*.*.*退",
    "(?i)(退款?)+(退款?)+$",
]


def refused(data: bytes) -> list[str]:
    """The problems of a file beside the shipped pack; an empty list where it is accepted."""
    try:
        parse_pack([*SMALL, ("own.yaml", data)])
    except RulePackError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_what_is_refused_is_the_file_beside_the_pack():
    """Else the tests below would show nothing: whatever they try would be refused."""
    assert refused(RULE.format(conditions="{a: {any: [退款]}}").encode()) == []


@pytest.mark.parametrize("expression", CATASTROPHES)
def test_no_expression_hangs(expression):
    """What makes other engines run for years is refused, or read over 8,000 characters within a second."""
    text = RULE.format(conditions=f"{{a: {{regex: {{anchors: [退, aa], match: ['{expression}']}}}}}}")
    if refused(text.encode()):
        return
    tagger = Tagger(pack_with(text))
    texts = ["a" * 7_999 + "!", "退" * 8_000, "退款" * 4_000, "x" * 8_000 + "aa", "aa " * 2_666]
    started = process_time()
    hear(texts, [Role.CUSTOMER] * len(texts), tagger)
    assert process_time() - started < 5.0


def crowd(count: int, gap: int) -> str:
    """So many rules that look for something some way behind the same anchor."""
    rules = (
        f"  r{number}: {{zh: 规则, then: {{tag: x}}, conditions: "
        f"{{a: {{regex: {{anchors: [退款], match: ['退款.{{0,{gap}}}[投举]诉{number}']}}}}}}}}\n"
        for number in range(count)
    )
    return "rules:\n" + "".join(rules)


def repeating(seed: int) -> str:
    """A text that brings the anchor again and again, each time with something else behind it."""
    parts = ["退款", "退款", "我", "要", "不", "的", "了a", "人", "天", "举报", "投诉1"]
    return "".join(Random(seed).choices(parts, k=6_000))[:8_000]


def test_a_crowd_of_expressions_stays_small():
    """Texts that meet them all leave no gigabytes behind: 120 of them took 550 MB, and two more texts as much."""
    tagger = Tagger(pack_with(crowd(120, 30)))
    pages = Path("/proc/self/statm")
    before = int(pages.read_text().split()[1])
    for seed in range(4):
        tagger.tag([repeating(seed)], ROLES[:1])
    grown = (int(pages.read_text().split()[1]) - before) * 4096
    assert grown < 600 * 1024 * 1024


def test_expressions_that_are_too_large_in_all_are_refused():
    """Each is small; a text would be read by all of them. Told once, at the rule that is one too many."""
    assert refused(crowd(100, 300).encode()) == []
    (problem,) = refused(crowd(150, 300).encode())
    assert problem.startswith("own.yaml:")
    assert "brings the expressions of rules to 30" in problem
    assert "write at most 300000: fewer of them, or smaller counts" in problem


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(("退款.{0,30}[投举]诉1",), id="one"),
        pytest.param(("退款.{0,30}投诉1", "退款.{0,40}举报退", "[要不].{0,20}人天"), id="several"),
        pytest.param(("退款.{0,300}举报[^退]{20}天", "(要.){3}不.{0,200}投诉1"), id="large"),
    ],
)
def test_a_set_that_forgets_finds_the_same(sources):
    """Where its memory is full a set begins anew: it never passes over what each expression finds alone."""
    asked = one_set(sources)
    assert asked is not None
    for seed in range(3):
        text = repeating(seed)
        for clause in (text, text[:200], text[:40], text[4_000:4_060], "人" * 3_000 + text[:900]):
            alone = [number for number, source in enumerate(sources) if re2.compile(source).search(clause)]
            assert sorted(asked.Match(clause.encode()) or ()) == alone


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        pytest.param("look-ahead", "(?=退)", "RE2", id="look-ahead"),
        pytest.param("back-reference", r"(.)\\1", "RE2", id="back-reference"),
        pytest.param("huge count", "退{100000}", "RE2", id="huge count"),
        pytest.param("nested counts", "((((退{99}){99}){99}){99}){99}", "RE2", id="nested counts"),
        pytest.param("all texts", "(退)*", "empty text", id="matches the empty text"),
        pytest.param("long", "退" * 1_001, "1000", id="too long"),
    ],
)
def test_an_expression_that_is_refused_names_its_line(name, data, told):
    """File, line, place and what is wrong."""
    text = RULE.format(conditions=f'{{a: {{regex: {{anchors: [退], match: ["{data}"]}}}}}}')
    (problem,) = refused(text.encode())
    assert problem.startswith("own.yaml:2: rules.own.conditions.a.regex.match[0]: ")
    assert told in problem


BOMBS = {
    "aliases": "a: &a [退款]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30)),
    "merge": "x: &x {y: 1}\nrules: {<<: *x}\n",
    "deep lists": "rules: " + "[" * 5_000 + "]" * 5_000,
    "deep mappings": "rules: " + "{a: " * 2_000 + "1" + "}" * 2_000,
    "many keys": "rules: {" + ", ".join(f"k{n}: 1" for n in range(20_000)) + "}",
    "many conditions": "rules: {own: {zh: x, then: {tag: x}, conditions: {"
    + ", ".join(f"k{n}: {{any: [退款]}}" for n in range(5_000))
    + "}}}",
    "long logic": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}}, when: '"
    + "(" * 50_000
    + "a'}}",
    "many nots": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}}, when: '" + "!" * 99 + "a'}}",
    "many names": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}}, when: '"
    + "&&".join(f"a{n}" for n in range(40))
    + "'}}",
    "huge numbers": "rules: {own: {zh: x, then: {level: potential, score: " + "9" * 400_000 + "}, conditions: {}}}",
    "huge word": "complaint_words: [" + "退" * 500_000 + "]",
    "huge seconds": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}, b: {not_said: a, after: start,"
    " within_seconds: 99999999999999999999}}}}",
    "a year beyond": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}},"
    " valid: {from: 99999-01-01}}}",
    "the first year": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款]}}, valid: {from: 0001-01-01,"
    " until: 0000-01-01}}}",
    "tags": "rules: !!python/object/apply:os.system ['true']",
    "binary": "rules: \x00",
    "too large": "# " + "x" * 3_000_000,
    "in a circle": "rules: {own: {zh: x, then: {tag: x}, conditions: {a: {any: [退款], in: {after: b}},"
    " b: {any: [退钱], in: {after: a}}}}}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon(name):
    """Every one is a list of problems, within seconds."""
    started = process_time()
    assert refused(BOMBS[name].encode())
    assert process_time() - started < 5.0


NAMES = st.sampled_from(["a", "b", "own", "start", "end", "退款", "", "1", "~", "true"])
WORDS = st.sampled_from(["退款", "$missing", "12315", "a", "。", "的" * 61, "投诉", "x y", "\u200b"])
OTHER_KEYS = """
by in every after before within_seconds count of words to chars match unless anchors share times
over_seconds over over_db first_turns last_seconds around hit turns seconds
"""
KEYS = [*Operator, *OTHER_KEYS.split()]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | WORDS | NAMES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, VALUES, max_size=3), st.text("ab&|!() 1", max_size=20))
@example({"a": {"any": ["退款"]}}, "a")
def test_any_rule_loads_or_is_refused(conditions, when):
    """Whatever stands under `conditions` and `when`: a pack, or a RulePackError, never another error."""
    rule = {"zh": "规则", "then": {"tag": "x"}, "conditions": conditions, "when": when}
    data = json.dumps({"rules": {"own": rule}}, ensure_ascii=False).encode()
    if not refused(data):
        Tagger(parse_pack([*SMALL, ("own.yaml", data)])).tag(["我要退款12315", "a投诉"], ROLES)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    """A file of anything."""
    refused(data)


EVERYTHING = pack_with(
    """
rules:
  every_operator:
    zh: 每种条件
    conditions:
      a: {any: [退, 款, 钱]}
      b: {all: [退, 款]}
      c: {gap: {words: [退, 款, 钱], chars: 60}}
      d: {near: {words: [退, 钱], to: [款, 货], chars: 60}}
      e: {not_near: {words: [退], to: [货], chars: 60}}
      f: {regex: {anchors: [退], match: ['退(.*退)*款', '(退|款)+$'], unless: ['(退?款?)+货']}}
      g: {similar: {to: [退款退钱退货款退, 把钱退给我好不好], share: 0.3}}
      h: {at_least: {count: 2, of: [退, 款, 货]}}
    when: a || b || c || d || e || f || g || h
    then: {level: potential, score: 40}
"""
)
TAGGER = Tagger(EVERYTHING)
LONG = ["退" * 1_000_000, "退款" * 500_000, "退，" * 500_000, "把钱退给我。" * 170_000, "退" + "\u0301" * 1_000_000]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_megabyte_of_text_is_read_in_bounded_time(text):
    """It is cut to 8,000 characters, and what is left costs no more than a second or two under every operator."""
    started = process_time()
    hear([text, text], ROLES, TAGGER)
    assert process_time() - started < 5.0


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("退款钱货，。! 把给我a1\u200b\ud800😀"), max_size=200))
def test_any_text_is_read(text):
    """Half characters, joined marks, nothing at all."""
    TAGGER.tag([text, text], ROLES)
