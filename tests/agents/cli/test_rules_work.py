"""`tocsin rules lint`, `diff` and `test`, run as a script would run them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from agents.cli.exits import Exit
from agents.cli.main import app
from pipeline.rules.load import DEFAULT_PACK

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


def test_diff_shows_words_and_texts(pack, tmp_path):
    """Against the shipped pack the rule is all that is new, and one text rises."""
    corpus = tmp_path / "texts.txt"
    corpus.write_text("我的押金没退\n你好\n", "utf-8")
    code, told = run("diff", DEFAULT_PACK, pack, "--corpus", corpus)
    assert code == Exit.OK
    assert "rules.deposit.conditions.a.words\n  + 押金没退\n" in told
    assert "none -> potential  我的押金没退  (rule.deposit)" in told
    assert "1 条文本换了等级" in told
    assert "0 处不同" in run("diff", pack, pack)[1]


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
