"""How a condition is written: one operator, who speaks, where in the conversation."""

import re
from typing import Any

import yaml

from pipeline.rules.shapes import Choice, Each, Number, Record, Regexes, Report, Shape, Text, Word, short
from pipeline.text.normalize import fold_phrase
from pipeline.times import SECOND_MS
from pipeline.watches.likeness import pairs
from pipeline.watches.model import END, OF_TEXT, OF_TIME, OF_VOICE, START, Condition, Operator, Place, Scope
from pipeline.watches.state import FIRST_SEEN
from schemas.vocabulary import Role

_ROLES = {"customer": (Role.CUSTOMER,), "agent": (Role.AGENT,), "any": (Role.CUSTOMER, Role.AGENT)}
_DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)
_LONGEST_SECONDS = 86_400


class Reference(str):
    """`$name` in a list of words, with where it stands: what it names is known when all files are read."""

    __slots__ = ("file", "line", "path")
    file: str
    line: int
    path: str


class WordOrCollection(Word):
    """A word, or a collection as `$name`."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The folded word, or the reference as it was written."""
        if isinstance(node, yaml.ScalarNode) and node.value.startswith("$"):
            found = Reference(node.value)
            found.file, found.line, found.path = report.file, node.start_mark.line + 1, path
            return found
        return super().read(node, path, report)


class CollectedWord(Word):
    """A word of a collection; collections hold no others."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The folded word."""
        if isinstance(node, yaml.ScalarNode) and re.match(r"\$[^\W\d]", node.value):
            report.add(node, path, f"names {short(node.value)}; write its words here, or both names in the condition")
            return None
        return super().read(node, path, report)


class Sentence(Text):
    """A sentence that others are compared with, folded."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The folded sentence."""
        text = super().read(node, path, report)
        if text is None:
            return None
        folded = fold_phrase(text)
        if not 4 <= len(folded) <= 100:
            report.add(node, path, f"has {len(folded)} characters; write a sentence of 4 to 100")
        elif not pairs(folded):
            report.add(node, path, "has no two characters side by side to compare; write a sentence")
        else:
            return folded
        return None


class Decimal:
    """A number that need not be whole, within bounds."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def read(self, node: yaml.Node, path: str, report: Report) -> float | None:
        """The number."""
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if _DECIMAL.fullmatch(value) and self.low <= float(value) <= self.high:
            return float(value)
        report.add(node, path, f"must be a number from {self.low:g} to {self.high:g}")
        return None


class Truth:
    """true or false."""

    def read(self, node: yaml.Node, path: str, report: Report) -> bool | None:
        """The value."""
        if isinstance(node, yaml.ScalarNode) and node.value in {"true", "false"}:
            return bool(node.value == "true")
        report.add(node, path, "must be true or false")
        return None


_WORDS = Each(WordOrCollection())
_SECONDS = Decimal(0, _LONGEST_SECONDS)
_NEAR = Record({"words": _WORDS, "to": _WORDS, "chars": Number(0, 60)})
_OPERATORS: dict[str, Shape] = {
    "any": _WORDS,
    "all": _WORDS,
    "at_least": Record({"count": Number(1, 100), "of": _WORDS}),
    "none": _WORDS,
    "gap": Record({"words": Each(WordOrCollection(), at_least=2), "chars": Number(0, 60)}),
    "near": _NEAR,
    "not_near": _NEAR,
    "regex": Record({"match": Regexes(), "anchors": _WORDS}, {"unless": Regexes()}),
    "similar": Record({"to": Each(Sentence()), "share": Decimal(0.3, 1)}),
    "repeats": Record({"times": Number(2, 12)}, {"share": Decimal(0.3, 1), "min_chars": Number(4, 80)}),
    "silence": Record({"over_seconds": _SECONDS}),
    "overlap": Record({"over_seconds": _SECONDS}),
    "speech_rate": Record({}, {"over": Decimal(0, 100), "under": Decimal(0, 100)}),
    "volume": Record({}, {"over_db": Decimal(-200, 200), "under_db": Decimal(-200, 200)}),
    "said": Text(),
    "not_said": Text(),
}
_TURNS, _SCOPE_SECONDS = Number(1, 1_000), Number(1, _LONGEST_SECONDS)
_SCOPE = Record(
    {},
    {
        f"{place}_{unit}": shape
        for place in ("first", "recent", "last")
        for unit, shape in (("turns", _TURNS), ("seconds", _SCOPE_SECONDS))
    }
    | {place: Text() for place in ("before", "after", "around")}
    | {"turns": _TURNS, "seconds": _SCOPE_SECONDS, "hit": Decimal(-1, FIRST_SEEN)},
)
_CONDITION = Record(
    {},
    _OPERATORS
    | {
        "by": Choice(tuple(_ROLES)),
        "every": Truth(),
        "after": Text(),
        "before": Text(),
        "within_seconds": Number(1, _LONGEST_SECONDS),
    },
)


_ENDS = {START: "{first_turns: n} or {first_seconds: n}", END: "{last_turns: n} or {last_seconds: n}"}


class ScopeShape:
    """`conversation`, or a mapping that says how far from where."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Scope | None:
        """The scope."""
        if isinstance(node, yaml.ScalarNode) and node.value in {"turn", "conversation"}:
            return Scope(place=Place(node.value))
        if not isinstance(node, yaml.MappingNode):
            report.add(node, path, "must be turn, conversation, or a mapping such as {first_seconds: 30}")
            return None
        values = _SCOPE.read(node, path, report) or {}
        if None in values.values():
            return None
        reach = {name: value for name, value in values.items() if name not in {"turns", "seconds", "hit"}}
        if len(reach) != 1:
            report.add(node, path, "must say one of " + ", ".join(list(_SCOPE.optional)[:9]))
            return None
        ((name, value),) = reach.items()
        if "_" in name:
            place, unit = name.split("_")
            if len(values) > 1:
                report.add(node, path, f"says {name} and more; write turns, seconds and hit only beside an anchor")
                return None
            return _scope(Place(place), **{unit: value})
        hit = values.get("hit", 1)
        if "turns" in values and "seconds" in values:
            report.add(node, path, "says turns and seconds; write one of them")
            return None
        if hit == 0 or hit != int(hit):
            report.add(node, path, f"hit must be 1 for the first … {FIRST_SEEN} for the fifth, or -1 for the last")
            return None
        if value in _ENDS:
            report.add(node, path, f"names {value}, which is no condition; write in: {_ENDS[value]}")
            return None
        return _scope(Place(name), values.get("turns", 0), values.get("seconds", 0), anchor=value, hit=int(hit))


