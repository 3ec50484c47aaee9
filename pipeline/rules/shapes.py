"""Shapes of values in a rule file: each reads one YAML node and reports every problem, not only the first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import re2
import yaml

from pipeline.rules.expressions import one_set
from pipeline.rules.problems import Problem, did_you_mean
from pipeline.text.normalize import fold_phrase

_KINDS = {"int": "number", "float": "number", "bool": "truth value", "null": "empty value", "timestamp": "date"}
_MAX_WORD_CHARS = 60
_MAX_TITLE_CHARS = 200
_MAX_REGEX_CHARS = 1_000
# What RE2 makes of all expressions of a section; a text made for them costs up to 40 us a step. The shipped patterns
# have a third of it, three hundred rules with .{0,1000} nine times as much.
_MAX_STEPS = 300_000


class Report:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.steps: Counter[str] = Counter()  # of expressions, by section

    def add(self, node: yaml.Node, path: str, what: str) -> None:
        """Note a problem at the line of a node."""
        self.problems.append(Problem(self.file, node.start_mark.line + 1, path, what))


class Shape(Protocol):
    """Reads a node; None stands for a value that was reported."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Any:
        """The value of a node."""
        ...


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    kind = _KINDS.get(node.tag.rsplit(":", 1)[-1])
    return f"the {kind} {short(node.value)}".rstrip() if kind else f"the text {short(node.value)}"


def short(value: str) -> str:
    """A value as a message shows it."""
    return value if len(value) <= 40 else value[:37] + "…"


class Text:
    """A text that is not empty."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The text as written."""
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
            if node.value.strip():
                return str(node.value)
            report.add(node, path, "is an empty text; write a word or remove the entry")
            return None
        hint = f'; write "{short(node.value)}"' if isinstance(node, yaml.ScalarNode) and node.value else ""
        report.add(node, path, f"is {_kind(node)}, expected text{hint}")
        return None


class Title(Text):
    """What something is called where people read it: short enough for every record and card that it stands in."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The name as written."""
        text = super().read(node, path, report)
        if text is None or len(text) <= _MAX_TITLE_CHARS:
            return text
        report.add(node, path, f"has {len(text)} characters; write at most {_MAX_TITLE_CHARS}")
        return None


class Choice(Text):
    """One of a closed list of words."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = tuple(values)

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The word, if it is one of the list."""
        text = super().read(node, path, report)
        if text is None or text in self.values:
            return text
        report.add(node, path, f"is {short(text)}; write one of {', '.join(self.values)}")
        return None


class Word(Text):
    """A phrase to look for, folded to the form in which texts are matched."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The folded phrase."""
        text = super().read(node, path, report)
        if text is None:
            return None
        word = fold_phrase(text.strip())
        if not word.strip():
            report.add(node, path, "folds to nothing; write a word with letters, digits or Han characters")
            return None
        if len(word) > _MAX_WORD_CHARS:
            report.add(node, path, f"has {len(word)} characters; write at most {_MAX_WORD_CHARS}")
            return None
        return word


class Regex(Text):
    """An RE2 expression."""

    def read(self, node: yaml.Node, path: str, report: Report) -> str | None:
        """The expression, if RE2 takes it and it does not match everything."""
        text = super().read(node, path, report)
        if text is None:
            return None
        if len(text) > _MAX_REGEX_CHARS:
            report.add(node, path, f"has {len(text)} characters; write at most {_MAX_REGEX_CHARS}")
            return None
        try:
            compiled = re2.compile(text, _quiet())
        except (re2.error, UnicodeError) as error:
            reason = error.args[0] if error.args else "it cannot be compiled"
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            report.add(node, path, f"is no RE2 expression: {reason}; RE2 has no look-around and no back-references")
            return None
        if compiled.search("") is not None:
            report.add(node, path, "matches the empty text, so it matches everything; ask for at least one character")
            return None
        report.steps[_section(path)] += compiled.programsize
        return text


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


