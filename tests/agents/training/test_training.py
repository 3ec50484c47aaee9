"""Training from the command line, on sentences made up for it: a model learns what no rule says, twice the same."""

import sys

import orjson
import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.files.models import load_model
from agents.training.evaluate import cross_validate, prepare
from agents.training.labels import read_labels
from pipeline.learned.scorer import Scorer
from pipeline.rules.load import load_pack
from pipeline.rules.snapshot import Snapshot
from pipeline.tagging import Tagger
from pipeline.text.normalize import normalize
from schemas.vocabulary import Level, Role
from tests.support.readers import reader_of

PLACES = ["门店", "柜台", "网点", "前台", "仓库", "窗口"]
THINGS = ["风车", "茶壶", "地毯", "台灯", "雨伞", "书架", "闹钟", "花瓶"]
SAYINGS = {
    "none": "想了解一下{place}有没有{thing}",
    "potential": "{place}的{thing}蔫头耷脑像打了霜",  # no rule knows the saying
    "explicit": "我要投诉{place}的{thing}",
    "high_risk": "{place}的{thing}，我现在就打12315",
}
run = CliRunner().invoke


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Labelled and unlabelled lines."""
    folder = tmp_path_factory.mktemp("lines")
    rows = [
        {
            "id": f"{level}-{place}-{thing}",
            "text": saying.format(place=place, thing=thing),
            "level": level,
            "reasons": [] if level == "none" else ["quality_defect" if level == "potential" else "attitude"],
            "source": "ours" if thing in THINGS[:4] else "theirs",
        }
        for level, saying in SAYINGS.items()
        for place in PLACES
        for thing in THINGS
    ]
    labelled, unlabelled = folder / "labelled.jsonl", folder / "unlabelled.jsonl"
    labelled.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    plain = [{"id": f"u{number}", "text": row["text"] + "呢"} for number, row in enumerate(rows)]
    unlabelled.write_bytes(b"\n".join(map(orjson.dumps, plain)))
    return labelled, unlabelled


@pytest.fixture(scope="module")
def trained(files, tmp_path_factory):
    """A model trained from the command line."""
    labelled, unlabelled = map(str, files)
    out = tmp_path_factory.mktemp("model") / "ours.npz"
    result = run(app, ["model", "train", labelled, "--unlabelled", unlabelled, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def test_a_model_learns_what_no_rule_says(trained):
    """In words that were not trained on."""
    text, roles = ["服务台的沙发蔫头耷脑像打了霜"], [Role.CUSTOMER]
    assert Tagger(load_pack()).tag(text, roles) == [None]
    (finding,) = Tagger(load_pack(), model=load_model(str(trained))).tag(text, roles)
    assert finding.level is Level.POTENTIAL
    assert finding.reasons == ("quality_defect",)


def test_written_sentences_teach_threats_that_no_rule_knows(files, tmp_path):
    """The words of sentences that stand beside the labelled texts, and are judged nowhere; the card counts them."""
    threat, harmless = "{place}的{thing}，回头请几位朋友上门唱戏", "{place}的{thing}，回头请几位朋友上门喝茶"
    rows = [
        {"id": f"hard-{level}-{place}-{thing}", "level": level, "text": saying.format(place=place, thing=thing)}
        for level, saying in (("high_risk", threat), ("none", harmless))
        for place in PLACES
        for thing in THINGS
    ]
    hard, out = tmp_path / "hard.jsonl", tmp_path / "ours.npz"
    hard.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    result = run(app, ["model", "train", str(files[0]), "--hard", str(hard), "--out", str(out)])
    assert result.exit_code == 0, result.output
    model = load_model(str(out))
    assert model.knows_threats
    odds = [
        Scorer(model, Snapshot(load_pack())).score(*normalize([text]), None)[0].log_odds[2]
        for text in ("服务台的沙发，过两天请几位朋友上门唱戏", "服务台的沙发，过两天请几位朋友上门喝茶")
    ]
    assert odds[0] > odds[1] + 2
    card = out.with_suffix(".md").read_text("utf-8")
    assert f"{len(rows)} sentences written for it" in card
    assert f"### all: {len(SAYINGS) * len(PLACES) * len(THINGS)} texts" in card


def test_hard_sentences_of_a_judged_group_are_refused(files, tmp_path):
    """Figures of what was taught would be too good."""
    hard = tmp_path / "hard.jsonl"
    hard.write_bytes(files[0].read_bytes().splitlines()[0])
    result = run(app, ["model", "train", str(files[0]), "--hard", str(hard), "--out", str(tmp_path / "m.npz")])
    assert result.exit_code != 0
    assert "hard sentence, but of a group in another file" in str(result.exception)


def test_the_same_lines_give_the_same_model(trained, files, tmp_path):
    """To the last bit: the version is a hash of the content."""
    out = tmp_path / "again.npz"
    result = run(
        app,
        ["model", "train", str(files[0]), "--unlabelled", str(files[1]), "--out", str(out), "--no-evaluate"],
    )
    assert result.exit_code == 0, result.output
    assert load_model(str(out)).version == load_model(str(trained)).version


def test_the_card_counts_and_quotes_nobody(trained):
    """Sources, figures, limits, and none of the texts."""
    card = trained.with_suffix(".md").read_text(encoding="utf-8")
    for expected in ("| ours |", "Macro-F1", "## Limits", load_model(str(trained)).version):
        assert expected in card
    assert "蔫头耷脑" not in card


def test_texts_held_out_are_shown_and_never_trained_on(files, tmp_path):
    """Their figures stand on the card, first; a text of a group that is trained on is refused."""
    labelled, unlabelled = map(str, files)
    apart, out = tmp_path / "apart.jsonl", tmp_path / "ours.npz"
    lines = files[0].read_bytes().splitlines()[::12]
    other = [line.replace(b'"id":"', b'"id":"apart-').replace(b'"text":"', '"text":"喂，'.encode()) for line in lines]
    apart.write_bytes(b"\n".join(other))
    train = ["model", "train", labelled, "--unlabelled", unlabelled, "--out", str(out), "--no-evaluate", "--held-out"]
    result = run(app, [*train, str(apart)])
    assert result.exit_code == 0, result.output
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert "## Texts held out" in card
    assert f"### all: {len(lines)} texts" in card
    assert "## Cross-validation" not in card
    refused = run(app, [*train, labelled])
    assert "held out, but of a group in another file" in str(refused.exception)


def test_practice_without_a_level_teaches_reasons_and_is_never_judged(files, trained, tmp_path):
    """A saying that only practice knows changes no level; its reason is told where there is a complaint."""
    labelled, unlabelled = map(str, files)
    practice, out = tmp_path / "practice.jsonl", tmp_path / "ours.npz"
    rows = [
        {
            "id": f"p{place}{thing}",
            "text": f"{place}的{thing}真叫人牙根痒痒",
            "reasons": ["refund"],
            "source": "practice",
        }
        for place in PLACES
        for thing in THINGS
    ]
    practice.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    options = ["--unlabelled", unlabelled, "--practice", str(practice)]
    result = run(app, ["model", "train", labelled, *options, "--out", str(out), "--no-evaluate"])
    assert result.exit_code == 0, result.output
    texts, roles = ["真叫人牙根痒痒", "真叫人牙根痒痒，我要投诉"], [Role.CUSTOMER] * 2
    with_it, without = (Tagger(load_pack(), model=load_model(str(file))).tag(texts, roles) for file in (out, trained))
    assert [finding.level for finding in with_it] == [finding.level for finding in without]
    assert "refund" in with_it[1].reasons
    assert "refund" not in without[1].reasons
    assert "| practice |" in out.with_suffix(".md").read_text(encoding="utf-8")
    judged = run(app, ["model", "evaluate", labelled, *options, "--json"])
    figures = orjson.loads(judged.stdout)
    assert figures.keys() == {"all", "source ours", "source theirs"}
    judged_count = sum(row["support"] for row in figures["all"]["levels"].values())
    assert judged_count == len(files[0].read_bytes().splitlines())
    refused = run(app, ["model", "train", labelled, "--practice", labelled, "--out", str(out), "--no-evaluate"])
    assert "practice, but of a group in another file" in str(refused.exception)


def test_practice_with_a_level_teaches_it(files, trained, tmp_path):
    """The same saying as none, which else reads as displeasure; a line with neither level nor reason is refused."""
    labelled, unlabelled = map(str, files)
    practice, out = tmp_path / "practice.jsonl", tmp_path / "ours.npz"
    rows = [
        {"id": f"p{place}{thing}", "text": f"{place}的{thing}真叫人牙根痒痒", "level": "none"}
        for place in PLACES
        for thing in THINGS
    ]
    practice.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    train = ["model", "train", labelled, "--unlabelled", unlabelled, "--practice", str(practice), "--out", str(out)]
    result = run(app, [*train, "--no-evaluate"])
    assert result.exit_code == 0, result.output
    with_it, without = (
        Tagger(load_pack(), model=load_model(str(file))).tag(["真叫人牙根痒痒"], [Role.CUSTOMER])[0]
        for file in (out, trained)
    )
    assert without is not None
    assert without.level is Level.POTENTIAL
    assert with_it is None
    practice.write_bytes(orjson.dumps({"id": "p", "text": "真叫人牙根痒痒"}))
    refused = run(app, [*train, "--no-evaluate"])
    assert "practice.jsonl:1: $.level: expected one of" in str(refused.exception)


def test_evaluate_judges_by_a_given_model(files, trained):
    """Without folds: the model that is named."""
    result = run(app, ["model", "evaluate", str(files[0]), "--model", str(trained), "--json"])
    assert result.exit_code == 0, result.output
    figures = orjson.loads(result.stdout)["all"]
    assert figures["macro_f1"]["value"] > 0.9
    assert {row["reason"] for row in figures["reasons"]} == {"service_attitude", "product_quality"}
    off = run(app, ["model", "evaluate", str(files[0]), "--model", "off"])
    assert off.exit_code == 2
    assert "no model; give a file or builtin" in off.stderr


def test_evaluate_tells_figures_and_mistakes(files):
    """All texts, then each source; as JSON too."""
    result = run(app, ["model", "evaluate", str(files[0]), "--unlabelled", str(files[1]), "--json"])
    assert result.exit_code == 0, result.output
    figures = orjson.loads(result.stdout)
    assert figures.keys() == {"all", "source ours", "source theirs"}
    assert figures["all"]["macro_f1"]["value"] > figures["all"]["rules_macro_f1"]["value"]


def test_every_fold_has_a_reader_that_did_not_see_it(files):
    """A reader is taught on what the fold's model is fitted on, and judges the rest."""
    pack = load_pack()
    examples = read_labels([files[0]], leaves={leaf.id for leaf in pack.reasons})
    seen: list[set[str]] = []

    def teach(known):
        seen.append({example.id for example in known})
        return reader_of({"沙": (0, 0, 0, 0, 0)})

    judged = cross_validate(prepare(examples, [], pack), pack, folds=3, teach_reader=teach)
    assert [each.id for each in judged.examples] == [each.id for each in examples]
    unseen = [{each.id for each in examples} - each for each in seen]
    assert sum(map(len, unseen)) == len(set().union(*unseen)) == len(examples)


