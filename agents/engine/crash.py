"""Crash-only: what nobody foresaw ends the process at once, before an offset is committed; a supervisor restarts it.

Exit codes are part of the contract with that supervisor (`docs/operations.md`).
"""

import os
import signal
import sys
import threading
from enum import IntEnum
from typing import NoReturn

import structlog
from aiokafka.errors import InvalidProducerEpoch, KafkaError, KafkaTimeoutError, ProducerFenced

log = structlog.get_logger("tocsin.engine")


class ExitCode(IntEnum):
    """How a worker ends when it is not asked to."""

    UNFORESEEN = 70  # a bug or a broker error that is not plainly retriable; start it again
    FENCED = 71  # another worker owns the partition, or a transaction ran out of time; start it again
    STUCK = 72  # lag without progress, a deaf consumer, a blocked loop; start it again
    RECOVERY = 73  # a changelog could not be read in time


# Two causes share these errors, and both are met by a new process that joins the group afresh.
FENCES = (ProducerFenced, InvalidProducerEpoch)


def reason_of(error: KafkaError) -> str:
    """Why a broker's error ends the process. One that may be tried again was, until nobody had patience any more."""
    if isinstance(error, FENCES):
        return "another worker owns the partition, or the broker was away for longer than an open transaction may take"
    is_silence = error.retriable or isinstance(error, KafkaTimeoutError)
    return "no broker answered in time" if is_silence else "the broker refused"


def end_at_once_on(number: signal.Signals) -> None:
    """End with 0 on a signal while nothing is in hand yet; whoever listens to it next takes this back.

    An exception would not do: raised in a `__del__` or a callback of the collector it is only printed, and the signal
    is lost. `os._exit` leaves out what a reader of buffered output may miss; log lines are flushed one by one.
    """
    signal.signal(number, lambda *_: os._exit(0))


def end_at_last(seconds: float) -> None:
    """End with 0 after a while, whoever still waits for a broker: all that was to be finished is finished."""

    def end() -> None:
        log.warning("stopped_without_farewell", after_seconds=seconds)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def end_process(reason: str, code: ExitCode, **fields: object) -> NoReturn:
    """Say why and end, without a single `finally`: whatever is not committed has not happened."""
    log.critical("worker_ends", reason=reason, exit_code=int(code), **fields)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
