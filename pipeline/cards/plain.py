"""Text that no chat tool can misread: markup becomes its full-width look-alike, links and mentions cease to be any.

Each vendor has its own markdown and escapes in its own way, or not at all; a look-alike is safe in all of them. What
a customer said must not mention a whole group, draw a false link or hide the rest of the card.
"""

import re

from schemas.cards import Card

_LOOK_ALIKES = str.maketrans(
    {mark: chr(ord(mark) + 0xFEE0) for mark in "\\`*_[](){}<>#~|@!"} | {"\r": " ", "\n": " ", "\t": " "}
)
_INVISIBLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LINK = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):(?=//)")
_DOMAIN_DOT = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
_CUT = "…"


def plain(text: str) -> str:
    """One line of text without markup, links, mentions or invisible characters."""
    text = _INVISIBLE.sub("", text.translate(_LOOK_ALIKES))
    text = _LINK.sub("\\1：", text)
    return _DOMAIN_DOT.sub("．", text)


def cut(text: str, most_bytes: int) -> str:
    """At most so many bytes of UTF-8, cut between characters and marked as cut."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: max(0, most_bytes - len(_CUT.encode()))].decode(errors="ignore") + _CUT


def plain_card(card: Card) -> Card:
    """The same card with every text made plain; addresses of buttons are ours and stay."""
    return Card(
        title=plain(card.title),
        level=card.level,
        facts=tuple(type(fact)(name=plain(fact.name), value=plain(fact.value)) for fact in card.facts),
        samples=tuple(plain(sample) for sample in card.samples),
        why=tuple(plain(each) for each in card.why),
        advice=plain(card.advice),
        english=plain(card.english),
        buttons=card.buttons,
        is_over=card.is_over,
    )
