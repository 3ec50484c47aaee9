"""How a rule is written: the shape of an entry under `rules:`, and what only a rule as a whole can get wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

import msgspec
import yaml

from pipeline.rules.problems import Problem
from pipeline.rules.shapes import Choice, Each, Number, Record, Report, Shape, Table, Text, Title, short
from pipeline.times import CHINA
from pipeline.watches.conditions import ConditionShape, Reference, Truth
from pipeline.watches.examples import ATTRIBUTES, ExampleShape
from pipeline.watches.logic import LogicError, parse_logic
from pipeline.watches.model import END, OF_ANCHOR, OF_TIME, START, Condition, Effect, Operator, Place, Rule
from schemas.vocabulary import ChannelClass, Level, Role

_MAX_CONDITIONS = 16
_SIGN_LEVELS = (Level.POTENTIAL.value, Level.EXPLICIT.value, Level.HIGH_RISK.value)
_NAME = re.compile(r"\w{1,60}", re.ASCII)
_RESERVED = {START, END, "and", "or", "not"}


class Day:
    """A day such as 2026-11-11, as the millisecond in which it begins in China."""

    def read(self, node: yaml.Node, path: str, report: Report) -> int | None:
        """Milliseconds since the epoch."""
        try:
            day = date.fromisoformat(node.value if isinstance(node, yaml.ScalarNode) else "")
            start = datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)
        except (ValueError, OverflowError):
            report.add(node, path, "is no day; write it as 2026-11-11")
            return None
        return int(start.timestamp()) * 1000


_CLOSED: dict[str, Shape] = {"channel": Choice([channel.value for channel in ChannelClass])}
_RULE = Record(
    {
        "zh": Title(),
        "conditions": Table(ConditionShape()),
        "then": Record(
            {},
            {
                "level": Choice(_SIGN_LEVELS),
                "score": Number(0, 100),
                "tag": Text(),
                "check": Text(),
                "severity": Choice(("minor", "major", "critical")),
            },
        ),
    },
    {
        "note": Text(),
        "when": Text(),
        "only": Record({}, {name: Each(_CLOSED.get(name, Text())) for name in ATTRIBUTES}),
        "valid": Record({}, {"from": Day(), "until": Day()}),
        "review": Truth(),
        "examples": Each(ExampleShape()),
    },
)


class Rules(Table):
    """Rules by id."""

    def __init__(self) -> None:
        super().__init__(RuleShape())

    def read(self, node: yaml.Node, path: str, report: Report) -> dict[str, Any]:
        """The rules, each with the key under which it stands as its id: a path only shows it, cut where it is long."""
        rules = super().read(node, path, report)
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag == "tag:yaml.org,2002:str" and not _NAME.fullmatch(key.value):
                report.add(key, f"{path}.{short(key.value)}", "is no id; write letters, digits and _, at most 60")
        return {name: replace(rule, id=name) for name, rule in rules.items()}


class RuleShape:
    """One rule, its id aside: the table gives it."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Rule | None:
        """The rule, if all of it could be read."""
        before = len(report.problems)
        values = _RULE.read(node, path, report)
        if values is None or None in values.values() or len(report.problems) > before:
            return None
        conditions = tuple(replace(each, name=name) for name, each in values["conditions"].items())
        when = values.get("when") or " && ".join(_not_named(conditions))
        for part, what in _problems(conditions, when, values):
            report.add(_child(node, part), f"{path}.{part}", what)
        if len(report.problems) > before:
            return None
        valid = values.get("valid") or {}
        until_ms = valid.get("until")
        return Rule(
            id="",
            zh=values["zh"],
            conditions=conditions,
            when=parse_logic(when),
            then=Effect(**{**values["then"], "level": Level(values["then"].get("level", Level.NONE))}),
            only=values.get("only") or {},
            from_ms=valid.get("from"),
            until_ms=None if until_ms is None else until_ms + 24 * 3600 * 1000,  # the last day counts
            needs_review=values.get("review", False),
            examples=values.get("examples", ()),
        )


def _child(node: yaml.Node, path: str) -> yaml.Node:
    """The key under which a part stands; the node itself where it is not found."""
    for name in path.split("."):
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value == name:
                node = value if isinstance(value, yaml.MappingNode) else key
    return node


def _not_named(conditions: tuple[Condition, ...]) -> list[str]:
    """The conditions that no other one names: all of them must hold where `when` is not written."""
    named = {name for each in conditions for name in _names(each)}
    return [each.name for each in conditions if each.name not in named]


def _names(condition: Condition) -> list[str]:
    """The conditions that a condition names."""
    found = (condition.what, condition.after, condition.before, condition.scope.anchor)
    return [name for name in found if name and name not in {START, END}]


