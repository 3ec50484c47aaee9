"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How serious it is."""

    GOOD = "good"
    ODD = "odd"  # works, but somebody should know
    BAD = "bad"  # will not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    detail: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding for a program."""
        return {"what": self.what, "verdict": self.verdict.value, "detail": self.detail, "fix": self.fix}


def good(what: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(what, Verdict.GOOD, detail)


def odd(what: str, detail: str, fix: str) -> Finding:
    """Works, but somebody should know."""
    return Finding(what, Verdict.ODD, detail, fix)


def bad(what: str, detail: str, fix: str) -> Finding:
    """Will not work until `fix` is done."""
    return Finding(what, Verdict.BAD, detail, fix)