class Number:
    """A whole number within bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def read(self, node: yaml.Node, path: str, report: Report) -> int | None:
        """The number."""
        value = node.value if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:int" else ""
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            report.add(node, path, f"is {_kind(node)}, expected a whole number from {self.low} to {self.high}")
            return None
        if not self.low <= int(value) <= self.high:
            report.add(node, path, f"is {int(value)}; write a number from {self.low} to {self.high}")
            return None
        return int(value)


class Each:
    """A list of one shape; a value may stand in it once."""

    def __init__(self, item: Shape, *, at_least: int = 1) -> None:
        self.item, self.at_least = item, at_least

    def read(self, node: yaml.Node, path: str, report: Report) -> tuple[Any, ...] | None:
        """The items that could be read."""
        if not isinstance(node, yaml.SequenceNode):
            report.add(node, path, f"is {_kind(node)}, expected a list; write [ … ]")
            return None
        if len(node.value) < self.at_least:
            report.add(node, path, "is an empty list; write an entry or remove it")
        values: dict[Any, int] = {}
        for index, child in enumerate(node.value):
            value = self.item.read(child, f"{path}[{index}]", report)
            if value is None:
                continue
            if value in values:
                report.add(
                    child, f"{path}[{index}]", f"repeats {short(str(value))} from entry {values[value]}; remove one"
                )
            else:
                values[value] = index
        return tuple(values)


class Regexes(Each):
    """A list of expressions, which are asked together."""

    def __init__(self) -> None:
        super().__init__(Regex())

    def read(self, node: yaml.Node, path: str, report: Report) -> tuple[Any, ...] | None:
        """The expressions; each may be small enough for RE2, and all of them too large."""
        before = report.steps[_section(path)]
        sources = super().read(node, path, report)
        try:
            one_set(sources or ())
        except re2.error:
            report.add(node, path, "is together too large for RE2; write fewer or shorter expressions")
            return None
        if before <= _MAX_STEPS < report.steps[_section(path)]:
            what = f"brings the expressions of {_section(path)} to {report.steps[_section(path)]} steps of RE2 in all"
            report.add(
                node, path, f"{what}; write at most {_MAX_STEPS}: fewer of them, or smaller counts than in .{{0,30}}"
            )
        return sources


def _section(path: str) -> str:
    return path.partition(".")[0]


def _entries(node: yaml.Node, path: str, report: Report) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """The keys of a mapping with their nodes; bad and repeated keys are reported."""
    if not isinstance(node, yaml.MappingNode):
        report.add(node, path, f"is {_kind(node)}, expected a mapping; write `key: value` lines")
        return []
    found: dict[str, int] = {}
    entries = []
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else None
        if name is None or key.tag == "tag:yaml.org,2002:merge":
            report.add(key, path, "has a key that is no text; write a plain word as key")
        elif key.tag != "tag:yaml.org,2002:str":
            report.add(key, _join(path, name), f'has {_kind(key)} as key, expected text; write "{short(name)}"')
        elif name in found:
            report.add(key, _join(path, name), f"was already written on line {found[name]}; keep one of them")
        else:
            found[name] = key.start_mark.line + 1
            entries.append((name, key, value))
    return entries


def _join(path: str, name: str) -> str:
    return f"{path}.{short(name)}" if path else short(name)


class Record:
    """A mapping with known keys; an unknown key is a problem, and so is a missing one unless it is optional."""

    def __init__(self, required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> None:
        self.required, self.optional = dict(required), dict(optional or {})

    def read(self, node: yaml.Node, path: str, report: Report) -> dict[str, Any] | None:
        """The values by key; None when a needed one is missing or wrong."""
        known = self.required | self.optional
        values: dict[str, Any] = {}
        seen = set()
        for name, key, child in _entries(node, path, report):
            seen.add(name)
            if name not in known:
                hint = did_you_mean(name, known) or f"; known are {', '.join(sorted(known))}"
                report.add(key, _join(path, name), f"is no known key{hint}")
                continue
            values[name] = known[name].read(child, _join(path, name), report)
        if not isinstance(node, yaml.MappingNode):
            return None
        for name in self.required:
            if name not in seen:
                report.add(node, _join(path, name), f"is missing; write {name}: …")
        return values if all(values.get(name) is not None for name in self.required) else None


class Table:
    """A mapping from ids to one shape."""

    def __init__(self, item: Shape, *, keys: Iterable[str] = (), fold_keys: bool = False) -> None:
        self.item, self.keys, self.fold_keys = item, tuple(keys), fold_keys

    def read(self, node: yaml.Node, path: str, report: Report) -> dict[str, Any]:
        """The values by id."""
        values: dict[str, Any] = {}
        for name, key, child in _entries(node, path, report):
            if not name.strip():
                report.add(key, path, "has an empty key; write an id")
                continue
            if self.keys and name not in self.keys:
                hint = did_you_mean(name, self.keys) or f"; known are {', '.join(self.keys)}"
                report.add(key, _join(path, name), f"is not known{hint}")
                continue
            value = self.item.read(child, _join(path, name), report)
            if value is not None:
                values[fold_phrase(name) if self.fold_keys else name] = value
        return values