def _problems(conditions: tuple[Condition, ...], when: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Part of the rule and what is wrong with it."""
    found: list[tuple[str, str]] = []
    by_name = {each.name: each for each in conditions}
    if not 1 <= len(conditions) <= _MAX_CONDITIONS:
        found.append(("conditions", f"has {len(conditions)} conditions; write 1 to {_MAX_CONDITIONS}"))
    for each in conditions:
        found += [(f"conditions.{each.name}", what) for what in _condition_problems(each, by_name)]
    found += _effect_problems(values, conditions)
    try:
        logic = parse_logic(when)
    except LogicError as error:
        return [*found, ("when", str(error))]
    unknown = [name for name in logic.names if name not in by_name]
    if unknown:
        found.append(("when", f"names {unknown[0]}, which is no condition of this rule"))
    elif logic.holds(0):
        found.append(("when", "is true where no condition is; name something that has to be there"))
    elif not logic.table:
        found.append(("when", "can never be true"))
    return found


def _condition_problems(condition: Condition, by_name: Mapping[str, Condition]) -> list[str]:
    found = []
    if not _NAME.fullmatch(condition.name) or condition.name in _RESERVED:
        found.append("is no name for a condition; write letters, digits and _, but not start, end, and, or, not")
    for name in _names(condition):
        other = by_name.get(name)
        if other is None:
            found.append(f"names {name}, which is no condition of this rule")
        elif other.operator in OF_TIME or other.is_every or other.scope.place in OF_ANCHOR | {Place.LAST}:
            found.append(f"names {name}, which is not met by a turn of its own")
        elif other.operator is Operator.NONE:
            found.append(f"names {name}, which is met by what is not there")
    if START in {condition.what, condition.before} or END in {condition.what, condition.after}:
        found.append("can only be after: start or before: end")
    return found


def _effect_problems(values: Mapping[str, Any], conditions: tuple[Condition, ...]) -> list[tuple[str, str]]:
    then = values["then"]
    found = []
    if not {"level", "tag", "check"} & set(then):
        found.append(("then", "must say level and score, tag, or check"))
    if ("level" in then) != ("score" in then):
        found.append(("then", "must say level and score together"))
    if ("check" in then) != ("severity" in then):
        found.append(("then", "must say check and severity together"))
    found += [
        (f"then.{name}", "must be of letters, digits and _, at most 60")
        for name in ("tag", "check")
        if name in then and not _NAME.fullmatch(then[name])
    ]
    of_customer = [each for each in conditions if Role.CUSTOMER in each.by and each.operator not in OF_TIME]
    if "level" in then and not of_customer:
        found.append(("then", "has a level, but no condition about the customer: write a tag or a check"))
    elif "level" in then and all(each.is_every for each in of_customer):
        what = "has a level, but every: true names no turn of the customer that could show it"
        found.append(("then", f"{what}: add a condition without it, or write a tag or a check"))
    valid = values.get("valid") or {}
    if "from" in valid and "until" in valid and valid["from"] > valid["until"]:
        found.append(("valid", "ends before it begins"))
    return found


def resolved(
    rules: Mapping[str, Rule], collections: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Rules with the words of collections in place of their names, and the names that stand for nothing."""
    problems: list[Problem] = []

    def words(written: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        parts: list[tuple[str, ...]] = []
        for word in written:
            if not isinstance(word, Reference):
                parts.append((word,))
                continue
            found = collections.get(word[1:])
            if found is None:
                what = f"names {word}, which is no collection; write it under collections:"
                problems.append(Problem(word.file, word.line, word.path, what))
            parts.append(found or ())
        return tuple(parts)

    def flat(written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word for part in words(written) for word in part))

    done = []
    for rule in rules.values():
        conditions = []
        for each in rule.conditions:
            parts = words(each.words) if each.operator is Operator.GAP else ()
            conditions.append(replace(each, words=flat(each.words), others=flat(each.others), parts=parts))
        done.append(replace(rule, conditions=_with_keys(rule.id, conditions)))
    return tuple(done), problems


def _with_keys(rule_id: str, conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Conditions with their names among all rules: what they ask is in them, and which rule came first is not.

    Another pack may be pushed while conversations run. What they remember is found again under these names: where a
    condition has changed there is nothing to be found, and where it has not all of it.
    """
    is_own = {each.name: each.operator in OF_TIME or each.scope.place in OF_ANCHOR for each in conditions}
    keys = {each.name: f"{each.operator}.{_digest(each)}" for each in conditions if not is_own[each.name]}
    for each in conditions:
        if is_own[each.name]:  # it names others of its rule, and is another one where those are
            keys[each.name] = f"{rule_id}/{each.name}.{_digest(each, *[keys[name] for name in _names(each)])}"
    return tuple(replace(each, key=keys[each.name]) for each in conditions)


def _digest(condition: Condition, *named: str) -> str:
    content = msgspec.json.encode((replace(condition, name=""), named))
    return blake2b(content, digest_size=6).hexdigest()
