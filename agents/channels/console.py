"""The console: cards on standard output, for an installation that has no channel yet and for the demo."""

import sys
from typing import TextIO

from agents.channels.base import Channel, Judgement, Message
from pipeline.cards.draw import text_of
from schemas.deliveries import Outcome


class Console(Channel):
    """Writes each card as lines of text."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    async def send(self, message: Message, *, now_ms: int) -> Judgement:  # noqa: ARG002  (it is always now)
        """Show the card."""
        self._out.write(f"{text_of(message.card)}\n\n")
        self._out.flush()
        return Judgement(Outcome.ACCEPTED, "shown")
