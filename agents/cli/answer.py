"""`tocsin answer`: receive what people press on their cards."""

import typer

from agents.cli.exits import Exit
from agents.cli.started import started


def answer_command() -> None:
    """Open links of cards and take vendors' callbacks until SIGTERM or Ctrl-C, as TOCSIN_ONCALL_FILE says.

    It holds the keys of links and the secrets of callbacks, and nothing by which it could send.
    """
    settings = started()  # the heavy imports wait until command line and settings were understood
    from agents.answer.run import run

    run(settings)
    raise typer.Exit(Exit.OK)
