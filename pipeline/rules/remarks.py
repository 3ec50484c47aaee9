"""What the linter says of a pack: one remark, and which kinds of remarks are hints only."""

from typing import NamedTuple

HINTS = frozenset({"needless", "variant", "typed", "misheard", "untried"})


class Remark(NamedTuple):
    """One thing that the author of a pack should look at."""

    kind: str  # short, duplicate, accident, unreachable, unused; or a hint
    path: str
    word: str  # in which line to look; empty where it is no word
    what: str

    @property
    def is_hint(self) -> bool:
        """Whether it may well be meant."""
        return self.kind in HINTS
