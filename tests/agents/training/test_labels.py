"""Labelled files: what a line may hold, and that everything wrong is told at once, with its place."""

import orjson
import pytest

from agents.training.labels import LabelsError, joined, read_labels, unlike
from schemas.vocabulary import Level, Role

LEAVES = {"refund", "attitude"}


def lines(tmp_path, *rows, name="ours.jsonl"):
    """A file of these rows; bytes stand as they are."""
    file = tmp_path / name
    file.write_bytes(b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows))
    return file


def test_a_line_says_all_that_training_needs(tmp_path):
    """Both names of the last level, coarse reasons and leaves, and a dialogue as one group."""
    file = lines(
        tmp_path,
        {"id": "d#3", "text": "催了三次", "level": "high", "reasons": ["refund", "response_slow"], "channel": "call"},
        b"",
        {"id": "x", "text": "好", "level": "none", "role": "agent", "group": "g", "source": "s"},
    )
    first, second = read_labels([file], leaves=LEAVES)
    assert first == (
        "d#3",
        "催了三次",
        Role.CUSTOMER,
        Level.HIGH_RISK,
        ("refund", "response_slow"),
        "ours",
        "call",
        "d",
        False,
    )
    assert (second.level, second.role, second.group, second.source) == (Level.NONE, Role.AGENT, "g", "s")


def test_everything_wrong_is_told_at_once(tmp_path):
    """File, line, field and what was expected; never what stands there."""
    file = lines(
        tmp_path,
        b"{not json",
        {"id": "a", "text": "秘密的话", "level": "severe", "reasons": ["nonsense"], "role": "boss"},
        {"id": 7, "text": " ", "level": "none", "reasons": "refund"},
        {"id": "b", "text": "好", "level": "none"},
        {"id": "b", "text": "好", "level": "none"},
        [1],
    )
    with pytest.raises(LabelsError) as refusal:
        read_labels([file], leaves=LEAVES)
    told = [problem.removeprefix(f"{file}:") for problem in refusal.value.problems]
    assert [each.split(": expected")[0].split(": is")[0] for each in told] == [
        "1: $",
        "2: $.role",
        "2: $.level",
        "2: $.reasons[0]",
        "3: $.id",
        "3: $.text",
        "3: $.reasons",
        "5: $.id",
        "6: $",
    ]
    assert "秘密" not in str(refusal.value)


@pytest.mark.parametrize(
    ("row", "is_labelled", "field"),
    [
        pytest.param({"level": "none", "role": []}, True, "role", id="a role that is a list"),
        pytest.param({"level": "none", "role": {}}, True, "role", id="a role that is an object"),
        pytest.param({"level": ""}, False, "level", id="an empty level without labels"),
        pytest.param({"level": "furious"}, False, "level", id="an unknown level without labels"),
        pytest.param({"level": ["none"]}, False, "level", id="a list of levels without labels"),
    ],
)
def test_what_is_no_name_is_told_with_its_place(tmp_path, row, is_labelled, field):
    """Of labelled texts and of those without labels: never a traceback."""
    file = lines(tmp_path, {"id": "a", "text": "好", **row})
    with pytest.raises(LabelsError) as refusal:
        read_labels([file], leaves=LEAVES, is_labelled=is_labelled)
    assert refusal.value.problems[0].startswith(f"{file}:1: $.{field}: expected one of ")


def test_texts_without_labels_need_no_level(tmp_path):
    """The rules' findings stand in for it."""
    (example,) = read_labels([lines(tmp_path, {"id": "a", "text": "好"})], leaves=LEAVES, is_labelled=False)
    assert example.level is None


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        pytest.param([("a", "甲"), ("b", "乙")], ["a", "b"], id="nothing in common"),
        pytest.param([("a", "甲"), ("b", " 甲 ")], ["a", "a"], id="the same but for blanks"),
        pytest.param([("a", "甲"), ("b", "乙"), ("c", "甲"), ("c", "乙")], ["a"] * 4, id="one joins two others"),
        pytest.param([("a", "甲"), ("b", "甲"), ("b", "乙"), ("c", "乙")], ["a"] * 4, id="a chain"),
        pytest.param([("a", "甲"), ("a", "甲")], ["a", "a"], id="twice in one group"),
    ],
)
def test_groups_that_share_a_text_are_one(tmp_path, rows, groups):
    """Their other texts too: none may stand in two folds. What is for practice joins nothing."""
    file = lines(
        tmp_path,
        *(
            {"id": f"x{number}", "group": group, "text": text, "level": "none"}
            for number, (group, text) in enumerate(rows)
        ),
    )
    examples = read_labels([file], leaves=LEAVES)
    names = [example.group for example in joined(examples)]
    assert [names.index(name) for name in names] == [groups.index(group) for group in groups]
    assert [example.text for example in joined(examples)] == [text for _, text in rows]
    practice = [example._replace(practice=True) for example in examples]
    assert joined(practice) == practice


def test_what_is_judged_is_left_out(tmp_path):
    """Word for word, but for blanks at its ends."""
    rows = [{"id": f"x{number}", "text": text, "level": "none"} for number, text in enumerate(("甲", " 乙", "甲乙"))]
    examples = read_labels([lines(tmp_path, *rows)], leaves=LEAVES)
    judged = [examples[0]._replace(text="乙"), examples[0]]
    assert [example.id for example in unlike(examples, judged)] == ["x2"]
