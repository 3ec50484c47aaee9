"""How rules and model come to one level. One pure function; the table of it is in `docs/model.md` and ADR 13.

Rules are what somebody wrote and answers for; the model adds what nobody wrote a rule for. So a model lifts, one level
is as far as it takes back, and only where the rules saw no more than mild displeasure.
"""

from enum import StrEnum
from typing import NamedTuple

from pipeline.findings import Finding
from pipeline.watches.nature import RULE
from schemas.vocabulary import Level

MILD_SCORE = 40  # above it stand churn, abuse, accusation: a model never takes those back
_SETTLED = frozenset({"withdrawn", "solved"})  # thanks are mere manners beside a complaint


class Basis(StrEnum):
    """Who decided the level."""

    RULES = "rules"  # the model says no more, or is not asked
    AGREED = "agreed"  # both say so
    MODEL = "model"  # the model alone: lower confidence
    WITHHELD = "withheld"  # the model says more, but a guard or a withdrawal spoke, or evidence is missing
    TAKEN_BACK = "taken_back"  # mild displeasure that the model does not see


class Decision(NamedTuple):
    """The level, and who decided it."""

    level: Level
    basis: Basis


def combine(
    finding: Finding | None, learned: Level, *, is_surely_none: bool = False, knows_threats: bool = False
) -> Decision:
    """The level of a text by what the rules found and what the model says.

    `learned` is the highest level that the model holds for likely enough; `is_surely_none` says that it holds any
    complaint for very unlikely, `knows_threats` that it was taught threats in words that no rule has.
    """
    ruled = finding.level if finding else Level.NONE
    if learned.rank < ruled.rank:
        if is_surely_none and finding is not None and _is_mild(finding):
            return Decision(Level.NONE, Basis.TAKEN_BACK)
        return Decision(ruled, Basis.RULES)
    if learned is ruled:
        return Decision(ruled, Basis.AGREED if ruled is not Level.NONE else Basis.RULES)
    if finding is not None and _is_settled(finding):
        return Decision(ruled, Basis.WITHHELD)
    if learned is Level.HIGH_RISK and ruled is Level.NONE and not knows_threats:  # that takes evidence of the rules
        return Decision(Level.EXPLICIT, Basis.MODEL)
    return Decision(learned, Basis.MODEL)


def _is_mild(finding: Finding) -> bool:
    """Whether the rules saw mild displeasure only."""
    if finding.level is not Level.POTENTIAL or finding.guards or finding.signs[0].score > MILD_SCORE:
        return False
    return not any(sign.rule.startswith(RULE) for sign in finding.signs)  # what a rule of the house says is told


def _is_settled(finding: Finding) -> bool:
    """Whether the rules read the clause and decided against a complaint, or the customer takes it back."""
    if not _SETTLED.isdisjoint(finding.tags):
        return True
    return finding.level is Level.NONE and bool(finding.guards)
