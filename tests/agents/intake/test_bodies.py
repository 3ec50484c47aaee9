"""Bodies on their way in: whole, not too large, not too late, and one that dribbles gives way."""

import asyncio

import pytest

from agents.intake.answers import Outcome, RefusedError
from agents.intake.bodies import Bodies


class Body:
    """A body that comes in pieces; the last one when it is let go."""

    def __init__(self, *pieces, waits=False):
        self.pieces = pieces
        self.is_coming = asyncio.Event()
        self.may_end = asyncio.Event()
        if not waits:
            self.may_end.set()

    async def iter_any(self):
        """As a stream of aiohttp gives it."""
        for piece in self.pieces[:-1]:
            yield piece
        self.is_coming.set()
        await self.may_end.wait()
        yield self.pieces[-1]


def bodies(*, most=2, bytes_max=10, within_seconds=60.0):
    """A reader of few small bodies."""
    return Bodies(most=most, bytes_max=bytes_max, within_seconds=within_seconds)


def refused(outcome):
    """The block ends with this refusal."""
    return pytest.raises(RefusedError, match=f"^{outcome}$")


async def test_a_body_is_read_whole():
    """However many pieces it comes in, up to the bound."""
    assert await bodies().read(Body(b"12345", b"", b"67890")) == b"1234567890"
    with refused(Outcome.TOO_LARGE):
        await bodies().read(Body(b"12345", b"67890", b"1"))


async def test_a_body_has_its_time():
    """Then it is not waited for."""
    with refused(Outcome.TOO_SLOW):
        await bodies(within_seconds=0.01).read(Body(b"1", waits=True))


async def test_a_sender_may_go_away():
    """It is a refusal among others: no traceback for each, of whoever knocks."""

    class Broken:
        async def iter_any(self):
            yield b"1"
            raise ConnectionResetError

    with refused(Outcome.GONE):
        await bodies().read(Broken())


async def test_the_one_that_comes_for_longest_gives_way():
    """One for each that needs a place; those that came later stay, and what was given up leaves its place free."""
    reader = bodies()
    slow = [Body(b"1", b"2", waits=True) for _ in range(3)]
    reading = []
    for body in slow:
        reading.append(asyncio.create_task(reader.read(body)))
        await body.is_coming.wait()
    with refused(Outcome.BUSY):
        await reading[0]
    assert await reader.read(Body(b"3", b"4")) == b"34"
    with refused(Outcome.BUSY):
        await reading[1]
    slow[2].may_end.set()
    assert await reading[2] == b"12"
