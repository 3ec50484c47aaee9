"""Bodies on their way in, a stranger's among them: bounded in number, in size and in time.

Where all places are taken, a new body gets the place of the one that has been coming for longest. An honest body is
here within moments, so whoever sends slowly on purpose drives out his own.
"""

import asyncio

from aiohttp import ClientError, StreamReader, web

from agents.intake.answers import Outcome, RefusedError


class Bodies:
    """Reads them."""

    def __init__(self, *, most: int, bytes_max: int, within_seconds: float) -> None:
        self._most = most
        self._bytes_max = bytes_max
        self._within_seconds = within_seconds
        self._coming: dict[object, asyncio.Timeout] = {}  # the one that has been coming for longest is first

    async def read(self, content: StreamReader) -> bytes:
        """A body, whole; raises a RefusedError."""
        if len(self._coming) >= self._most:
            self._make_room()
        place = object()
        try:
            async with asyncio.timeout(self._within_seconds) as patience:
                self._coming[place] = patience
                return await self._whole(content)
        except (ConnectionError, ClientError, web.RequestPayloadError):
            raise RefusedError(Outcome.GONE) from None
        except TimeoutError:
            raise RefusedError(Outcome.TOO_SLOW if place in self._coming else Outcome.BUSY) from None
        finally:
            self._coming.pop(place, None)

    def _make_room(self) -> None:
        longest = next(iter(self._coming))
        patience = self._coming.pop(longest)
        if not patience.expired():
            patience.reschedule(asyncio.get_running_loop().time())

    async def _whole(self, content: StreamReader) -> bytes:
        body = bytearray()
        async for chunk in content.iter_any():
            body += chunk
            if len(body) > self._bytes_max:
                raise RefusedError(Outcome.TOO_LARGE)
        return bytes(body)
