"""`tocsin deliver`: notifications to people, in the foreground, until SIGTERM."""

import typer

from agents.cli.exits import Exit
from agents.cli.started import started


def deliver_command() -> None:
    """Send notifications through the channels of TOCSIN_ONCALL_FILE until SIGTERM or Ctrl-C; it alone knows secrets.

    Exit codes: 2 settings, the file or a secret are wrong, 3 no broker answers at the start. A supervisor starts it
    again after anything else.
    """
    settings = started()  # the heavy imports wait until command line and settings were understood
    from agents.deliver.app import run

    run(settings)
    raise typer.Exit(Exit.OK)
