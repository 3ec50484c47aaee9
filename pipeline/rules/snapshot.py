"""A rule pack compiled for the hot path: one table of phrases with what each is used for, and its expressions."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from pipeline.rules.expressions import Expressions
from pipeline.rules.model import RulePack
from pipeline.text.scan import Hit, Scanner
from pipeline.watches.nature import RULE, starting_words, words_of
from schemas.vocabulary import Level, Role, ThreatGroup


class Kind(IntEnum):
    """What a phrase is used for."""

    TRAP = 0
    COMPLAINT = 1
    CUE = 2
    ANCHOR = 3
    NEGATIVE = 4
    POSITIVE = 5
    THREAT = 6
    TAG = 7
    CUSTOMER_TYPE = 8
    REASON = 9
    FORBIDDEN = 10
    AGENT_TAG = 11
    ASKING = 12
    WATCHED_CUSTOMER = 13  # a rule asks about it when a customer says it
    WATCHED_AGENT = 14
    WATCHED_BESIDE = 15  # a rule asks about it beside a word of another of its conditions
    DOUBTFUL_SAID = 16


# Sets of kinds are bits, so that one look at a number tells what a stretch of text holds.
COMPLAINT = 1 << Kind.COMPLAINT
READ = COMPLAINT | 1 << Kind.CUE | 1 << Kind.ANCHOR | 1 << Kind.THREAT  # one of these has its clause read
WEAK = 1 << Kind.NEGATIVE | 1 << Kind.POSITIVE | 1 << Kind.ASKING
TOLD = 1 << Kind.REASON | 1 << Kind.TAG | 1 << Kind.CUSTOMER_TYPE
DOUBTFUL = 1 << len(Kind)  # may take out another hit, or be part of a longer number or word
_MENTION = "@"  # no pattern's name: the word only has the text read, and mentions are found there
_CUSTOMER_STARTS = {Kind.COMPLAINT, Kind.CUE, Kind.ANCHOR, Kind.THREAT, Kind.TAG, Kind.WATCHED_CUSTOMER}
# One of these in an agent's text, and tags alone do not tell all that it shows.
_READ_OF_AGENTS = {Kind.FORBIDDEN, Kind.DOUBTFUL_SAID, Kind.TRAP, Kind.WATCHED_AGENT, Kind.WATCHED_BESIDE}
_AGENT_STARTS = {Kind.FORBIDDEN, Kind.DOUBTFUL_SAID, Kind.AGENT_TAG, Kind.WATCHED_AGENT}


class Use(NamedTuple):
    """One use of a phrase."""

    kind: Kind
    rule: str  # `level.explicit:demand`, `threat.regulator`, a leaf id, a tag
    level: Level = Level.NONE
    score: int = 0
    group: ThreatGroup | None = None


class Snapshot:
    """What the tagger reads: phrases, their uses, the scanner and the expressions of one pack."""

    def __init__(self, pack: RulePack) -> None:
        self.pack = pack
        uses = _uses(pack)
        self.phrases = tuple(uses)
        self.uses = tuple(tuple(uses[phrase]) for phrase in self.phrases)
        # How much a hit says for reading the text at all: once the sum is `enough`, it is read.
        self.enough = pack.weak.threshold
        self.starts_customer = tuple(_start(found, _CUSTOMER_STARTS, self.enough, weak=1) for found in self.uses)
        self.starts_agent = tuple(_start(found, _AGENT_STARTS, self.enough, weak=0) for found in self.uses)
        traps = _traps(pack)
        self.traps = tuple(
            tuple(traps[phrase]) if found[0].kind is Kind.TRAP else ()
            for phrase, found in zip(self.phrases, self.uses, strict=True)
        )
        self.has_edges = tuple(_joins(phrase[0]) or _joins(phrase[-1]) for phrase in self.phrases)
        self.kinds = tuple(
            _bits(found) | (DOUBTFUL if trapped or has_edges else 0)
            for found, trapped, has_edges in zip(self.uses, self.traps, self.has_edges, strict=True)
        )
        self._agent_tags, self._agent_bits = _agent_bits(self.uses, self.kinds)
        self._leaves = tuple(tuple(use.rule for use in found if use.kind is Kind.REASON) for found in self.uses)
        self.scanner = Scanner(self.phrases)
        self.expressions = _expressions(pack)
        self.addressed = tuple(rule for rule in pack.threats if rule.mentions)
        names = sorted({re.escape(name) for rule in self.addressed for name in rule.mentions})
        self.names_addressed = re.compile("|".join(names) or r"(?!)")
        self.threats = {rule.group: rule for rule in pack.threats}
        self.guards = frozenset(guard.id for guard in pack.guards)
        self.civic_channels = frozenset(pack.civic_channels)
        self.civic_requests = frozenset(f"level.{Level.EXPLICIT}:{rule}" for rule in pack.civic_requests)
        self.civic_only = frozenset(pack.civic_only)
        self.civic_joint = frozenset(pack.civic_joint)
        self.cue_negations = frozenset(pack.cue_negations)
        self.longest_negation = max(map(len, pack.cue_negations), default=0)

    def leaves_among(self, hits: list[Hit]) -> list[str]:
        """The leaves of the reason tree of which some hit is a word, in order."""
        return list(dict.fromkeys([leaf for phrase, _, _ in hits for leaf in self._leaves[phrase]]))

    def agent_tags_alone(self, hits: list[Hit]) -> int | None:
        """The tags that an agent's text shows, as bits; None where it has to be read, for what must not be said."""
        bits = 0
        for phrase, _, _ in hits:
            bits |= self._agent_bits[phrase]
        return None if bits & 1 else bits

    def agent_tags_of(self, bits: int) -> tuple[str, ...]:
        """The tags behind the bits."""
        return tuple(tag for place, tag in enumerate(self._agent_tags, 1) if bits >> place & 1)


