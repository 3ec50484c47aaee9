"""What an expression of a pack asks for and never meets: texts are folded before they are read, expressions are not."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.rules.model import RulePack
from pipeline.rules.remarks import Remark
from pipeline.text.normalize import fold_phrase

_PIECE = re.compile(
    r"(?P<other>\\[pPx]\{[^}]*\}|\\.|\(\?(?:P?<\w+>|[a-zA-Z-]*[:)])|[().|^$])"
    r"|\[\^?(?P<set>\]?(?:\\.|\[:\w+:\]|[^\]\\])*)\]"
    r"|(?P<often>\{(?P<least>\d+)(?:,\d*)?\}|[*+?])"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_IGNORES_CASE = re.compile(r"\(\?[a-zA-Z]*i")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_ALIKE = 3  # so many of one Han character in a row are folded to one


class _Plain(NamedTuple):
    """Characters that an expression asks for as they stand."""

    text: str
    least: int = 1  # how often they stand
    has_others: bool = False  # beside them stands what may be met instead


def unfolded_in(pack: RulePack) -> Iterator[Remark]:
    """Capitals, full width, traditional characters and the like, with what a folded text holds instead.

    One of several alternatives is a hint: the others are met.
    """
    for path, sources in _expressions(pack):
        for source in sources:
            for plain, what in _never_met(source):
                yield Remark("variant" if plain.has_others else "unreachable", path, plain.text, what)


def _expressions(pack: RulePack) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list of expressions with its path."""
    for section, entries in (("guards", pack.guards), ("patterns", pack.patterns)):
        for each in entries:
            yield f"{section}.{each.id}.match", each.match
            yield f"{section}.{each.id}.unless", each.unless
    for threat in pack.threats:
        yield f"threats.{threat.group}.unless", threat.unless
    yield "links", pack.links
    for rule in pack.rules:
        for condition in rule.conditions:
            yield f"rules.{rule.id}.conditions.{condition.name}", (*condition.match, *condition.unless)


def _never_met(source: str) -> Iterator[tuple[_Plain, str]]:
    """The characters of an expression that no folded text holds, and what to write."""
    ignores_case = _IGNORES_CASE.search(source) is not None
    for plain in _plain(source):
        folded = fold_phrase(plain.text)
        if plain.least >= _ALIKE and fold_phrase(plain.text * plain.least) == plain.text:
            yield plain, f"is asked for {plain.least} times, but folding makes one of so many; write {plain.text}+"
        elif folded != (plain.text.lower() if ignores_case else plain.text) and not (folded and folded in source):
            instead = "write " + _SPECIAL.sub(r"\\\1", folded) if folded else "leave it out"
            yield plain, f"is in no text, because texts are folded before an expression reads them; {instead}"


def _plain(source: str) -> Iterator[_Plain]:
    """Runs of plain characters, and each that is repeated or one of a set."""
    start = 0
    for piece in (*_PIECE.finditer(source), None):
        if piece is not None and piece["plain"]:
            continue
        end = len(source) if piece is None else piece.start()
        yield from _run(source, start, end, piece)
        if piece is not None:
            start = piece.end()
            yield from _one_of(piece["set"] or "")


def _run(source: str, start: int, end: int, piece: re.Match[str] | None) -> Iterator[_Plain]:
    """The plain characters between two other pieces; what is repeated is the last of them alone."""
    has_others = "|" in {source[start - 1 : start], source[end : end + 1]}
    cut = end - 1 if piece is not None and piece["often"] and end > start else end
    if cut > start:
        yield _Plain(source[start:cut], has_others=has_others)
    if cut < end and piece is not None:
        yield _Plain(source[cut:end], int(piece["least"] or 1), has_others)


def _one_of(written: str) -> Iterator[_Plain]:
    """The characters of a set; where it names classes, or one that is met, the others are not alone."""
    plain = re.sub(r"\\[pPx]\{[^}]*\}|\\.|\[:\w+:\]", "", written)
    has_others = plain != written or any(fold_phrase(each) == each for each in plain if each != "-")
    yield from (_Plain(each, has_others=has_others) for each in plain)
