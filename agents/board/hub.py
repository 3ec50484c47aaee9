"""Everybody who looks, told at the same time: a message is encoded once, however many boards are open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.web.streams import Mailbox, event

OPEN_MAX = 1_000


class Hub:
    """The open streams."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()

    def __len__(self) -> int:
        return len(self._mailboxes)

    @property
    def is_full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._mailboxes) >= OPEN_MAX

    def publish(self, name: str, body: object) -> None:
        """Send one event to every stream; one that does not keep up is ended, its page comes back by itself."""
        if not self._mailboxes:
            return
        message = event(name, body)
        for mailbox in self._mailboxes:
            mailbox.put(message)

    def close(self) -> None:
        """End every stream."""
        for mailbox in self._mailboxes:
            mailbox.end()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """One stream; it ends when its reader does not keep up, or the board ends."""
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        try:
            yield aiter(mailbox)
        finally:
            self._mailboxes.discard(mailbox)
