"""`tocsin answer`: receive what people press on their cards."""

import typer

from agents.cli.exits import Exit


def answer_command() -> None:
    """Open links of cards and take vendors' callbacks until SIGTERM or Ctrl-C, as TOCSIN_ONCALL_FILE says.

    It holds the keys of links and the secrets of callbacks, and nothing by which it could send.
    """
    from agents.settings import load_settings  # the heavy imports wait until the command line was understood

    settings = load_settings()
    from agents.answer.run import run
    from agents.logs import configure_logs

    configure_logs(settings.log)
    run(settings)
    raise typer.Exit(Exit.OK)
