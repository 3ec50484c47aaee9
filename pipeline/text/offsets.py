"""Edits that remember where every character came from: evidence found in folded text is quoted from the original."""

import re
from collections.abc import Callable
from typing import NamedTuple

Span = tuple[int, int]


class Traced(NamedTuple):
    """A text under edit: `spans[i]` is the stretch of the original that character `i` stands for."""

    text: str
    spans: list[Span]

    @classmethod
    def of(cls, text: str) -> "Traced":
        """A text that nobody has edited yet."""
        return cls(text, [(position, position + 1) for position in range(len(text))])

    def same_length(self, text: str) -> "Traced":
        """The same stretches under a text that was changed character by character."""
        return Traced(text, self.spans)

    def edit(self, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> "Traced":
        """Replace each match; every new character stands for the whole stretch that was matched."""
        text, spans = self
        parts: list[str] = []
        kept: list[Span] = []
        done = 0
        for match in pattern.finditer(text):
            start, end = match.span()
            new = replacement(match)
            if start == end or new == text[start:end]:
                continue
            parts += text[done:start], new
            kept += spans[done:start]
            kept += [(spans[start][0], spans[end - 1][1])] * len(new)
            done = end
        if not done:
            return self
        parts.append(text[done:])
        kept += spans[done:]
        return Traced("".join(parts), kept)
