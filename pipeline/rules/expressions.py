"""The regular expressions of a pack, rule by rule, asked a clause at a time and only where they come into question.

Each rule is a small RE2 set of its own. One set of all expressions would answer everything at once, but its automaton
never stops growing on new text (half a millisecond a clause, measured); small ones are complete after a few clauses.
RE2 reads a clause in time linear in its length, whatever the author of a rule wrote
(`docs/adr/0004-re2-for-rule-expressions.md`).
"""

from collections.abc import Iterable

import re2


class _Rule:
    """One rule: expressions that make it match, and expressions that rule it out."""

    def __init__(self, match: tuple[str, ...], unless: tuple[str, ...]) -> None:
        self._sources = match
        self._match = one_set(match)
        self._unless = one_set(unless)
        self._compiled: dict[int, re2._Regexp] = {}

    def matched(self, clause: bytes) -> int | None:
        """The first of the expressions that fits."""
        found = self._match.Match(clause) if self._match is not None else ()
        return min(found) if found else None

    def is_ruled_out(self, clause: bytes) -> bool:
        """Whether anything speaks against the rule."""
        return self._unless is not None and bool(self._unless.Match(clause))

    def span(self, expression: int, clause: str) -> tuple[int, int]:
        """Where in the clause an expression fits."""
        compiled = self._compiled.get(expression)
        if compiled is None:
            compiled = self._compiled[expression] = re2.compile(self._sources[expression])
        found = compiled.search(clause)
        return found.span() if found else (0, len(clause))


def one_set(sources: tuple[str, ...]) -> re2.Set | None:
    """Expressions that are asked at once; raises `re2.error` where they are too large together."""
    if not sources:
        return None
    options = re2.Options()
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for source in sources:
        found.Add(source)
    found.Compile()
    return found


class Expressions:
    """Every rule of a pack that has expressions."""

    def __init__(self) -> None:
        self._rules: dict[str, _Rule] = {}

    def add(self, rule: str, match: Iterable[str], unless: Iterable[str] = ()) -> None:
        """Register the expressions of a rule."""
        self._rules[rule] = _Rule(tuple(match), tuple(unless))

    def read(self, clause: str) -> "Verdict":
        """Ask about one clause."""
        return Verdict(self._rules, clause)


class Verdict:
    """What the rules say of one clause; each is asked at most once."""

    __slots__ = ("_bytes", "_clause", "_matched", "_ruled_out", "_rules")

    def __init__(self, rules: dict[str, _Rule], clause: str) -> None:
        self._rules = rules
        self._clause = clause
        self._bytes = clause.encode()  # once for all that is asked
        self._matched: dict[str, int | None] = {}
        self._ruled_out: dict[str, bool] = {}

    def matches(self, rule: str) -> bool:
        """Whether an expression of the rule fits, whatever speaks against it."""
        if rule not in self._matched:
            known = self._rules.get(rule)
            self._matched[rule] = None if known is None else known.matched(self._bytes)
        return self._matched[rule] is not None

    def is_ruled_out(self, rule: str) -> bool:
        """Whether something speaks against the rule."""
        if rule not in self._ruled_out:
            known = self._rules.get(rule)
            self._ruled_out[rule] = known is not None and known.is_ruled_out(self._bytes)
        return self._ruled_out[rule]

    def says(self, rule: str) -> bool:
        """Whether the rule matches and nothing speaks against it."""
        return self.matches(rule) and not self.is_ruled_out(rule)

    def span(self, rule: str) -> tuple[int, int]:
        """Where in the clause the rule matches; the whole clause where it does not."""
        expression = self._matched[rule] if self.matches(rule) else None
        return (0, len(self._clause)) if expression is None else self._rules[rule].span(expression, self._clause)
