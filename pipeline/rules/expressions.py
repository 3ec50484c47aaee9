"""The regular expressions of a pack, rule by rule, asked a clause at a time and only where they come into question.

Each rule is a small RE2 set of its own. One set of all expressions would answer everything at once, but its automaton
never stops growing on new text (half a millisecond a clause, measured); small ones are complete after a few clauses.
RE2 reads a clause in time linear in its length, whatever the author of a rule wrote
(`docs/adr/0004-re2-for-rule-expressions.md`).

A set remembers states as it reads, and a text made for it brings new ones with every character. So the sets of a pack
share what memory there is, and hundreds of them stay small. One that is full forgets all and reads on, hardly slower.
It cannot fail while it reads: RE2 takes a set only if its memory holds twenty of its largest states, and needs three.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import re2

_SHARED_BYTES = 1024 * 1024 * 1024  # of all sets: their programs, and the states that they remember
_LEAST_BYTES, _USUAL_BYTES = 256 * 1024, 4 * 1024 * 1024  # of one set
_MOST_BYTES = 8 * 1024 * 1024  # of one whose program is large
_Built = TypeVar("_Built")


class _Rule:
    """One rule: expressions that make it match, and expressions that rule it out; compiled when first asked."""

    def __init__(self, match: tuple[str, ...], unless: tuple[str, ...], share: Callable[[], int]) -> None:
        self.sets = bool(match) + bool(unless)
        self._share = share  # how many bytes one set may have
        self._sources = match
        self._unless_sources = unless
        self._match: re2.Set | None = None
        self._unless: re2.Set | None = None
        self._compiled: dict[int, re2._Regexp] = {}

    def matched(self, clause: bytes) -> int | None:
        """The first of the expressions that fits."""
        if self._match is None and self._sources:
            self._match = one_set(self._sources, memory=self._share())
        found = self._match.Match(clause) if self._match is not None else ()
        return min(found) if found else None

    def is_ruled_out(self, clause: bytes) -> bool:
        """Whether anything speaks against the rule."""
        if self._unless is None and self._unless_sources:
            self._unless = one_set(self._unless_sources, memory=self._share())
        return self._unless is not None and bool(self._unless.Match(clause))

    def span(self, expression: int, clause: str) -> tuple[int, int]:
        """Where in the clause an expression fits."""
        compiled = self._compiled.get(expression)
        if compiled is None:
            compiled = self._compiled[expression] = compiled_alone(self._sources[expression])
        found = compiled.search(clause)
        return found.span() if found else (0, len(clause))


def one_set(sources: tuple[str, ...], *, memory: int = _LEAST_BYTES) -> re2.Set | None:
    """Expressions that are asked at once, with so many bytes; raises `re2.error` where they are too large together."""
    return _in_memory(lambda options: _compiled_set(sources, options), memory) if sources else None


def compiled_alone(source: str) -> re2._Regexp:
    """One expression, to find where it fits; where its memory is full, RE2 goes on without remembering states."""
    return _in_memory(lambda options: re2.compile(source, options), _LEAST_BYTES)


def _in_memory(build: Callable[[re2.Options], _Built], memory: int) -> _Built:
    """What is built with so many bytes, or with more where RE2 cannot do with them."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    while True:
        try:
            return build(options)
        except re2.error:
            if options.max_mem >= _MOST_BYTES:
                raise
            options.max_mem *= 2


def _compiled_set(sources: tuple[str, ...], options: re2.Options) -> re2.Set:
    found = re2.Set.SearchSet(options)
    for source in sources:
        found.Add(source)
    found.Compile()
    return found


class Expressions:
    """Every rule of a pack that has expressions."""

    def __init__(self) -> None:
        self._rules: dict[str, _Rule] = {}
        self._sets = 0

    def add(self, rule: str, match: Iterable[str], unless: Iterable[str] = ()) -> None:
        """Register the expressions of a rule."""
        self._rules[rule] = _Rule(tuple(match), tuple(unless), self._share)
        self._sets += self._rules[rule].sets

    def read(self, clause: str) -> "Verdict":
        """Ask about one clause."""
        return Verdict(self._rules, clause)

    def _share(self) -> int:
        return min(max(_SHARED_BYTES // self._sets, _LEAST_BYTES), _USUAL_BYTES)


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
