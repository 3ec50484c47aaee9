"""What a decision looks up and does not decide: places, the reason tree, how bad a phrase is, the rules' version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.bots.words import NO_WORDS, BotWords
from pipeline.conversation.advice import AdviceBook
from pipeline.feedback.mild import MildWords
from pipeline.places.resolve import NO_TABLES, PlaceTables
from pipeline.quality.checks import ServiceBook
from pipeline.rules.model import RulePack
from pipeline.watches.followed import Followed
from schemas.evidence import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Lookups:
    """Tables that stay the same for a whole batch."""

    tables: PlaceTables = NO_TABLES
    reasons: Mapping[str, Reason] = field(default_factory=dict)  # leaf id -> reason as it goes on the wire
    severities: Mapping[str, str] = field(default_factory=dict)  # forbidden group -> major, critical
    advice: AdviceBook = field(default_factory=AdviceBook)
    service: ServiceBook = field(default_factory=ServiceBook)
    bots: BotWords = NO_WORDS
    rules_version: str = ""
    model_version: str = ""  # empty: rules only, and every record says so
    mild: MildWords = field(default_factory=MildWords)  # for the sentiment of comments
    followed: Followed | None = None  # rules that need more than one text; None where the pack has none


def severities_of(pack: RulePack) -> dict[str, str]:
    """How bad each check is: of what agents must not say, and of rules that are checks."""
    checks = {rule.then.check: rule.then.severity for rule in pack.rules if rule.then.check}
    return {group.id: group.severity for group in pack.forbidden} | checks
