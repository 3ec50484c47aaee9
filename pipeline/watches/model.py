"""The rule language as plain frozen values: what a section `rules:` says, checked, and nothing computed from it yet."""

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.watches.logic import Logic
from schemas.vocabulary import Level, Role

START, END = "start", "end"  # stand for the two ends of a conversation where a condition may be named


class Operator(StrEnum):
    """What a condition asks; the values are its keys in a rule file."""

    ANY = "any"
    ALL = "all"
    AT_LEAST = "at_least"
    NONE = "none"
    GAP = "gap"
    NEAR = "near"
    NOT_NEAR = "not_near"
    REGEX = "regex"
    SIMILAR = "similar"
    REPEATS = "repeats"
    SILENCE = "silence"
    OVERLAP = "overlap"
    SPEECH_RATE = "speech_rate"
    VOLUME = "volume"
    SAID = "said"
    NOT_SAID = "not_said"


OF_TEXT = frozenset(list(Operator)[:9])
OF_VOICE = frozenset({Operator.SILENCE, Operator.OVERLAP, Operator.SPEECH_RATE, Operator.VOLUME})
OF_TIME = frozenset({Operator.SAID, Operator.NOT_SAID})


class Place(StrEnum):
    """Where in the conversation a condition may be met."""

    TURN = "turn"  # the turn that is being judged
    CONVERSATION = "conversation"
    FIRST = "first"
    RECENT = "recent"  # counted back from the turn that is being judged
    LAST = "last"  # counted back from the end: judged there
    BEFORE = "before"
    AFTER = "after"
    AROUND = "around"


OF_ANCHOR = frozenset({Place.BEFORE, Place.AFTER, Place.AROUND})


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A place, and how far it reaches; of two reaches one is set, or none where it is the whole conversation."""

    place: Place = Place.TURN
    turns: int = 0
    within_ms: int = 0
    anchor: str = ""  # a condition of the same rule
    hit: int = 1  # which of its hits: 1 the first, -1 the last


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a rule. Which of the fields from `words` on are used, the operator says."""

    name: str
    operator: Operator
    key: str = ""  # its name among all rules, the same for all that ask the very same: `any.5f0c…`
    by: tuple[Role, ...] = (Role.CUSTOMER,)
    scope: Scope = Scope()
    is_every: bool = False  # of every turn in the scope, not of one
    words: tuple[str, ...] = ()  # of `regex` its anchors
    others: tuple[str, ...] = ()  # what `words` stand near to
    parts: tuple[tuple[str, ...], ...] = ()  # of `gap`: the words that may stand in each place
    chars: int = 0
    count: int = 0
    match: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    share: float = 0.0
    over: float | None = None  # seconds, characters a second, decibels
    under: float | None = None
    what: str = ""  # the condition that is said, or not said,
    after: str = ""  # after this one
    before: str = ""
    within_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What follows when a rule fires; at least one of the three."""

    level: Level = Level.NONE
    score: int = 0
    tag: str = ""
    check: str = ""
    severity: str = ""  # of the check


@dataclass(frozen=True, kw_only=True)
class ExampleTurn:
    """One turn of an example."""

    role: Role
    text: str
    at_ms: int | None = None  # five seconds after the turn before, where it is not said
    silence_ms: int | None = None
    overlap_ms: int | None = None
    speech_rate: float | None = None
    volume_db: float | None = None


@dataclass(frozen=True, kw_only=True)
class Example:
    """What `tocsin rules test` tries a rule with."""

    turns: tuple[ExampleTurn, ...]
    fires: bool = True
    level: Level | None = None  # of the whole conversation, at its end
    has_ended: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: conditions, how they are combined, and what follows."""

    id: str
    zh: str
    conditions: tuple[Condition, ...]
    when: Logic
    then: Effect
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)  # attribute -> values
    from_ms: int | None = None
    until_ms: int | None = None  # end of the validity period, exclusive
    needs_review: bool = False
    examples: tuple[Example, ...] = ()

    def condition(self, name: str) -> Condition:
        """A condition by its name."""
        return next(condition for condition in self.conditions if condition.name == name)

    def key(self, name: str) -> str:
        """The name of a condition among all rules; where it names others, `refund_unheard/asks.5f0c…`."""
        return self.condition(name).key
