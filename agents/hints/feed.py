"""Feed one desktop: what it missed, then what comes, with a sign of life where nothing does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agents.hints.streams import Stream, Streams

BEAT_SECONDS = 10.0  # between two signs of life; a desktop that hears nothing for 25 s connects anew
WRITE_SECONDS = 5.0  # a desktop that takes nothing for so long is cut

Write = Callable[[bytes], Awaitable[None]]


async def feed(
    stream: Stream,
    streams: Streams,
    *,
    first: Sequence[bytes],
    write: Write,
    beat: Callable[[], Awaitable[None]],
    is_let_in: Callable[[], bool],
) -> None:
    """Until the stream ends, its token is taken away, or its desktop takes nothing: then it is cut."""
    try:
        for missed in first:
            await asyncio.wait_for(write(missed), WRITE_SECONDS)
        while True:
            message = await _next(stream)
            if message is None or not is_let_in():
                return
            await asyncio.wait_for(write(message) if message else beat(), WRITE_SECONDS)
    except TimeoutError:
        streams.cut(stream)


async def hold(streams: Streams, *, beat: Callable[[], Awaitable[None]]) -> None:
    """Until the server knows what was sent in the last minutes; a desktop that is held hears signs of life."""
    while not streams.is_loaded:
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await streams.until_loaded()
        except TimeoutError:
            await beat()


async def _next(stream: Stream) -> bytes | None:
    """The next message, nothing where a beat is due, None at the end."""
    try:
        async with asyncio.timeout(BEAT_SECONDS):
            return await stream.mailbox.next()
    except TimeoutError:
        return b""
