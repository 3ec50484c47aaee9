"""The loader: the shipped pack is right, and every mistake is told with file, line and what to write."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.load import DEFAULT_PACK, load_pack, parse_pack
from pipeline.rules.problems import RulePackError
from schemas.vocabulary import Level, ReasonGroup, ThreatGroup

SHIPPED = [(path.name, path.read_bytes()) for path in sorted(DEFAULT_PACK.glob("*.yaml"))]


def problems_of(*extra: tuple[str, str | bytes]) -> list[str]:
    """What is wrong with the shipped pack plus some files."""
    files = [(name, text if isinstance(text, bytes) else text.encode()) for name, text in extra]
    with pytest.raises(RulePackError) as caught:
        parse_pack([*SHIPPED, *files])
    return [str(problem) for problem in caught.value.problems]


def replaced(name: str, before: str, after: str) -> list[str]:
    """What is wrong with the shipped pack after a change in one file."""
    files = [
        (file, data.replace(before.encode(), after.encode(), 1) if file == name else data) for file, data in SHIPPED
    ]
    assert files != SHIPPED
    with pytest.raises(RulePackError) as caught:
        parse_pack(files)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_pack_loads():
    """Every level, threat group and reason group is there, and every leaf has words."""
    pack = load_pack()
    assert [spec.level for spec in pack.levels] == list(Level)
    assert {rule.group for rule in pack.threats} == set(ThreatGroup)
    assert {leaf.group for leaf in pack.reasons} == set(ReasonGroup) - {ReasonGroup.OTHER}
    assert len(pack.reasons) == 27
    assert all(leaf.words for leaf in pack.reasons)


def test_the_version_is_that_of_the_content():
    """Line endings and the order of files make no difference; a changed word does."""
    version = parse_pack(SHIPPED).version
    assert parse_pack([(name, data.replace(b"\n", b"\r\n")) for name, data in reversed(SHIPPED)]).version == version
    changed = [(name, data + b"# \n") if name == "tags.yaml" else (name, data) for name, data in SHIPPED]
    assert parse_pack(changed).version != version


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        pytest.param(
            "threats.yaml",
            '"12315", "12345"',
            '12315, "12345"',
            'is the number 12315, expected text; write "12315"',
            id="a bare number",
        ),
        pytest.param(
            "levels.yaml",
            "complaint_words:",
            "complaint_word:",
            "did you mean complaint_words?",
            id="a typing error in a key",
        ),
        pytest.param(
            "levels.yaml",
            "score: 40",
            "score: 70",
            "outside the band of potential; write a number from 30 to 59",
            id="score outside its band",
        ),
        pytest.param(
            "patterns.yaml",
            "level: potential",
            "group: legal\n    level: potential",
            "threatens, but its level is potential; write high_risk",
            id="a threat that is no high risk",
        ),
        pytest.param(
            "levels.yaml",
            "level: explicit",
            "level: explicitt",
            "write one of potential, explicit, high_risk",
            id="unknown level",
        ),
        pytest.param("levels.yaml", "太失望, ", "'', ", "is an empty text", id="empty word"),
        pytest.param("levels.yaml", "太失望, ", "太失望, 太失望, ", "repeats 太失望", id="repeated word"),
        pytest.param(
            "levels.yaml",
            "太失望, ",
            "yes, 太失望, ",
            'is the truth value yes, expected text; write "yes"',
            id="the Norway problem",
        ),
        pytest.param(
            "levels.yaml",
            "band: [30, 59]",
            "band: [20, 59]",
            "must start above 29, where none ends",
            id="overlapping bands",
        ),
        pytest.param("guards.yaml", "'撤诉|", "'(撤诉|", "is no RE2 expression: missing )", id="broken expression"),
        pytest.param("guards.yaml", "'撤诉|", "'(?<!不)撤诉|", "RE2 has no look-around", id="look-behind"),
        pytest.param(
            "guards.yaml", "'撤诉|", "'(撤诉)?|", "matches the empty text", id="an expression that fits everything"
        ),
        pytest.param(
            "reasons.yaml", "ca_nature: 质量", "ca_nature: 品质", "write one of 售后服务, 质量", id="unknown nature"
        ),
        pytest.param("threats.yaml", "  legal:", "  legals:", "did you mean legal?", id="unknown threat group"),
        pytest.param(
            "guards.yaml",
            "  violence_told, harm_told",
            "  violence_tod, harm_told",
            "civic_only[0]: violence_tod is no pattern of this pack; did you mean violence_told?",
            id="a list that names no pattern",
        ),
        pytest.param(
            "agents.yaml",
            "zh: 激化对抗",
            f"zh: {'激' * 201}",
            "has 201 characters; write at most 200",
            id="a long name",
        ),
        pytest.param(
            "service.yaml",
            "en: greeting",
            f"en: {'g' * 201}",
            "has 201 characters; write at most 200",
            id="and in English",
        ),
        pytest.param(
            "guards.yaml", "civic_requests: [", "civic_requests: [pleas, ", "pleas is no cue or pattern", id="nor a cue"
        ),
        pytest.param(
            "guards.yaml", "civic_channels: [", "civic_channels: [小报, ", "小报 is no threat word", id="nor a threat"
        ),
    ],
)
def test_a_mistake_is_told(name, before, after, told):
    """Each message names the file and the line and says what to write."""
    found = [problem for problem in replaced(name, before, after) if told in problem]
    assert found, replaced(name, before, after)
    assert found[0].startswith(f"{name}:")
    assert int(found[0].split(":")[1]) > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("cues:\n  a: [", "is not YAML", id="syntax"),
        pytest.param("cues: {}\n", "cues: was already written in levels.yaml", id="a section in two files"),
        pytest.param("x: &a [1]\ny: *a\n", "uses the alias *a; write the value out", id="alias"),
        pytest.param("tags: 1\n---\ntags: 2\n", "second document", id="two documents"),
        pytest.param("- a\n", "must start with sections", id="a list at the top"),
        pytest.param("", "is empty", id="empty file"),
        pytest.param("a: " + "[" * 40 + "]" * 40, "nested deeper", id="deep nesting"),
        pytest.param(b"\xff\xfe\x00", "is not UTF-8", id="another encoding"),
        pytest.param("foo: 1\nfoo: 2\n", "was already written on line 1", id="a key twice"),
        pytest.param("12315: 1\n", 'has the number 12315 as key, expected text; write "12315"', id="a number as key"),
        pytest.param('a: "\\U00110000"\n', "is not YAML", id="a character that does not exist"),
    ],
)
def test_a_bad_file_is_told(text, told):
    """A file that cannot be read at all is a problem like any other."""
    assert any(told in problem and problem.startswith("zz.yaml") for problem in problems_of(("zz.yaml", text)))


def test_all_problems_come_at_once():
    """Nobody has to mend a pack one message at a time."""
    files = [(name, data.replace(b"score: 40", b"score: x", 1).replace(b"zh: ", b"zhh: ", 1)) for name, data in SHIPPED]
    with pytest.raises(RulePackError) as caught:
        parse_pack(files)
    assert len({problem.file for problem in caught.value.problems}) >= 4


def test_a_folder_without_files(tmp_path):
    """An empty or missing folder is told, not taken for an empty pack."""
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(RulePackError, match=r"holds no \*.yaml"):
            load_pack(folder)


def test_traditional_words_are_folded():
    """A rule's author may write either script."""
    files = [(name, data.replace("太失望, ".encode(), "太過離譜, ".encode(), 1)) for name, data in SHIPPED]
    assert "太过离谱" in parse_pack(files).cues[0].words


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_a_pack_or_a_rule_pack_error(data):
    """Nothing else is ever raised."""
    with pytest.raises(RulePackError):
        parse_pack([("any.yaml", data)])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
