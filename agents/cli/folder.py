"""The folder of rules that a command was given."""

from pathlib import Path

import typer

from agents.cli.exits import Exit
from pipeline.rules.load import load_pack
from pipeline.rules.model import RulePack
from pipeline.rules.problems import RulePackError


def pack_in(folder: Path) -> RulePack:
    """The pack of a folder; with all that is wrong with it on standard error, and code 2, where it cannot be used."""
    try:
        return load_pack(folder)
    except RulePackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from error
