"""Back-tests that are started from the board: one at a time, each in a process of its own with its time and memory.

A pack is one of a folder, with some of its files written anew maybe, or made of uploaded files alone. The process reads
it: no text of a pack is looked at where the board runs.
"""

import asyncio
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct, json
from msgspec.structs import replace

from agents.backtest.comparison import Plan
from agents.backtest.job import Job, Kept, OutOfMemory, Progress, Refused, read_line
from agents.settings import Board

log = structlog.get_logger("tocsin.board")

_LINE_BYTES_MAX = 4 * 1024 * 1024  # of the process: its longest line lists what is wrong with a pack
_ERRORS_BYTES_MAX = 64 * 1024  # the end of what it said on standard error


class Phase(StrEnum):
    """How far a trial is, or how it ended."""

    RUNNING = "running"
    KEPT = "kept"
    REFUSED = "refused"  # the pack, the recording or the broker; `problems` says what
    CANCELLED = "cancelled"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    FAILED = "failed"  # a bug of ours; the log has its kind


# By the alarm that the process set itself; by the system, or a library that was given no memory.
_BY_SIGNAL = {
    signal.SIGALRM: Phase.OUT_OF_TIME,
    signal.SIGKILL: Phase.OUT_OF_MEMORY,
    signal.SIGABRT: Phase.OUT_OF_MEMORY,
}


class Trial(Struct, frozen=True):
    """One of them."""

    started_at: int
    started_by: str
    since: int
    until: int
    pack: str | None  # by name: "" is that of TOCSIN_RULES_DIR, None uploaded files alone
    uploaded: tuple[str, ...]  # names of files
    recording: str  # by name: "" is Kafka's history
    phase: Phase = Phase.RUNNING
    done: int = 0  # records
    total: int | None = None
    problems: tuple[str, ...] = ()
    backtest_id: str = ""  # of the result


class Busy(Exception):  # noqa: N818  (it is what is the matter)
    """Another one runs."""


class Trials:
    """Starts them, knows the last one, ends it."""

    def __init__(self, board: Board, own_pack: Path) -> None:
        self._board = board
        self._own_pack = own_pack
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.last: Trial | None = None

    @property
    def can_run(self) -> bool:
        """Whether there is a folder to keep results in."""
        return self._board.backtests is not None

    def packs(self) -> dict[str, Path]:
        """Packs to choose from, by name: the board's own as "", and every folder with rules in the configured one."""
        folder = self._board.backtest_packs
        found = sorted(folder.iterdir()) if folder is not None else []
        return {"": self._own_pack} | {path.name: path for path in found if any(path.glob("*.yaml"))}

    def recordings(self) -> dict[str, Path]:
        """Recordings to choose from, by name."""
        folder = self._board.backtest_recordings
        return {path.name: path for path in sorted(folder.glob("*.jsonl"))} if folder is not None else {}

    def start(self, trial: Trial, *, base: Path | None, files: Mapping[str, bytes], recording: Path | None) -> None:
        """Begin it: the pack of a folder with these files written over it; raises Busy."""
        if self._task is not None and not self._task.done():
            raise Busy
        self.last = trial
        log.info("backtest_started", by=trial.started_by, pack=trial.pack, uploaded=len(files))
        self._task = asyncio.create_task(self._run(trial, base, files, recording))
        self._task.add_done_callback(self._is_over)

    def cancel(self) -> None:
        """End the one that runs, if one does."""
        if self._is_running:
            self._now(phase=Phase.CANCELLED)
            if self._process is not None:
                self._process.kill()

    async def close(self) -> None:
        """End everything; no process is left behind."""
        self.cancel()
        if self._task is not None:
            await asyncio.wait([self._task])

    @property
    def _is_running(self) -> bool:
        return self.last is not None and self.last.phase is Phase.RUNNING

    def _now(self, **changes: Any) -> None:
        if self.last is not None:
            self.last = replace(self.last, **changes)

    async def _run(self, trial: Trial, base: Path | None, files: Mapping[str, bytes], recording: Path | None) -> None:
        board = self._board
        assert board.backtests is not None  # noqa: S101  (`can_run` was asked)
        with tempfile.TemporaryDirectory(prefix="tocsin-backtest-") as made:
            await asyncio.to_thread(_write, Path(made), base, files)
            job = Job(
                Plan(
                    pack=made,
                    against=str(self._own_pack),
                    since_ms=trial.since,
                    until_ms=trial.until,
                    events=str(recording) if recording is not None else "",
                ),
                str(board.backtests),
                within_seconds=board.backtest_within_seconds,
                memory_bytes_max=board.backtest_memory_bytes_max,
            )
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "agents.backtest", stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_LINE_BYTES_MAX,
                start_new_session=True,  # Ctrl-C is for the board, which ends it in its turn
            )  # fmt: skip
            self._process = process
            if not self._is_running:  # cancelled before there was anything to end
                process.kill()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_hand_over(process, job))
                    group.create_task(self._follow(process))
                    errors = group.create_task(_errors(process))
            except BaseException:  # nobody reads what it says any more: it would wait for that until its time is over
                if process.returncode is None:
                    process.kill()
                raise
            self._ended(await process.wait(), errors.result())

    async def _follow(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101  (asked for above)
        async for each in process.stdout:
            if self._is_running:
                match read_line(each):
                    case Progress(done, total):
                        self._now(done=done, total=total)
                    case Kept(backtest_id):
                        self._now(phase=Phase.KEPT, backtest_id=backtest_id)
                    case Refused(problems):
                        self._now(phase=Phase.REFUSED, problems=problems)
                    case OutOfMemory():
                        self._now(phase=Phase.OUT_OF_MEMORY)

    def _is_over(self, _: asyncio.Task[None]) -> None:
        """Whatever happened, a full disk maybe: nobody waits for a trial that no longer runs."""
        if self._is_running:
            self._now(phase=Phase.FAILED)

    def _ended(self, code: int, errors: str) -> None:
        self._process = None
        # The kind of the error, without its text, which may quote a record.
        kind = errors.rpartition("\n")[2].partition(":")[0]
        if self._is_running:
            by_signal = _BY_SIGNAL.get(signal.Signals(-code), Phase.FAILED) if code < 0 else Phase.FAILED
            self._now(phase=Phase.OUT_OF_MEMORY if kind == "MemoryError" else by_signal)
        phase = self.last.phase if self.last is not None else None
        log.info("backtest_ended", phase=phase, exit_code=code, error=kind)


async def _hand_over(process: Process, job: Job) -> None:
    assert process.stdin is not None  # noqa: S101  (asked for above)
    process.stdin.write(json.encode(job) + b"\n")
    process.stdin.close()
    try:
        await process.stdin.wait_closed()
    except ConnectionError:  # it ended before it read
        return


async def _errors(process: Process) -> str:
    assert process.stderr is not None  # noqa: S101  (asked for above)
    said = b""
    while piece := await process.stderr.read(_ERRORS_BYTES_MAX):
        said = (said + piece)[-_ERRORS_BYTES_MAX:]
    return said.decode(errors="replace").strip()


def _write(folder: Path, base: Path | None, files: Mapping[str, bytes]) -> None:
    """The files of a pack, and the new ones over them."""
    taken = {path.name: path.read_bytes() for path in base.glob("*.yaml")} if base is not None else {}
    for name, data in (taken | dict(files)).items():
        (folder / name).write_bytes(data)