def _scope(place: Place, turns: int = 0, seconds: int = 0, *, anchor: str = "", hit: int = 1) -> Scope:
    return Scope(place=place, turns=turns, within_ms=seconds * SECOND_MS, anchor=anchor, hit=hit)


class ConditionShape:
    """One operator with what belongs to it."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Condition | None:
        """The condition; its name is given by the table in which it stands."""
        scope = Scope()
        if isinstance(node, yaml.MappingNode):
            placed = [pair for pair in node.value if getattr(pair[0], "value", "") == "in"]
            rest = [pair for pair in node.value if getattr(pair[0], "value", "") != "in"]
            if placed:
                first = placed[0][0].start_mark.line + 1
                for key, _ in placed[1:]:
                    report.add(key, f"{path}.in", f"was already written on line {first}; keep one of them")
                found = ScopeShape().read(placed[0][1], f"{path}.in", report)
                if found is None or len(placed) > 1:
                    return None
                scope = found
            node = yaml.MappingNode(node.tag, rest, node.start_mark, node.end_mark)
        values = _CONDITION.read(node, path, report)
        if values is None or None in values.values():
            return None
        operators = [name for name in values if name in _OPERATORS]
        if len(operators) != 1:
            report.add(node, path, f"has {len(operators)} operators; write one of {', '.join(_OPERATORS)}")
            return None
        problem = _misfit(Operator(operators[0]), scope, values)
        if problem:
            report.add(node, path, problem)
            return None
        return _condition(Operator(operators[0]), scope, values)


def _misfit(operator: Operator, scope: Scope, values: dict[str, Any]) -> str:
    """What in a condition does not go together; empty where all does."""
    value = values[operator]
    if operator in OF_TIME:
        if ("after" in values) == ("before" in values):
            return f"{operator} needs one of after and before: the condition that the time is counted from"
        if "within_seconds" not in values:
            return f"{operator} needs within_seconds"
        if scope.place is not Place.TURN or "every" in values or "by" in values:
            return f"{operator} takes neither in, by nor every: the conditions that it names have their own"
        return ""
    for name in ("after", "before", "within_seconds"):
        if name in values:
            return (
                f"{name} belongs to said and not_said; write in: {{{name if name != 'within_seconds' else 'after'}: …}}"
            )
    if values.get("every") and (operator not in OF_TEXT or scope.place not in {Place.CONVERSATION, Place.FIRST}):
        return "every needs words and in: conversation, {first_turns: n} or {first_seconds: n}"
    if operator is Operator.NONE and not values.get("every") and scope.place not in {Place.TURN, Place.FIRST}:
        return (
            "none is about one turn: in can only say the first turns or seconds, or conversation with every: true; "
            "write any: […] with this in as a condition x of its own, and !x in when"
        )
    return _limit_problem(operator, value) if operator in {Operator.SPEECH_RATE, Operator.VOLUME} else ""


def _limit_problem(operator: Operator, limits: dict[str, Any]) -> str:
    if not limits:
        return f"{operator} needs a limit: over or under" + ("_db" if operator is Operator.VOLUME else "")
    if operator is Operator.SPEECH_RATE and limits.get("under") == 0:
        return "speech_rate is never under 0; write a limit above it"
    return ""


def _condition(operator: Operator, scope: Scope, values: dict[str, Any]) -> Condition:
    value = values[operator]
    fields: dict[str, Any] = {"operator": operator, "scope": scope, "is_every": bool(values.get("every"))}
    default = "any" if operator in OF_VOICE else "customer"
    fields["by"] = _ROLES[values.get("by", default)]
    if isinstance(value, tuple):
        fields["words"] = value
    elif operator in OF_TIME:
        fields |= {"what": value, "after": values.get("after", ""), "before": values.get("before", "")}
        fields["within_ms"] = values["within_seconds"] * SECOND_MS
    elif operator is Operator.SIMILAR:
        fields |= {"words": value["to"], "share": value["share"]}
    elif operator is Operator.REPEATS:
        fields |= {"count": value["times"], "share": value.get("share", 0.6), "chars": value.get("min_chars", 6)}
    else:
        names = {"to": "others", "of": "words", "anchors": "words"}
        limits = {"over_seconds": "over", "over_db": "over", "under_db": "under"}
        fields |= {(names | limits).get(name, name): part for name, part in value.items()}
    return Condition(name="", **fields)
