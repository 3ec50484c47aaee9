"""`tocsin board`: the warning board in a browser; `tocsin board-token`: who may log in to it."""

from typing import Annotated

import typer

from agents.cli.exits import Exit
from agents.cli.show import tell_token
from agents.cli.started import started
from agents.web.tokens import new_token
from pipeline.incidents.roles import Role


def board_command() -> None:
    """Serve the board until SIGTERM or Ctrl-C. Without a login it listens on this machine alone.

    Settings come from TOCSIN_BOARD__… variables. It reads committed records of the last day, in no consumer group, and
    keeps nothing: several boards may run, and one that starts again reads the log again.
    """
    settings = started()  # the heavy imports wait until command line and settings were understood
    from agents.board.app import run

    run(settings)
    raise typer.Exit(Exit.OK)


def token_command(
    role: Annotated[Role, typer.Argument(help="What it may do.")],
    name: Annotated[str, typer.Argument(help="Whose it is, in one word; the name stands in what is done with it.")],
) -> None:
    """Make a token. Standard output has the line for TOCSIN_BOARD__TOKENS_FILE; the token itself is told once."""
    tell_token(*new_token(role, name))
