"""`tocsin worker`: one worker in the foreground, until SIGTERM."""

import typer

from agents.cli.exits import Exit


def worker_command() -> None:
    """Run one worker until SIGTERM or Ctrl-C; it finishes its batch and ends with 0.

    Settings come from TOCSIN_ variables. Exit codes: 2 settings or rules are wrong, 3 no broker answers at the start,
    70 to 74 see docs/operations.md: a supervisor starts the worker again after any of them but 74.
    """
    from agents.settings import load_settings  # the heavy imports wait until the command line was understood

    settings = load_settings()
    from agents.logs import configure_logs

    configure_logs(settings.log)
    from agents.app import run

    run(settings)
    raise typer.Exit(Exit.OK)
