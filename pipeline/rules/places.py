"""Every list of words in a pack with its path in the files: for the linter and for comparing two packs."""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.rules.model import RulePack
from pipeline.watches.model import OF_TEXT, Operator, Rule
from schemas.vocabulary import Level

_ALONE = frozenset({Operator.ANY, Operator.ALL, Operator.AT_LEAST, Operator.NONE})


class WordList(NamedTuple):
    """One list of words."""

    path: str  # `cues.broken_promise.words`
    words: tuple[str, ...]
    level: Level = Level.NONE  # that one of the words alone may give
    counts_alone: bool = True  # a word of it means something wherever it stands


def word_lists(pack: RulePack) -> Iterator[WordList]:
    """All lists of phrases; expressions are no phrases."""
    yield from _of_levels(pack)
    for leaf in pack.reasons:
        yield WordList(f"reasons.{leaf.group}.leaves.{leaf.id}.words", leaf.words)
        yield WordList(f"reasons.{leaf.group}.leaves.{leaf.id}.about", leaf.about, counts_alone=False)
    for section, tables in (("tags", pack.tags), ("agent_tags", pack.agent_tags), ("traps", pack.traps)):
        for name, words in tables.items():
            yield WordList(f"{section}.{name}", words)
    for kind in pack.customer_types:
        yield WordList(f"customer_types.{kind.id}.words", kind.words)
    for group in pack.forbidden:
        yield WordList(f"forbidden.{group.id}.words", group.words)
    for rule in pack.rules:
        yield from _of_rule(rule)


def _of_levels(pack: RulePack) -> Iterator[WordList]:
    yield WordList("complaint_words", pack.complaint_words, Level.EXPLICIT)
    for cue in pack.cues:
        yield WordList(f"cues.{cue.id}.words", cue.words, cue.level)
    for pattern in pack.patterns:
        yield WordList(f"patterns.{pattern.id}.anchors", pattern.anchors, counts_alone=False)
    for name in ("negative", "asking", "positive"):
        yield WordList(f"weak.{name}", getattr(pack.weak, name), counts_alone=False)
    for threat in pack.threats:
        yield WordList(f"threats.{threat.group}.words", threat.words, Level.HIGH_RISK)
        yield WordList(f"threats.{threat.group}.mentions", threat.mentions, counts_alone=False)


def _of_rule(rule: Rule) -> Iterator[WordList]:
    for condition in rule.conditions:
        if condition.operator in OF_TEXT and condition.operator is not Operator.SIMILAR:
            path = f"rules.{rule.id}.conditions.{condition.name}"
            level = rule.then.level if condition.operator is Operator.ANY else Level.NONE
            yield WordList(path, (*condition.words, *condition.others), level, condition.operator in _ALONE)
