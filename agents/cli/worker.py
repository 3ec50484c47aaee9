"""`tocsin worker`: one worker in the foreground, until SIGTERM."""

import typer

from agents.cli.exits import Exit
from agents.cli.started import started


def worker_command() -> None:
    """Run one worker until SIGTERM or Ctrl-C; it finishes its batch and ends with 0.

    Settings come from TOCSIN_ variables. Exit codes: 2 settings or rules are wrong, 3 no broker answers at the start,
    70 to 73 see docs/operations.md: a supervisor starts the worker again after any of them.
    """
    settings = started()  # the heavy imports wait until command line and settings were understood
    from agents.app import run

    run(settings)
    raise typer.Exit(Exit.OK)
