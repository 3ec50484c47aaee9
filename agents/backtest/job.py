"""A back-test as a process of its own: a plan on standard input, lines of progress and how it ended on standard output.

Whoever starts it stays responsive, and a pack that somebody made up, however hostile, has no more time and memory than
it was given: this process limits itself before it reads a rule.
"""

import os
import resource
import signal
import sys
import time
from errno import ENOMEM
from pathlib import Path

import msgspec
from aiokafka.errors import KafkaError

from agents.backtest.comparison import Plan, compare
from agents.backtest.saved import Backtest, save
from agents.broker_errors import remember_failures, unreachable
from agents.settings import Settings, load_settings
from pipeline.errors import TocsinError
from pipeline.rules.problems import RulePackError

PROBLEMS_MAX = 200  # nobody reads more at once, and whoever reads a line holds it in memory
_PROBLEM_CHARS_MAX = 1_000
_TOLD_EVERY_SECONDS = 0.25
_NICE = 10  # others on this machine come first


class Job(msgspec.Struct, frozen=True):
    """A plan, where its report is kept, and what it may use."""

    plan: Plan
    folder: str
    within_seconds: int
    memory_bytes_max: int


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far it is."""

    done: int
    total: int | None


class Kept(msgspec.Struct, frozen=True, tag=True):
    """The end: a back-test of that name is in the folder."""

    backtest_id: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The end: what is to be put right, a line for each problem, the first `PROBLEMS_MAX` of them."""

    problems: tuple[str, ...]


class OutOfMemory(msgspec.Struct, frozen=True, tag=True):
    """The end: it wanted more than it may have."""


Line = Progress | Kept | Refused | OutOfMemory

read_line = msgspec.json.Decoder(Line).decode


def main() -> None:
    """Do what standard input says. Out of time, the process is ended by SIGALRM."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    signal.alarm(job.within_seconds)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_bytes_max, job.memory_bytes_max))
    remember_failures()
    try:
        _say(_done(job, load_settings()))
    except MemoryError:
        _say(OutOfMemory())


def _done(job: Job, settings: Settings) -> Line:
    try:
        found = compare(settings, job.plan, _Teller()).report
        made_at = time.time_ns() // 1_000_000
        return Kept(save(Path(job.folder), Backtest(made_at, job.plan.since_ms, job.plan.until_ms, found)).stem)
    except KafkaError as error:
        return Refused((str(unreachable(settings.bootstrap, error)),))
    except (TocsinError, OSError) as error:
        if ENOMEM in {getattr(each, "errno", None) for each in (error, error.__cause__)}:
            return OutOfMemory()
        if isinstance(error, RulePackError):
            return Refused(tuple(str(problem)[:_PROBLEM_CHARS_MAX] for problem in error.problems[:PROBLEMS_MAX]))
        return Refused((f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error),))


class _Teller:
    """Tells how far it is, not too often."""

    def __init__(self) -> None:
        self._told_at = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = now
            _say(Progress(done, total))


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()
