"""A text as clauses: the stretch over which a guard decides."""

import re
from bisect import bisect_right
from typing import NamedTuple

# A dot ends a clause unless it stands in a number or a name; 但 does unless it is part of 不但. The expression starts
# with the set of all first characters, because then `re` skips every other one without trying.
_ENDS = re.compile(
    r"[,!?;。\n\r._但可不](?:(?<=[,!?;。\n\r])[,!?;。\n\r]*|(?<=\.)(?![0-9a-z])|(?<=_)"
    r"|(?<=但)(?:是|(?<![不非]但)(?!愿))|(?<=可)是|(?<=不)过(?![分去来如了期瘾问]))"
)


class Clause(NamedTuple):
    """A stretch of the folded text."""

    start: int
    end: int
    text: str


class ClauseIndex:
    """The clauses of a text by position, in order, without what stands between them; at least one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []
        self._ends: list[int] = []
        done = 0
        for match in _ENDS.finditer(text):
            start, end = match.span()
            if start > done:
                self._starts.append(done)
                self._ends.append(start)
            done = end
        if done < len(text) or not self._starts:
            self._starts.append(done)
            self._ends.append(len(text))

    def at(self, position: int) -> int:
        """The clause that holds a position, or the one before it."""
        return max(bisect_right(self._starts, position) - 1, 0)

    def clause(self, number: int) -> Clause:
        """A clause by its number."""
        start, end = self._starts[number], self._ends[number]
        return Clause(start, end, self._text[start:end])
