"""What kind of rule a rule is: which phrases it looks for, whether one text decides it, what it adds to a finding."""

from collections.abc import Iterable

from pipeline.watches.likeness import telling_pairs
from pipeline.watches.model import OF_TEXT, Condition, Effect, Operator, Place, Rule

RULE = "rule."  # before the id of a rule, where its sign is shown
CHECK = "check:"  # before the name of a check of a rule that fired, among tags
NEEDS_REVIEW = "needs_review"


def asks_more_than_a_turn(rule: Rule) -> bool:
    """Whether a rule needs to know more than one text: other turns, times, attributes, the day."""
    conditions = [rule.condition(name) for name in rule.when.names]
    if rule.only or rule.from_ms is not None or rule.until_ms is not None or fires_without_words(rule):
        return True
    return any(each.operator not in OF_TEXT or each.scope.place is not Place.TURN for each in conditions)


def fires_without_words(rule: Rule) -> bool:
    """Whether a rule may fire in a turn that holds none of its words: then every turn has to be asked."""
    free = [
        1 << place
        for place, name in enumerate(rule.when.names)
        if rule.condition(name).operator in {Operator.NONE, Operator.REPEATS}
    ]
    chosen = [0]
    for bit in free:
        chosen += [each | bit for each in chosen]
    return any(rule.when.holds(each) for each in chosen)


def words_of(condition: Condition) -> tuple[str, ...]:
    """Every phrase that has to be found for a condition."""
    if condition.operator is Operator.SIMILAR:
        return tuple(dict.fromkeys(pair for each in condition.words for pair in telling_pairs(each, condition.share)))
    return (*condition.words, *condition.others) if condition.operator in OF_TEXT else ()


def starting_words(condition: Condition) -> Iterable[str]:
    """Those of the phrases that make a text worth reading: without one of them the condition cannot be met."""
    if condition.operator is Operator.ALL:
        return [max(condition.words, key=len)]
    if condition.operator is Operator.GAP:
        return max(condition.parts, key=lambda words: min(map(len, words), default=0))
    if condition.operator in {Operator.NEAR, Operator.NOT_NEAR}:
        return condition.words
    return words_of(condition)


def effect_tags(effect: Effect, *, needs_review: bool) -> tuple[str, ...]:
    """What a rule that fires adds to the tags of a finding."""
    tags = [effect.tag] if effect.tag else []
    tags += [CHECK + effect.check] if effect.check else []
    return (*tags, NEEDS_REVIEW) if needs_review else tuple(tags)
