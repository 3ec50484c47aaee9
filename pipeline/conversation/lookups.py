"""What a decision looks up and does not decide: places, the reason tree, how bad a phrase is, the rules' version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.bots.words import NO_WORDS, BotWords
from pipeline.conversation.advice import AdviceBook
from pipeline.feedback.mild import MildWords
from pipeline.places.resolve import NO_TABLES, PlaceTables
from pipeline.quality.checks import ServiceBook
from pipeline.quality.sample import Sample
from pipeline.rules.model import RulePack
from pipeline.watches.followed import Followed, followed_rules
from schemas.evidence import Reason
from schemas.quality import Severity


@dataclass(frozen=True, slots=True, eq=False)
class Lookups:
    """Tables that stay the same for a whole batch."""

    tables: PlaceTables = NO_TABLES
    reasons: Mapping[str, Reason] = field(default_factory=dict)  # leaf id -> reason as it goes on the wire
    severities: Mapping[str, Severity] = field(default_factory=dict)  # of each check, by its name
    advice: AdviceBook = field(default_factory=AdviceBook)
    service: ServiceBook = field(default_factory=ServiceBook)
    bots: BotWords = NO_WORDS
    rules_version: str = ""
    model_version: str = ""  # empty: rules only, and every record says so
    mild: MildWords = field(default_factory=MildWords)  # for the sentiment of comments
    followed: Followed | None = None  # rules that need more than one text; None where the pack has none


def lookups_of_pack(pack: RulePack, service: ServiceBook | None = None) -> Lookups:
    """What a worker with this pack looks up in it: judging without Kafka comes to the same levels and alerts.

    `service` is what agents are judged by, where that is not the pack alone.
    """
    return Lookups(
        reasons={leaf.id: Reason(l1=leaf.group, l2=leaf.id, ca=leaf.ca_nature) for leaf in pack.reasons},
        severities=severities_of(pack),
        advice=AdviceBook.of(pack),
        service=ServiceBook.of(pack, Sample()) if service is None else service,
        bots=BotWords.of(pack.bots),
        rules_version=pack.version,
        mild=MildWords.of(pack),
        followed=followed_rules(pack.rules),
    )


def severities_of(pack: RulePack) -> dict[str, Severity]:
    """How bad a finding of each check is: what is to be done, what agents must not say, rules that are checks."""
    severities = {check.id: check.severity for check in pack.service_checks}
    severities |= {group.id: group.severity for group in pack.forbidden}
    return severities | {rule.then.check: Severity(rule.then.severity) for rule in pack.rules if rule.then.check}
