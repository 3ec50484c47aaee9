"""`tocsin deliver`: notifications to people, in the foreground, until SIGTERM."""

import typer

from agents.cli.exits import Exit


def deliver_command() -> None:
    """Send notifications through the channels of TOCSIN_ONCALL_FILE until SIGTERM or Ctrl-C; it alone knows secrets.

    Exit codes: 2 settings, the file or a secret are wrong, 3 no broker answers at the start. A supervisor starts it
    again after anything else.
    """
    from agents.settings import load_settings  # the heavy imports wait until the command line was understood

    settings = load_settings()
    from agents.logs import configure_logs

    configure_logs(settings.log)
    from agents.deliver.app import run

    run(settings)
    raise typer.Exit(Exit.OK)
