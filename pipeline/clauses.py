"""A text as clauses: the stretch over which a guard decides."""

import re
from bisect import bisect_right
from typing import NamedTuple

# A dot ends a clause unless it stands in a number or a name; 但 does unless it is part of 不但.
_ENDS = re.compile(r"[,!?;。!?;\n\r]+|\.(?![0-9a-z])|但是|(?<![不非])但(?!愿)|可是|不过(?![分去来如了期瘾问])|_")


class Clause(NamedTuple):
    """A stretch of the folded text."""

    start: int
    end: int
    text: str


def split(text: str) -> list[Clause]:
    """The clauses of a text, in order, without what stands between them; at least one."""
    clauses = []
    done = 0
    for match in _ENDS.finditer(text):
        start = match.start()
        if start > done:
            clauses.append(Clause(done, start, text[done:start]))
        done = match.end()
    if done < len(text) or not clauses:
        clauses.append(Clause(done, len(text), text[done:]))
    return clauses


class ClauseIndex:
    """Clauses by position."""

    def __init__(self, text: str) -> None:
        self.clauses = split(text)
        self._starts = [clause.start for clause in self.clauses]

    def at(self, position: int) -> int:
        """The clause that holds a position, or the one before it."""
        return max(bisect_right(self._starts, position) - 1, 0)
