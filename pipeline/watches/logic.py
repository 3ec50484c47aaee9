"""Boolean expressions over the conditions of a rule: `a && (b || !c)`, also written `a and (b or not c)`.

An expression becomes a table with one bit for each combination of its conditions, so that asking it is one shift, and
questions about the rule itself ("can it ever be true?") are questions about a number.
"""

import re
from typing import NamedTuple

MAX_NAMES = 8  # 256 combinations
_MAX_DEPTH = 20
_MAX_TOKENS = 100
_TOKEN = re.compile(r"\s*(?:(&&|and\b)|(\|\||or\b)|(!|not\b)|(\()|(\))|(\w+))")
_AND, _OR, _NOT, _OPEN, _CLOSE, _NAME = range(1, 7)


class LogicError(ValueError):
    """An expression that cannot be read; the text says what was expected where."""


class Logic(NamedTuple):
    """A compiled expression: bit `n` of `table` is its value where the conditions in the bits of `n` are true."""

    names: tuple[str, ...]
    table: int

    def holds(self, truths: int) -> bool:
        """The value where the conditions in the bits of `truths` are true."""
        return bool(self.table >> truths & 1)


def parse_logic(text: str) -> Logic:
    """Read an expression; raises LogicError."""
    tokens = _tokens(text)
    names = tuple(dict.fromkeys(word for kind, word in tokens if kind == _NAME))
    if len(names) > MAX_NAMES:
        raise LogicError(f"names {len(names)} conditions; write at most {MAX_NAMES}, or two rules")
    parser = _Parser(tokens, names)
    table = parser.either(0)
    if parser.at < len(tokens):
        raise LogicError(f"does not go on with {tokens[parser.at][1]}; write && or || between two conditions")
    return Logic(names, table)


def _tokens(text: str) -> list[tuple[int, str]]:
    tokens: list[tuple[int, str]] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise LogicError(f"has {text[at:].strip()[:1]} in it; write names, &&, ||, ! and parentheses")
        tokens.append((match.lastindex or 0, match.group().strip()))
        at = match.end()
        if len(tokens) > _MAX_TOKENS:
            raise LogicError(f"is longer than {_MAX_TOKENS} words and signs; write two rules")
    return tokens


class _Parser:
    """Recursive descent; every method returns the table of what it has read."""

    def __init__(self, tokens: list[tuple[int, str]], names: tuple[str, ...]) -> None:
        self.tokens, self.names, self.at = tokens, names, 0
        self.rows = 1 << len(names)

    def either(self, depth: int) -> int:
        table = self.both(depth)
        while self._next_is(_OR):
            table |= self.both(depth)
        return table

    def both(self, depth: int) -> int:
        table = self.one(depth)
        while self._next_is(_AND):
            table &= self.one(depth)
        return table

    def one(self, depth: int) -> int:
        if depth > _MAX_DEPTH:
            raise LogicError(f"is nested deeper than {_MAX_DEPTH}")
        if self._next_is(_NOT):
            return ~self.one(depth + 1) & ((1 << self.rows) - 1)
        if self._next_is(_OPEN):
            table = self.either(depth + 1)
            if not self._next_is(_CLOSE):
                raise LogicError("has a parenthesis that is not closed")
            return table
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != _NAME:
            found = self.tokens[self.at][1] if self.at < len(self.tokens) else "its end"
            raise LogicError(f"has {found} where the name of a condition should stand")
        bit = 1 << self.names.index(self.tokens[self.at][1])
        self.at += 1
        return sum(1 << row for row in range(self.rows) if row & bit)

    def _next_is(self, kind: int) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == kind:
            self.at += 1
            return True
        return False
