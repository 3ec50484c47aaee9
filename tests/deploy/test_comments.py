"""What comments and alerts in deploy tell somebody to type is a command."""

import re

import pytest
import typer
from typer.main import get_command

from agents.cli.main import app
from tests.support.tree import ROOT

FILES = sorted(
    path
    for path in (ROOT / "deploy").rglob("*")
    if path.is_file() and path.suffix in {"", ".yaml", ".yml", ".py", ".sh"} and "__pycache__" not in path.parts
)
SAID = sorted(
    {
        words
        for path in (*FILES, ROOT / "docker-compose.yml")
        for words in re.findall(r"`tocsin ([^`]+)`", path.read_text(encoding="utf-8"))
    }
)


def parse(words):
    """As the command line would, without running anything; an argument may be left to the reader."""
    command = get_command(app)
    while hasattr(command, "resolve_command"):
        _, command, words = command.resolve_command(command.make_context("tocsin", [], resilient_parsing=True), words)
        assert command is not None, "there is no such command"
    try:
        command.make_context("tocsin", list(words))
    except typer.BadParameter:
        if words:
            raise


@pytest.mark.parametrize("words", SAID)
def test_a_command_in_a_comment_exists(words):
    """With the arguments and options that it is told with."""
    parse(words.split())


@pytest.mark.parametrize("words", ["oncall check deploy/oncall/oncall.yaml", "intake --chek", "board-token --to x"])
def test_what_a_command_does_not_take_is_seen(words):
    """Else the test above would show nothing."""
    with pytest.raises(typer.BadParameter.__base__):
        parse(words.split())
