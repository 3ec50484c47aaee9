"""What the demo starts, and ends again however it is left: a Kafka and a worker, in a folder of their own."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

from agents.broker import Broker, BrokerError
from agents.broker.config import HOST, free_ports
from agents.environment import PREFIX
from agents.settings import Settings

READY_WITHIN = timedelta(seconds=60)
STOP_WITHIN = timedelta(seconds=20)
_POLL_SECONDS = 0.1
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """A folder that is gone afterwards; kept when something went wrong, for its logs."""
    folder = parent / f"demo-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)


@contextmanager
def own_broker(folder: Path) -> Iterator[Broker]:
    """A Kafka that runs while the block runs."""
    broker = Broker.start(folder)
    try:
        yield broker
    finally:
        with _undisturbed():
            broker.stop()


@contextmanager
def own_worker(settings: Settings, log: Path) -> Iterator[str]:
    """A worker that is ready; the address of its metrics."""
    variables = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    variables |= {
        "TOCSIN_BROKER": settings.bootstrap,
        "TOCSIN_APPLICATION_ID": settings.application_id,
        "TOCSIN_PARTITIONS": str(settings.partitions),
        "TOCSIN_OPS__PORT": str(settings.ops.port),
        "TOCSIN_DATA_DIR": str(settings.data_dir),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli", "worker"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we end the worker in its turn
        )
    try:
        address = f"http://{HOST}:{settings.ops.port}"
        _wait_until_ready(process, address, log)
        yield address
    finally:
        with _undisturbed():
            process.terminate()
            try:
                process.wait(STOP_WITHIN.total_seconds())
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port for the worker's metrics."""
    return free_ports(1)[0]


def ends_like_ctrl_c() -> None:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does: everything it started is stopped."""
    for number in _ENDS[1:]:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN.total_seconds()
    while not _is_ready(f"{address}/readyz"):
        if process.poll() is not None or time.monotonic() > deadline:
            last = " | ".join(log.read_text("utf-8", errors="replace").splitlines()[-3:])
            raise BrokerError(f"the worker did not become ready: {last[-800:]} (all of it: {log})")
        time.sleep(_POLL_SECONDS)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:  # noqa: S310 - our own worker's address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nobody interrupts the stopping of what we started."""
    before = [signal.signal(number, signal.SIG_IGN) for number in _ENDS]
    try:
        yield
    finally:
        for number, handler in zip(_ENDS, before, strict=True):
            signal.signal(number, handler)
