"""`tocsin hints`: the hint stream for agents' desktops; `tocsin hints-token`: who may listen."""

from typing import Annotated

import typer

from agents.cli.exits import Exit
from agents.cli.show import tell_token
from agents.cli.started import started
from agents.hints.access import HintRole
from agents.web.tokens import new_token


def hints_command() -> None:
    """Serve hints to desktops until SIGTERM or Ctrl-C. Without tokens it listens on this machine alone.

    Settings come from TOCSIN_HINTS__… variables. It reads committed records, in no consumer group, and
    keeps nothing but the last minutes in memory: several may run side by side.
    """
    settings = started()  # the heavy imports wait until command line and settings were understood
    from agents.hints.app import run

    run(settings)
    raise typer.Exit(Exit.OK)


def token_command(
    role: Annotated[HintRole, typer.Argument(help="agent: the own hints; desk: those of every agent.")],
    name: Annotated[str, typer.Argument(help="The agent's id as on the topics; a desk's name, in one word.")],
) -> None:
    """Make a token. Standard output has the line for TOCSIN_HINTS__TOKENS_FILE; the token itself is told once."""
    tell_token(*new_token(role, name))
