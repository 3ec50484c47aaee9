"""Streams of server-sent events: one message as bytes, and the bounded queue of a reader who may not keep up."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

QUEUED_MAX = 64  # a reader that is so far behind is cut off, and comes back by itself

_encode = msgspec.json.Encoder().encode


class Mailbox:
    """What waits for one reader. It ends when the reader does not keep up, or when somebody ends it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED_MAX)

    def put(self, message: bytes) -> bool:
        """Add a message; False where the reader did not keep up, and the stream ends."""
        if self._queue.full():
            self.end()
            return False
        self._queue.put_nowait(message)
        return True

    def end(self) -> None:
        """Nothing more comes, not even what waits."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Messages until the end."""
        while (message := await self.next()) is not None:
            yield message

    async def next(self) -> bytes | None:
        """The next message; None at the end."""
        return await self._queue.get()


def event(name: str, body: object, *, event_id: str = "") -> bytes:
    """One server-sent event; with an id, its reader says after a break how far it came."""
    numbered = b"id: %s\n" % event_id.encode() if event_id else b""
    return b"%sevent: %s\ndata: %s\n\n" % (numbered, name.encode(), _encode(body))
