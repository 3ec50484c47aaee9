"""The demo as a newcomer runs it: `tocsin demo` as a process of its own, and what it says on its way."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.commands import ROOT, TOCSIN


class RunningDemo:
    """A demo that runs; `said` is everything so far, and is read whether anybody waits for it or not."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.said = ""
        self._heard = 0  # characters that somebody has waited for
        self._more = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def says(self, pattern: str) -> Sequence[str]:
        """Wait for a line in which a pattern is found, after the one before; its groups. Fails where the demo ends."""
        line = re.compile(pattern, re.MULTILINE)
        while not (found := line.search(self.said, self._heard)):
            assert not self._reading.done(), f"ended without {pattern}:\n{self.said[-2000:]}"
            self._more.clear()
            await self._more.wait()
        self._heard = found.end()
        return found.groups()

    def pause(self) -> None:
        """Let its day wait; what it has started goes on."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let its day go on."""
        self._process.send_signal(signal.SIGCONT)

    async def interrupted(self) -> int:
        """Ctrl-C; the exit code."""
        if self._process.returncode is None:
            self.go_on()
            self._process.send_signal(signal.SIGINT)
        await self._reading
        return await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := (await self._process.stdout.readline()).decode():
            self.said += line
            self._more.set()
        self._more.set()


@asynccontextmanager
async def running_demo(folder: Path, *, seconds: int) -> AsyncIterator[RunningDemo]:
    """Run the demo; what it keeps is in `folder`, where the system's temporary files would be."""
    process = await asyncio.create_subprocess_exec(
        *TOCSIN, "demo", "--seconds", str(seconds),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "NO_COLOR": "1", "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        stdout=PIPE,
        start_new_session=True,
        # A suite that a script started in the background ignores SIGINT, and so would whatever it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    demo = RunningDemo(process)
    try:
        yield demo
    finally:
        await demo.interrupted()
