"""What the demo starts, and ends again however it is left: a Kafka, a worker and a board, in a folder of their own."""

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
from agents.settings import Ops, Settings

READY_WITHIN = timedelta(seconds=60)
STOP_WITHIN = timedelta(seconds=20)
_POLL_SECONDS = 0.1
_CACHE = f"{PREFIX}CACHE_DIR"
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def own_variables() -> Iterator[None]:
    """TOCSIN_ variables that somebody has are not there while the block runs, but for where Kafka was fetched to."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if _is_of_others(name)}
    try:
        yield
    finally:
        os.environ |= before


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
    broker = Broker.start(folder, is_brief=True)
    try:
        yield broker
    finally:
        with _undisturbed():
            broker.stop()


@contextmanager
def own_worker(settings: Settings, log: Path) -> Iterator[str]:
    """A worker that is ready; the address of its metrics."""
    address = f"http://{HOST}:{settings.ops.port}"
    with _own_process("worker", settings, log, answers=f"{address}/readyz"):
        yield address


@contextmanager
def own_board(settings: Settings, log: Path) -> Iterator[str]:
    """A warning board for this machine alone; its address."""
    address = f"http://{HOST}:{settings.board.port}"
    with _own_process("board", settings, log, answers=f"{address}/livez"):
        yield address


@contextmanager
def own_delivery(settings: Settings, log: Path) -> Iterator[str]:
    """Whoever sends notifications: to the console, which is the log, since a newcomer has no channel yet.

    The address of its metrics.
    """
    settings = settings.model_copy(update={"ops": Ops(port=free_port())})
    address = f"http://{HOST}:{settings.ops.port}"
    with _own_process("deliver", settings, log, answers=f"{address}/readyz"):
        yield address


@contextmanager
def _own_process(command: str, settings: Settings, log: Path, *, answers: str) -> Iterator[None]:
    variables = os.environ | {
        "TOCSIN_BROKER": settings.bootstrap,
        "TOCSIN_APPLICATION_ID": settings.application_id,
        "TOCSIN_PARTITIONS": str(settings.partitions),
        "TOCSIN_OPS__PORT": str(settings.ops.port),
        "TOCSIN_BOARD__PORT": str(settings.board.port),
        "TOCSIN_DATA_DIR": str(settings.data_dir),
        "TOCSIN_SLA": settings.sla,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "agents.cli", command],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we end it in its turn
        )
    try:
        _wait_until_ready(process, answers, log)
        yield
    finally:
        with _undisturbed():
            process.terminate()
            try:
                process.wait(STOP_WITHIN.total_seconds())
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_of_others(name: str) -> bool:
    return name.upper().startswith(PREFIX) and name != _CACHE


def free_port() -> int:
    """A port that nobody has."""
    return free_ports(1)[0]


def ends_like_ctrl_c() -> None:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does: everything it started is stopped."""
    for number in _ENDS[1:]:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN.total_seconds()
    while not _is_ready(url):
        if process.poll() is not None or time.monotonic() > deadline:
            last = " | ".join(log.read_text("utf-8", errors="replace").splitlines()[-3:])
            raise BrokerError(f"{log.stem} did not become ready: {last[-800:]} (all of it: {log})")
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
