"""What is wrong with a rule pack, so that its author can repair it: file, line, place, what to write instead."""

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pipeline.errors import TocsinError


class Problem(NamedTuple):
    """One mistake in one place."""

    file: str
    line: int  # counted from 1; 0 where the whole file is meant
    path: str  # `threats.regulator.words[1]`
    what: str  # what is wrong; and what to write

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.path}: {self.what}" if self.path else f"{place}: {self.what}"


class RulePackError(TocsinError):
    """A rule pack that cannot be used; `problems` holds all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(name: str, known: Collection[str]) -> str:
    """What ends a message on an unknown name: the nearest known one; empty where none is near."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
