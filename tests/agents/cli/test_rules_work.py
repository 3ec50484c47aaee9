"""`tocsin rules lint`, `diff` and `test`, run as a script would run them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from agents.cli.exits import Exit
from agents.cli.main import app
from agents.cli.pack_places import PackPlaces
from pipeline.rules.load import DEFAULT_PACK
from pipeline.rules.remarks import Remark

RULE = """rules:
  deposit:
    zh: 押金不退
    conditions: {a: {any: [押金没退]}}
    then: {level: potential, score: 40}
    examples:
      - {text: 我的押金没退, level: potential}
      - {text: 押金是多少, fires: FIRES}
"""


@pytest.fixture
def pack(tmp_path):
    """A copy of the shipped pack with a rule of our own; `write` puts another in its place."""
    folder = tmp_path / "pack"
    shutil.copytree(DEFAULT_PACK, folder)
    (folder / "own.yaml").write_text(RULE.replace("FIRES", "false"), "utf-8")
    return folder


def run(*words):
    """Exit code and output."""
    done = CliRunner().invoke(app, ["rules", *map(str, words)])
    return done.exit_code, done.output


def test_examples_that_hold_and_one_that_does_not(pack):
    """A failure names file and line, what was expected and what fired."""
    assert run("test", pack) == (Exit.OK, "2 个例子 example(s), 0 个不符 failed\n")
    (pack / "own.yaml").write_text(RULE.replace("FIRES", "true"), "utf-8")
    code, told = run("test", pack)
    assert code == Exit.PROBLEMS
    assert "own.yaml:8: rules.deposit: should fire; fired: no rule" in told


def test_lint_reads_a_corpus_and_names_the_line(pack, tmp_path):
    """A text of one's own that gets a level is told masked, with the place of the word."""
    assert run("lint", pack)[0] == Exit.OK
    corpus = tmp_path / "calm.jsonl"
    corpus.write_text('{"text": "押金没退出页面，我的手机13912345678"}\n\n今天天气不错\n', "utf-8")
    code, told = run("lint", pack, "--corpus", corpus)
    assert code == Exit.PROBLEMS
    assert told.startswith("own.yaml:4: rule.deposit: 押金没退 makes an ordinary text potential")
    assert "13912345678" not in told
    assert json.loads(run("lint", pack, "--corpus", corpus, "--json")[1])[0]["kind"] == "accident"


WORDS = """advice:
  explicit: {do: 投诉转主管, product: 先道歉}
levels:
  explicit: {zh: 明确投诉}
complaint_words: [客诉]
cues:
  churn:
    zh: 再也不买
    words: [
      # 太差了
      再也不买,
    ]
  anger: {words: [太差了]}
reasons:
  product:
    leaves:
      defect: {words: [坏了]}
  service:
    leaves:
      defect: {words: [太差了]}
traps:
  "漏电": [主板漏电]
"""


@pytest.mark.parametrize(
    ("path", "word", "place"),
    [
        pytest.param("level.explicit:投诉", "投诉", "", id="a word that stands elsewhere"),
        pytest.param("level.explicit:客诉", "客诉", "a.yaml:5: ", id="and in its own section"),
        pytest.param("cues.churn.words", "再也不买", "a.yaml:11: ", id="not its name, nor a comment"),
        pytest.param("level.potential:churn", "再也不买", "a.yaml:11: ", id="a cue that made a level"),
        pytest.param("level.potential:churn", "太差了", "", id="and not the next one"),
        pytest.param("cue.anger:太差了", "太差了", "a.yaml:13: ", id="not in the one before"),
        pytest.param("cue.churn", "坏了", "", id="not in what comes after"),
        pytest.param("reasons.service.leaves.defect.words", "太差了", "a.yaml:20: ", id="the second of its name"),
        pytest.param("traps.漏电", "主板漏电", "a.yaml:22: ", id="in quotes"),
        pytest.param("cues.churn", "", "a.yaml:7: ", id="no word: the key"),
        pytest.param("model", "坏了", "", id="what is in no file"),
        pytest.param("cue.other:坏了", "坏了", "", id="a rule of another pack"),
    ],
)
def test_the_place_of_a_remark(tmp_path, path, word, place):
    """Only below what the path names; rather no place than a wrong one."""
    (tmp_path / "a.yaml").write_text(WORDS, "utf-8")
    assert PackPlaces(tmp_path).of(Remark("accident", path, word, "what")) == place


def test_diff_shows_words_and_texts(pack, tmp_path):
    """Against the shipped pack the rule is all that is new, and one text rises."""
    corpus = tmp_path / "texts.txt"
    corpus.write_text("我的押金没退\n你好\n", "utf-8")
    code, told = run("diff", DEFAULT_PACK, pack, "--corpus", corpus)
    assert code == Exit.OK
    assert "rules.deposit.conditions.a.words\n  + 押金没退\n" in told
    assert "none -> potential  我的押金没退  (rule.deposit)" in told
    assert "1 条文本换了等级" in told
    assert "不止看一条文本" not in told
    assert "0 处不同" in run("diff", pack, pack)[1]


def test_diff_says_which_rules_it_does_not_compare(pack, tmp_path):
    """A rule that is valid on some days only, or looks at several turns, no single text decides."""
    dated = RULE.replace("FIRES", "false").replace("    then:", "    valid: {from: 2026-01-01}\n    then:")
    (pack / "own.yaml").write_text(dated, "utf-8")
    corpus = tmp_path / "texts.txt"
    corpus.write_text("我的押金没退\n", "utf-8")
    told = run("diff", DEFAULT_PACK, pack, "--corpus", corpus)[1]
    assert "1 条规则不止看一条文本" in told
    assert "tocsin backtest" in told
    assert "不止看一条文本" not in run("diff", DEFAULT_PACK, pack)[1]
    shown = json.loads(run("diff", DEFAULT_PACK, pack, "--corpus", corpus, "--json")[1])
    assert shown["beyond_one_text"] == ["deposit"]


@pytest.mark.parametrize("command", ["lint", "test"])
def test_a_pack_that_does_not_load_is_told(command, pack):
    """Its problems go to standard error, with code 2."""
    (pack / "own.yaml").write_text("rules: {x: {}}\n", "utf-8")
    code, told = run(command, pack)
    assert code == Exit.USAGE
    assert "own.yaml:1: rules.x.conditions: is missing" in told


def test_explain_and_tag_show_rules(pack, tmp_path):
    """A rule that one text decides is a sign; of a rule over turns the condition is shown, and a dialogue fires it."""
    (pack / "own.yaml").write_text(
        RULE.replace("FIRES", "false").replace(
            "押金不退\n    conditions: {a: {any: [押金没退]}}",
            "押金不退\n    conditions: {a: {any: [押金没退]}, b: {any: [还要等], in: conversation}}",
        ),
        "utf-8",
    )
    told = CliRunner().invoke(app, ["explain", "押金没退", "--rules", str(pack)]).output
    assert "conditions met  deposit/a" in told
    turns = [{"role": "customer", "text": text} for text in ("还要等", "押金没退")]
    line = json.dumps({"id": "1", "turns": turns}, ensure_ascii=False)
    answer = CliRunner().invoke(app, ["tag", "-", "--rules", str(pack)], input=line).output
    assert json.loads(answer)["turns"] == ["none", "potential"]
    (pack / "own.yaml").write_text(RULE.replace("FIRES", "false"), "utf-8")
    assert "rule.deposit" in CliRunner().invoke(app, ["explain", "押金没退", "--rules", str(pack)]).output
