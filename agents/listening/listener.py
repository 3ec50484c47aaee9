"""A listener: what a process that others call knows of itself, and how it begins and ends to listen."""

import asyncio
import signal
import time

from aiohttp import web

from agents.listening.health import ListenerState
from agents.listening.publisher import Publisher
from agents.web.address import Address, listen

HEARTBEAT_SECONDS = 1.0


class Listener:
    """The facts of one process; the operations thread reads what the main loop writes."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._beat_at: float | None = None
        self._is_listening = False
        self._is_stopping = False

    def state(self) -> ListenerState:
        """All facts at this moment."""
        publisher, beat_at = self._publisher, self._beat_at
        return ListenerState(
            configured=True,
            listening=self._is_listening,
            loop_age_seconds=None if beat_at is None else time.monotonic() - beat_at,
            has_connected=publisher.has_connected,
            is_connected=publisher.is_connected,
            topic_problems=publisher.topic_problems,
            stopping=self._is_stopping,
        )

    async def listen(self, runner: web.AppRunner, host: str, port: int, *, setting: str) -> Address:
        """Listen; where, also if any free port was wanted. Raises an AddressError that names the setting."""
        where = await listen(runner, host, port, setting=setting)
        self._is_listening = True
        return where

    def stops(self) -> None:
        """From now on it takes nothing new."""
        self._is_stopping = True

    async def beat(self) -> None:
        """Show that the main loop runs, for ever."""
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)


def until_told() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
