"""What training refuses before it fits anything, and small files that it takes: one sentence, never a traceback."""

import orjson
import pytest

from agents.files.models import load_model
from agents.training.evaluate import prepare
from agents.training.labels import read_labels
from pipeline.rules.load import load_pack
from tests.support.commands import tocsin

SAYINGS = {
    "none": "想了解一下{}",
    "potential": "{}怎么这么慢",
    "explicit": "我要投诉{}",
    "high_risk": "{}的事我现在就打12315",
}
THINGS = ["风车", "茶壶", "地毯", "台灯", "雨伞", "书架", "闹钟", "花瓶"]


def rows(*, groups=8, reasons=()):
    """Each level eight times, in so many groups of its own."""
    return [
        {
            "id": f"{level}-{number}",
            "text": saying.format(thing),
            "level": level,
            "group": f"{level}-{number % groups}",
            "reasons": [] if level == "none" else list(reasons),
        }
        for level, saying in SAYINGS.items()
        for number, thing in enumerate(THINGS)
    ]


def written(file, lines):
    """These lines as a file; its name."""
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    return str(file)


def test_held_out_texts_are_neither_taught_nor_hard_sentences(tmp_path):
    """By their group, and word for word under another id; both are told with both ids."""
    labelled = written(tmp_path / "labelled.jsonl", rows())
    hard = written(
        tmp_path / "hard.jsonl",
        [{"id": "k1", "text": "让管的人来", "level": "high_risk"}, {"id": "k2", "text": "好的", "level": "none"}],
    )
    out = tmp_path / "ours.npz"
    for line, said in (
        ({"id": "h", "text": " 我要投诉茶壶 "}, "h: held out, but word for word explicit-1 of a file"),
        ({"id": "h", "text": "让管的人来\n"}, "h: held out, but word for word k1 of a file"),
        ({"id": "k1#7", "text": "别的话"}, "k1#7: held out, but of a group in another file"),
    ):
        apart = written(tmp_path / "apart.jsonl", [{**line, "level": "explicit"}])
        done = tocsin("model", "train", labelled, "--hard", hard, "--held-out", apart, "--out", str(out))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"tocsin: {said}")
        assert not out.exists()


def test_texts_without_labels_that_are_held_out_teach_nothing(tmp_path):
    """As those that are judged: left out by group and word for word."""
    pack = load_pack()

    def of(name, lines, **options):
        return read_labels([tmp_path / name], leaves=(), **options) if written(tmp_path / name, lines) else []

    examples = of("labelled.jsonl", rows())
    held_out = of("apart.jsonl", [{"id": "h#1", "text": "瓦罐瓦罐", "level": "none"}])
    kept = [{"id": f"u{number}", "text": f"{row['text']}呢"} for number, row in enumerate(rows())]
    same = [{"id": "x", "text": " 瓦罐瓦罐"}, {"id": "h#2", "text": "瓦罐瓦罐呢"}]
    others = of("more.jsonl", [*kept, *same], is_labelled=False)
    fewer = of("fewer.jsonl", kept, is_labelled=False)
    found, expected = prepare(examples, others, pack, (), held_out), prepare(examples, fewer, pack)
    assert (found.taught.idf == expected.taught.idf).all()
    assert (prepare(examples, others, pack).taught.idf != expected.taught.idf).any()


def test_no_model_is_judged_by_a_text_that_it_was_taught(tmp_path):
    """The same lines under other ids stand in the folds of the first; what is fitted is all of them."""
    again = [{**row, "id": f"again-{row['id']}", "group": f"again-{row['id']}"} for row in rows()]
    examples = read_labels([tmp_path / "l.jsonl"], leaves=()) if written(tmp_path / "l.jsonl", rows() + again) else []
    fit = prepare(examples, [], load_pack())
    assert len(fit.examples) == len(examples)
    folds = fit.folds(4)
    assert len(folds) == 4
    for train, test in folds:
        assert {fit.examples[place].text for place in train}.isdisjoint(fit.examples[place].text for place in test)


def test_what_is_judged_is_neither_practised_nor_hard(tmp_path):
    """Left out and counted, where its id and group do not tell."""
    practice = [{**row, "id": f"p-{row['id']}", "group": f"p-{row['id']}"} for row in rows()[:3]]
    practice[0]["text"] += "呢"
    hard = [
        {"id": "k1", "text": rows()[-1]["text"] + "\n", "level": "high_risk"},
        {"id": "k2", "text": "让管的人来", "level": "high_risk"},
        {"id": "k3", "text": "好的", "level": "none"},
    ]
    out = tmp_path / "ours.npz"
    done = tocsin(
        *("model", "train", written(tmp_path / "l.jsonl", rows()), "--out", str(out), "--no-evaluate"),
        *("--practice", written(tmp_path / "p.jsonl", practice), "--hard", written(tmp_path / "h.jsonl", hard)),
    )
    assert done.returncode == 0, done.stderr
    assert "2 left out of --practice: word for word a text that is judged\n" in done.stderr
    assert "1 left out of --hard: word for word a text that is judged\n" in done.stderr
    assert "2 sentences written for it" in out.with_suffix(".md").read_text("utf-8")


