"""Lines of a recording: a file, or standard input as `-`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import TocsinError


class UnreadableError(TocsinError):
    """A file cannot be read; the text says which and why."""


@contextmanager
def open_lines(file: str) -> Iterator[BinaryIO]:
    """The lines of a file while the block runs; opened at once: a wrong name is told before anything is done."""
    if file == "-":
        if sys.stdin is None:
            raise UnreadableError("-: standard input is closed")
        yield sys.stdin.buffer
        return
    try:
        lines = Path(file).open("rb")  # noqa: SIM115 - closed below; only opening may fail here
    except OSError as error:
        raise UnreadableError(f"{file}: {error.strerror}") from error
    with lines:
        yield lines


def count_lines(file: str) -> int | None:
    """How many lines there are, for a progress bar; None where that cannot be known."""
    if file == "-" or not Path(file).is_file():
        return None
    with Path(file).open("rb") as lines:
        return sum(1 for line in lines if line.strip())