def _agent_bits(uses: tuple[tuple[Use, ...], ...], kinds: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The tags of agents' texts, and which of them a phrase shows: from bit 1; bit 0 asks for a closer look."""
    tags = tuple(dict.fromkeys(use.rule for found in uses for use in found if use.kind is Kind.AGENT_TAG))
    places = {tag: place for place, tag in enumerate(tags, 1)}
    bits = []
    for found, kind in zip(uses, kinds, strict=True):
        shows = 0
        for use in found:
            if use.kind is Kind.AGENT_TAG:
                shows |= 1 << places[use.rule]
        is_read = any(use.kind in _READ_OF_AGENTS for use in found)
        bits.append(shows | int(is_read or (shows and kind & DOUBTFUL) != 0))
    return tags, tuple(bits)


def _start(uses: tuple[Use, ...], kinds: set[Kind], enough: int, *, weak: int) -> int:
    if any(use.kind in kinds for use in uses):
        return enough
    return weak if any(use.kind is Kind.NEGATIVE for use in uses) else 0


def _bits(uses: tuple[Use, ...]) -> int:
    bits = 0
    for use in uses:
        bits |= 1 << use.kind
    return bits


def _joins(char: str) -> bool:
    """Whether a number or a word could go on beyond this character."""
    return char.isdigit() or "a" <= char <= "z"


def _uses(pack: RulePack) -> dict[str, list[Use]]:
    uses: dict[str, list[Use]] = {}
    for words, use in (*_level_uses(pack), *_other_uses(pack)):
        for word in words:
            uses.setdefault(word, []).append(use)
    return uses


def _level_uses(pack: RulePack) -> Iterator[tuple[Iterable[str], Use]]:
    for trapped in pack.traps.values():
        yield trapped, Use(Kind.TRAP, "trap")
    yield pack.complaint_words, Use(Kind.COMPLAINT, "complaint")
    for cue in pack.cues:
        yield cue.words, Use(Kind.CUE, f"level.{cue.level}:{cue.id}", cue.level, cue.score)
    for pattern in pack.patterns:
        yield pattern.anchors, Use(Kind.ANCHOR, pattern.id, pattern.level, pattern.score, pattern.group)
    yield pack.weak.negative, Use(Kind.NEGATIVE, "weak")
    yield pack.weak.asking, Use(Kind.ASKING, "weak")
    yield pack.weak.positive, Use(Kind.POSITIVE, "weak")
    for threat in pack.threats:
        yield threat.mentions, Use(Kind.ANCHOR, _MENTION)
        yield threat.words, Use(Kind.THREAT, f"threat.{threat.group}", Level.HIGH_RISK, threat.score, threat.group)


def _other_uses(pack: RulePack) -> Iterator[tuple[Iterable[str], Use]]:
    for tag, words in pack.tags.items():
        yield words, Use(Kind.TAG, tag)
    for kind in pack.customer_types:
        yield kind.words, Use(Kind.CUSTOMER_TYPE, f"type:{kind.id}")
    for leaf in pack.reasons:
        yield leaf.words, Use(Kind.REASON, leaf.id)
    yield from _agent_uses(pack)
    for rule in pack.rules:
        for condition in rule.conditions:
            yield words_of(condition), Use(Kind.WATCHED_BESIDE, RULE)
            for role in condition.by:
                starts = Kind.WATCHED_CUSTOMER if role is Role.CUSTOMER else Kind.WATCHED_AGENT
                yield starting_words(condition), Use(starts, RULE)


def _agent_uses(pack: RulePack) -> Iterator[tuple[Iterable[str], Use]]:
    for group in pack.forbidden:
        yield _either_you(group.words), Use(Kind.FORBIDDEN, group.id)
        yield _either_you(group.doubtful), Use(Kind.DOUBTFUL_SAID, group.id)
    for tag, words in pack.agent_tags.items():
        yield words, Use(Kind.AGENT_TAG, tag)


def _either_you(words: Iterable[str]) -> tuple[str, ...]:
    """The words with 你 and with 您: agents have to say 您, and what they must not say is as rude with it."""
    polite = [(word, word.replace("你", "您"), word.replace("您", "你")) for word in words]
    return tuple(dict.fromkeys(form for forms in polite for form in forms))


def _traps(pack: RulePack) -> dict[str, list[tuple[str, int]]]:
    """Which phrases a trap string drops, and where in it they stand."""
    places: dict[str, list[tuple[str, int]]] = {}
    for key, strings in pack.traps.items():
        for string in strings:
            found = places.setdefault(string, [])
            found += [(key, at) for at in range(len(string)) if string.startswith(key, at)]
    return places


def _expressions(pack: RulePack) -> Expressions:
    expressions = Expressions()
    for guard in pack.guards:
        expressions.add(f"guard.{guard.id}", guard.match, guard.unless)
    for pattern in pack.patterns:
        expressions.add(f"pattern.{pattern.id}", pattern.match, pattern.unless)
    for threat in pack.threats:
        expressions.add(f"threat.{threat.group}", (), threat.unless)
    expressions.add("link", pack.links)
    return expressions