def test_a_level_of_one_text_is_refused(tmp_path):
    """Two groups that hold the same text are one."""
    lines = [{**row, "text": "现在就打12315"} if row["level"] == "high_risk" else row for row in rows()]
    done = tocsin(
        "model", "train", written(tmp_path / "l.jsonl", lines), "--out", str(tmp_path / "m.npz"), "--no-evaluate"
    )
    assert done.returncode == 2
    assert "high_risk: all texts of this level are of one group, high_risk-0; expected" in done.stderr


def test_a_level_of_one_group_is_refused(tmp_path):
    """It could not be judged by a model that did not see its group."""
    lines = [{**row, "group": "g"} if row["level"] == "high_risk" else row for row in rows()]
    done = tocsin(
        "model", "train", written(tmp_path / "l.jsonl", lines), "--out", str(tmp_path / "m.npz"), "--no-evaluate"
    )
    assert done.returncode == 2
    assert done.stderr == (
        "tocsin: high_risk: all texts of this level are of one group, g; expected at least two groups\n"
    )


@pytest.mark.parametrize(
    ("lines", "practice"),
    [
        pytest.param(rows(groups=2), [], id="two groups of each level, and no reasons"),
        pytest.param(rows(groups=2, reasons=("attitude",)), [], id="reasons in two groups of each level"),
        pytest.param(rows(reasons=("other",)), [], id="a reason that no leaf answers"),
        pytest.param(
            [{**row, "group": f"g{number % 2}"} for number, row in enumerate(rows(reasons=("refund",)))],
            [],
            id="two groups",
        ),
        pytest.param(
            rows(),
            [
                {"id": f"{reason}{number}", "text": text, "reasons": [reason]}
                for reason, text in (("refund", "退钱"), ("attitude", "骂人"))
                for number in range(9)
            ],
            id="reasons in practice only",
        ),
        pytest.param(rows()[::4], [], id="two texts of each level"),
    ],
)
def test_small_files_are_trained_on_and_judged(tmp_path, lines, practice):
    """With fewer folds, or with a threshold at even odds where nothing can be judged."""
    options = ["--practice", written(tmp_path / "p.jsonl", practice)] if practice else []
    out = tmp_path / "ours.npz"
    done = tocsin("model", "train", written(tmp_path / "l.jsonl", lines), *options, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert load_model(str(out)).version in done.stdout
    assert "## Cross-validation" in out.with_suffix(".md").read_text("utf-8")


def test_a_reason_of_few_texts_is_named_as_not_learned(tmp_path):
    """To whoever trains, and on the card."""
    lines = rows(reasons=("attitude",))
    for number, row in enumerate(lines):
        if row["reasons"] and number % 2:
            row["reasons"] = ["refund"]
    lines[-1]["reasons"] = ["overcharge"]
    out = tmp_path / "ours.npz"
    done = tocsin("model", "train", written(tmp_path / "l.jsonl", lines), "--out", str(out), "--no-evaluate")
    assert done.returncode == 0
    assert "not learned, too few texts have it or have it not: overcharge\n" in done.stderr
    assert "have it or have it not: overcharge." in out.with_suffix(".md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("evaluate", "/dev/null", "--model", "builtin"), "expected labelled texts, found none", id="none"),
        pytest.param(("evaluate", "/dev/null", "--model", "off"), "off: 没有模型 no model; give a file", id="off"),
        pytest.param(("inspect", "off"), "off: 没有模型 no model; give a file or builtin", id="inspect off"),
        pytest.param(("train", "/dev/null", "--out", "m.zip"), "expected a name that ends in .npz", id="a suffix"),
        pytest.param(("train", "/dev/null", "--out", "/no/m.npz"), "there is no folder /no", id="a folder"),
        pytest.param(
            ("reader", "/dev/null", "--base", "/dev/null", "--out", "m.npz"), "ends in .onnx", id="a reader's suffix"
        ),
    ],
)
def test_one_sentence_and_two(arguments, said):
    """What cannot be done, before anything is."""
    done = tocsin("model", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