def test_teaching_a_reader_needs_its_libraries(files, tmp_path, monkeypatch):
    """The refusal says which extra; nothing is written."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "agents.training.reader_fit", raising=False)
    monkeypatch.delitem(sys.modules, "agents.training.reader", raising=False)
    out = tmp_path / "ours.onnx"
    result = run(app, ["model", "reader", str(files[0]), "--base", str(tmp_path / "no.jar"), "--out", str(out)])
    assert result.exit_code != 0
    assert "tocsin[reader-train]" in str(result.exception)
    assert not out.exists()


@pytest.mark.parametrize("name", ["builtin", "builtin+reader"])
def test_inspect_shows_the_shipped_model(name):
    """Version, thresholds, and what weighs most; of a reader how far it is followed."""
    result = run(app, ["model", "inspect", name])
    assert result.exit_code == 0
    model = load_model(name)
    assert model.version in result.stdout
    assert ("reader" in result.stdout) == (model.reader is not None)


def test_bad_lines_end_with_two_and_are_listed(tmp_path):
    """Nothing is trained on half a file."""
    file = tmp_path / "bad.jsonl"
    file.write_text('{"id": "a", "text": "好", "level": "odd"}\n', encoding="utf-8")
    result = run(app, ["model", "train", str(file), "--out", str(tmp_path / "m.npz")])
    assert result.exit_code != 0
    assert "bad.jsonl:1: $.level: expected one of" in str(result.exception)
