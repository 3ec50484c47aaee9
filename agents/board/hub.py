"""Everybody who looks, told at the same time: a message is encoded once, however many boards are open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

QUEUED_MAX = 64  # a page that is so far behind is told to load again
OPEN_MAX = 1_000

_encode = msgspec.json.Encoder().encode


class Hub:
    """The open streams."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes | None]] = set()

    def __len__(self) -> int:
        return len(self._queues)

    @property
    def is_full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._queues) >= OPEN_MAX

    def publish(self, name: str, body: object) -> None:
        """Send one event to every stream; one that does not keep up is ended, its page comes back by itself."""
        if not self._queues:
            return
        message = event(name, body)
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(message)

    def close(self) -> None:
        """End every stream."""
        for queue in self._queues:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[bytes]]:
        """One stream; it ends when its reader does not keep up, or the board ends."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED_MAX)
        self._queues.add(queue)
        try:
            yield _until_none(queue)
        finally:
            self._queues.discard(queue)


def event(name: str, body: object) -> bytes:
    """One server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _encode(body))


async def _until_none(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (message := await queue.get()) is not None:
        yield message
