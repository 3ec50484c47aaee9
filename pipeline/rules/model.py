"""The rule pack as plain frozen values: what the YAML files say, checked, and nothing computed from it yet."""

from dataclasses import dataclass, field

from pipeline.rules.service import NO_BOT_RULES, AdviceCard, BotRules, CustomerType, ForbiddenGroup, ServiceCheck
from pipeline.watches.model import Rule
from schemas.vocabulary import Level, ReasonGroup, ThreatGroup


@dataclass(frozen=True, kw_only=True)
class LevelSpec:
    """One level: its Chinese name and the scores it may have, both ends included."""

    level: Level
    zh: str
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Cue:
    """Words that are a sign wherever a customer says them."""

    id: str
    level: Level
    score: int
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A sign that is more than a word: one of `match` in a clause that holds an anchor, and none of `unless`."""

    id: str
    level: Level
    score: int
    anchors: tuple[str, ...]  # plain words that the automaton looks for; without one the clause is not even looked at
    match: tuple[str, ...]
    unless: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: ThreatGroup | None = None  # what a pattern of `high_risk` threatens with


@dataclass(frozen=True, kw_only=True)
class Weak:
    """Words too mild to count alone: `threshold` of them more than the praise around them are one sign."""

    score: int
    threshold: int
    praise_share: int  # words of praise for each sign of displeasure that mean: content overall
    negative: tuple[str, ...]
    asking: tuple[str, ...]  # marks of an enquiry or a request: each takes one away
    positive: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ThreatRule:
    """One group of high-risk signs and the conditions under which its words count."""

    group: ThreatGroup
    zh: str
    score: int
    words: tuple[str, ...]
    mentions: tuple[str, ...] = ()  # parts of an @-mention that make it an escalation
    needs_verb: bool = False  # a platform's name alone is no threat
    needs_link: bool = False  # an injury counts when our product or staff is in it
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verbs:
    """Verbs of intent around a platform's name: `before` stand only in front of it, `around` on either side."""

    before: tuple[str, ...]
    not_before: tuple[str, ...]  # words that only end in such a verb: 早上
    around: tuple[str, ...]
    within_chars: int


@dataclass(frozen=True, kw_only=True)
class ReasonLeaf:
    """One leaf of the reason tree."""

    id: str
    group: ReasonGroup
    zh: str
    ca_nature: str  # the nature under which the consumer association publishes its shares
    words: tuple[str, ...]
    about: tuple[str, ...] = ()  # what such complaints speak of; the model alone is told


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Expressions over one clause: it speaks when one of `match` fits and none of `unless`."""

    id: str
    match: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RulePack:
    """Everything the tagger knows. `version` is a hash of the files' content, the same on every machine."""

    version: str
    levels: tuple[LevelSpec, ...]
    complaint_words: tuple[str, ...]
    cues: tuple[Cue, ...]
    patterns: tuple[Pattern, ...]
    weak: Weak
    threats: tuple[ThreatRule, ...]
    verbs: Verbs
    links: tuple[str, ...]  # expressions that tie an injury to our product or staff
    guards: tuple[Guard, ...]
    civic_channels: tuple[str, ...] = ()  # threat words that are the ordinary channel when an authority is addressed
    civic_requests: tuple[str, ...] = ()  # rules of the explicit level that only ask an authority to act
    civic_only: tuple[str, ...] = ()  # patterns that are looked for in letters to an authority alone
    civic_joint: tuple[str, ...] = ()  # who speaks for many: a threat only where the letter claims something
    cue_negations: tuple[str, ...] = ()
    traps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: tuple[ReasonLeaf, ...] = ()
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    agent_tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    customer_types: tuple[CustomerType, ...] = ()
    advice: dict[str, AdviceCard] = field(default_factory=dict)  # by level or threat group
    forbidden: tuple[ForbiddenGroup, ...] = ()
    service_checks: tuple[ServiceCheck, ...] = ()
    bots: BotRules = NO_BOT_RULES
    rules: tuple[Rule, ...] = ()
    collections: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def band(self, level: Level) -> tuple[int, int]:
        """The lowest and the highest score of a level."""
        spec = self.levels[level.rank]
        return spec.low, spec.high
