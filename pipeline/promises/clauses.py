"""A sentence of an agent as clauses, with what decides whether something is promised in one of them."""

import re
from functools import cached_property

from pipeline.promises import words
from pipeline.promises.when import Said, whens

CLAUSE = re.compile(r"[^,]+")


class Clause:
    """A clause with what is harmless in it blotted out, place by place; questions about it are answered once."""

    def __init__(self, start: int, text: str, following: str, *, is_asked: bool) -> None:
        self.start, self.text = start, text
        self._following, self._is_asked = following, is_asked

    @cached_property
    def is_barred(self) -> bool:
        """Whether nothing is promised here, and no time of it counts for its neighbours."""
        return (
            self._is_asked
            or words.QUESTION.search(self.text) is not None
            or words.ASKED_AFTER.match(self._following) is not None
            or words.REPORTED.search(self.text) is not None
        )

    @cached_property
    def is_condition(self) -> bool:
        """Whether what follows holds only if something else does."""
        return words.CONDITION.search(self.text) is not None

    @cached_property
    def is_announced(self) -> bool:
        """Whether it says that we do something."""
        return words.OURS.search(self.text) is not None

    @cached_property
    def times(self) -> list[Said]:
        """Every exact time."""
        return whens(self.text)


def clauses_of(sentence: str, at: int) -> list[Clause]:
    """The clauses of a sentence that begins at a place in its text."""
    blotted = words.HARMLESS.sub(lambda found: "_" * len(found[0]), sentence.rstrip("。!;\n "))
    parts = list(CLAUSE.finditer(blotted))
    following = [part[0] for part in parts[1:]] + [""]
    return [
        Clause(at + part.start(), part[0], after, is_asked=not after and blotted.endswith("?"))
        for part, after in zip(parts, following, strict=True)
    ]
