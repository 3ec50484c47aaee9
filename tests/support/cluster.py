"""Workers as processes of their own, to be killed, frozen, thawed and joined by others, as happens in life."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

Found = TypeVar("Found")

ROOT = Path(__file__).parents[2]
# A wait ends when what it waits for has come. This is when it fails: long after the busiest machine has come round.
PATIENCE_SECONDS = 180.0


class Worker:
    """One worker process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def told(self, event: str) -> str:
        """The address that the newest line of the log about an event names; "" before there is one."""
        lines = [line for line in self.log.read_text(encoding="utf-8").splitlines() if f'"{event}"' in line]
        return str(json.loads(lines[-1])["url"]) if lines else ""

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is anybody to receive it."""
        if self.is_running:
            self.process.send_signal(number)


class Cluster:
    """A few workers on one broker, and a supervisor that starts again whoever ends."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, command: tuple[str, ...]) -> None:
        self._folder = folder
        self.environment = {**os.environ, **environment}
        self._command = command
        self._started = 0
        self._wanted = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self.workers: list[Worker] = []
        self.exits: list[int] = []  # exit codes of workers that ended

    def __enter__(self) -> Self:
        self._supervisor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._supervisor.join()
        for worker in self.workers:
            worker.send(signal.SIGCONT)
            worker.send(signal.SIGTERM)
        for worker in self.workers:
            try:
                worker.process.wait(60)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()

    def scale(self, count: int) -> None:
        """Have so many workers from now on; the newest leave first, by SIGTERM."""
        with self._lock:
            self._wanted = count
            running = [worker for worker in self.workers if worker.is_running]
            for worker in running[count:]:
                worker.send(signal.SIGTERM)
            for _ in range(count - len(running)):
                self._start()

    def running(self) -> list[Worker]:
        """The workers that run."""
        with self._lock:
            return [worker for worker in self.workers if worker.is_running]

    def _start(self) -> None:
        self._started += 1
        log = self._folder / f"worker-{self._started}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(Worker(process, log))

    def _supervise(self) -> None:
        while not self._stopping.wait(0.2):
            with self._lock:
                for worker in [worker for worker in self.workers if not worker.is_running]:
                    self.exits.append(worker.process.returncode)
                    self.workers.remove(worker)
                for _ in range(self._wanted - len(self.workers)):
                    self._start()

    def logs(self) -> str:
        """The last lines of every worker's log, for the message of a failed test."""
        return "\n".join(
            f"== {path.name}\n" + "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            for path in sorted(self._folder.glob("worker-*.log"))
        )


def wait_until(holds: Callable[[], bool], *, within_seconds: float = PATIENCE_SECONDS, what: str) -> None:
    """Look every tenth of a second until `holds()`; fails with `what` when it never does."""
    deadline = time.monotonic() + within_seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_seconds:.0f} s: {what}")
        pause.wait(0.1)


async def until(holds: Callable[[], Awaitable[Found]], what: str) -> Found:
    """What `holds` gives, once it gives something; fails with `what` when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := await holds()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        await asyncio.sleep(0.2)
    return found
