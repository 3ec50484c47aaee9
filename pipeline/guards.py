"""The guards over a clause that says 投诉: the first that speaks decides the clause (`docs/levels-and-score.md`)."""

from typing import NamedTuple

from pipeline.rules.expressions import Verdict
from pipeline.rules.sections import COMPLAINT_GUARDS
from schemas.vocabulary import Level


class Decision(NamedTuple):
    """What a clause with 投诉 in it comes to."""

    guard: str  # "" where none spoke: a plain complaint
    level: Level
    score: int
    tag: str = ""

    @property
    def rule(self) -> str:
        """The rule under which the sign is reported."""
        return f"guard.{self.guard}" if self.guard else "level.explicit:投诉"


_DECISIONS = {
    "script": Decision("script", Level.NONE, 0),
    "withdraw": Decision("withdraw", Level.NONE, 0, "withdrawn"),
    "rhetorical_positive": Decision("rhetorical_positive", Level.EXPLICIT, 70),
    "negated": Decision("negated", Level.NONE, 0),
    "inquiry": Decision("inquiry", Level.POTENTIAL, 32, "inquiry"),
    "third_party": Decision("third_party", Level.POTENTIAL, 34),
    "history": Decision("history", Level.EXPLICIT, 72, "repeat"),
    "conditional": Decision("conditional", Level.EXPLICIT, 68, "threat"),
}
_PLAIN = Decision("", Level.EXPLICIT, 66)


def decide(verdict: Verdict) -> Decision:
    """The decision over one clause."""
    for guard in COMPLAINT_GUARDS:
        if verdict.says(f"guard.{guard}"):
            return _DECISIONS[guard]
    return _PLAIN
