"""The rules that need more than one text, sorted by what makes each of them worth asking."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.watches.model import END, OF_VOICE, START, Condition, Operator, Place, Rule
from pipeline.watches.nature import asks_more_than_a_turn, fires_without_words
from schemas.vocabulary import Role


class Asked(NamedTuple):
    """A condition with the name that it has among all rules."""

    key: str
    condition: Condition
    rule: Rule


class Followed:
    """An index of the rules that are followed through a conversation."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = [rule for rule in rules if asks_more_than_a_turn(rule)]
        self.by_key: dict[str, list[Rule]] = {}  # condition that was met -> rules that may fire because of it
        self.by_id = {rule.id: rule for rule in self.rules}
        self.of_voice: list[Asked] = []
        self.of_repeats: list[Asked] = []
        self.of_every: list[Asked] = []
        self.waiting_on: dict[str, list[Asked]] = {}  # condition that begins a wait -> the waits
        self.answered_by: dict[str, list[Asked]] = {}  # condition that ends a wait -> the waits
        self.from_start: list[Asked] = []  # waits that begin with the conversation,
        self.from_agent: list[Asked] = []  # and with an agent's first words
        self.at_end: list[Rule] = []
        self.each_turn: dict[Role, list[Rule]] = {Role.CUSTOMER: [], Role.AGENT: []}
        self.remembered: dict[str, Condition] = {}  # conditions that are asked about later
        self._known: set[str] = set()
        for rule in self.rules:
            self._add(rule)
        self.asks_each_turn = bool(
            self.of_voice
            or self.of_repeats
            or self.of_every
            or self.from_start
            or self.from_agent
            or any(self.each_turn.values())
        )

    def _add(self, rule: Rule) -> None:
        for role in {role for each in rule.conditions for role in each.by} if fires_without_words(rule) else ():
            self.each_turn[role].append(rule)
        if any(_is_judged_at_end(rule.condition(name)) for name in rule.when.names):
            self.at_end.append(rule)
        named = {name for each in rule.conditions for name in (each.what, each.after, each.before, each.scope.anchor)}
        moving = _moving(rule)
        for condition in rule.conditions:
            asked = Asked(condition.key, condition, rule)
            is_known = condition.key in self._known  # of an earlier rule
            self._known.add(condition.key)
            if condition.name in moving:
                self.by_key.setdefault(condition.key, []).append(rule)
            if condition.operator in OF_VOICE and not is_known:
                self.of_voice.append(asked)
            if condition.operator is Operator.REPEATS and not is_known:
                self.of_repeats.append(asked)
            if condition.is_every:
                self.of_every += [] if is_known else [asked]
            elif condition.scope.place is not Place.TURN or condition.name in named:
                self.remembered[asked.key] = condition
            if condition.operator is Operator.NOT_SAID and condition.after:
                self._add_wait(rule, asked)

    def _add_wait(self, rule: Rule, asked: Asked) -> None:
        condition = asked.condition
        if condition.after == START:
            (self.from_agent if starts_with_agent(rule, condition) else self.from_start).append(asked)
        else:
            self.waiting_on.setdefault(rule.key(condition.after), []).append(asked)
        self.answered_by.setdefault(rule.key(condition.what), []).append(asked)


def _moving(rule: Rule) -> set[str]:
    """The conditions that can make a rule fire when they are met; what begins or ends a wait only moves the wait."""
    moving = set(rule.when.names)
    for name in rule.when.names:
        condition = rule.condition(name)
        moving |= {condition.scope.anchor, condition.before}
        if condition.operator is Operator.SAID:
            moving |= {condition.what, condition.after}
    return moving


def starts_with_agent(rule: Rule, condition: Condition) -> bool:
    """Whether what is due after the start is due from agents alone: while it rings, or in a queue, there is none."""
    return rule.condition(condition.what).by == (Role.AGENT,)


def _is_judged_at_end(condition: Condition) -> bool:
    return condition.is_every or condition.scope.place is Place.LAST or condition.before == END


def rules_of(followed: Followed, keys: Sequence[str]) -> list[Rule]:
    """The rules that conditions belong to, once each, in a fixed order."""
    return list({rule.id: rule for key in keys for rule in followed.by_key.get(key, ())}.values())


def followed_rules(rules: Iterable[Rule]) -> Followed | None:
    """The index of the rules that are followed through a conversation; None where there are none."""
    followed = Followed(rules)
    return followed if followed.rules else None
