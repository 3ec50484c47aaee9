"""Texts of the user's own: read as they were written, or refused with the line."""

from codecs import BOM_UTF8

import pytest
from typer.testing import CliRunner

from agents.cli.corpus import CorpusError, read_corpus
from agents.cli.main import app
from pipeline.rules.load import DEFAULT_PACK

TEXTS = ["我要投诉你们", "今天天气不错"]
LINES = "\n".join([TEXTS[0], "", f'{{"text": "{TEXTS[1]}", "note": "要起诉你们"}}', '{"note": "没有"}']) + "\n"
JSON_FIRST = f'{{"text": "{TEXTS[0]}", "note": "要起诉你们"}}\r\n{TEXTS[1]}'


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(LINES.encode(), id="lines of both kinds"),
        pytest.param(BOM_UTF8 + LINES.encode(), id="with a mark before the first"),
        pytest.param(BOM_UTF8 + JSON_FIRST.encode(), id="and that is JSON"),
    ],
)
def test_texts_are_read(tmp_path, written):
    """One a line, or the text of a JSON line; nothing else of it."""
    file = tmp_path / "texts"
    file.write_bytes(written)
    assert read_corpus(file) == TEXTS


@pytest.mark.parametrize("command", [("lint",), ("diff", str(DEFAULT_PACK), str(DEFAULT_PACK))])
@pytest.mark.parametrize(
    ("written", "line"),
    [
        pytest.param("你好\n我要投诉你们\n".encode("gbk"), 1, id="GBK"),
        pytest.param("你好\n".encode() + "我要投诉你们\n".encode("gbk"), 2, id="GBK further down"),
        pytest.param("我要投诉你们\n".encode("utf-16"), 1, id="UTF-16"),
        pytest.param("hello\n".encode("utf-16-le"), 1, id="UTF-16 of other letters, without a mark"),
    ],
)
def test_another_encoding_is_refused(tmp_path, command, written, line):
    """With file and line, and what to do; it is not judged as rubbish."""
    file = tmp_path / "texts"
    file.write_bytes(written)
    done = CliRunner().invoke(app, ["rules", *command, "--corpus", str(file)])
    assert isinstance(done.exception, CorpusError)
    assert str(done.exception) == f"{file}:{line}: expected UTF-8; save the file as UTF-8"