SECTION_NAMES = st.sampled_from(["levels", "cues", "patterns", "weak", "threats", "guards", "traps", "reasons", "tags"])


@settings(max_examples=150)
@given(st.dictionaries(SECTION_NAMES, VALUES, min_size=1, max_size=3))
def test_any_values_in_sections_are_told(sections):
    """Values of every wrong kind in the place of every section."""
    with pytest.raises(RulePackError):
        parse_pack([("any.yaml", yaml.safe_dump(sections, allow_unicode=True).encode("utf-8", "replace"))])


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_key_that_is_no_text_is_told(key):
    """Also at the top of a file."""
    assert problems_of(("own.yaml", f"? {key}\n: c\n")) == [
        "own.yaml:1: has a key that is no text; write a plain word as key"
    ]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        pytest.param("patterns: {own: {level: potential, score: 40, anchors: [退], match: %s}}", "patterns.own.match"),
        pytest.param("links: %s", "links"),
    ],
)
def test_expressions_are_tried_together(section, path):
    """Each alone is small enough for RE2, both together are not: told when they are read, not by the first text."""
    found = problems_of(("own.yaml", section % r"['退\pL{90}', '换\pL{90}']"))
    assert f"own.yaml:1: {path}: is together too large for RE2; write fewer or shorter expressions" in found


def test_every_level_and_threat_has_its_card():
    """Nobody on the line is left without advice, least of all when a person may come to harm."""
    told = replaced("advice.yaml", "  safety_self_harm:", "  safety_self_ham:")
    assert any("did you mean safety_self_harm" in line for line in told)
    data = b"".join(data for name, data in SHIPPED if name == "advice.yaml")
    without = data[: data.index(b"  influence:")]
    files = [(name, without if name == "advice.yaml" else each) for name, each in SHIPPED]
    with pytest.raises(RulePackError) as caught:
        parse_pack(files)
    assert "advice.influence" in str(caught.value)


def test_advice_is_in_both_languages():
    """Chinese first, English second, nothing empty."""
    pack = load_pack()
    texts = [text for card in pack.advice.values() for text in (card.say, card.avoid, card.next_step)]
    texts += [text for kind in pack.customer_types for text in (kind.handling, kind.avoid)]
    assert all(text.zh and text.en.isascii() for text in texts)
    assert {kind.id for kind in pack.customer_types} == {
        *("emotional", "righteous", "stubborn", "prepared", "influential"),
        *("aggressive", "vulnerable", "cooperative", "soft"),
    }
