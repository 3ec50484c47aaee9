"""Which hits are real: substring collisions, numbers inside longer numbers and @-mentions are taken out."""

import re
from itertools import islice
from typing import NamedTuple

from pipeline.rules.snapshot import Snapshot
from pipeline.text.scan import Hit

_MENTION = re.compile(r"@[^\s@,!?;:。()\[\]]{1,30}")

_MAX_MENTIONS = 100
_LONGER_BEFORE = re.compile(r"\d-$|(?:^|\D)\d{1,2}\.$")  # 0571-12345, 2.315
_LONGER_AFTER = re.compile(r"-\d|\.\d{1,2}(?!\d)")  # 315-2, 315.50; but 12315.12345 are two


class Mention(NamedTuple):
    """An @-mention; names in it are addressed, not said."""

    start: int
    end: int
    text: str


class Dropped(NamedTuple):
    """A hit that does not count, and why."""

    rule: str
    word: str
    start: int
    end: int
    why: str


def mentions(text: str) -> list[Mention]:
    """The @-mentions of a folded text."""
    if "@" not in text:
        return []
    return [
        Mention(match.start(), match.end(), match.group()) for match in islice(_MENTION.finditer(text), _MAX_MENTIONS)
    ]


def real(text: str, hits: list[Hit], rules: Snapshot, named: list[Mention], dropped: list[Dropped]) -> list[Hit]:
    """The hits that count; those that do not are added to `dropped`."""
    traps, has_edges = rules.traps, rules.has_edges
    trapped = {
        (key, start + offset): rules.phrases[phrase] for phrase, start, _ in hits for key, offset in traps[phrase]
    }
    kept = []
    for hit in hits:
        phrase, start, end = hit
        word = rules.phrases[phrase]
        why = ""
        if has_edges[phrase] and not _has_edges(text, word, start, end):
            why = "inside a longer number or word"
        elif named and any(mention.start <= start and end <= mention.end for mention in named):
            why = "inside an @-mention"
        elif (word, start) in trapped:
            why = f"trap {trapped[word, start]}"
        if why:
            dropped.append(Dropped(rules.uses[phrase][0].rule, word, start, end, why))
        else:
            kept.append(hit)
    return kept


def _has_edges(text: str, word: str, start: int, end: int) -> bool:
    """Whether a number stands alone and not inside a longer one, and a Latin word not inside another."""
    first, last = word[0], word[-1]
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    if first.isdigit() and (before.isdigit() or _LONGER_BEFORE.search(text, max(0, start - 4), start)):
        return False
    if first.isdigit() and "a" <= before <= "z":  # a12345 on a plate, zhang315@
        return False
    if last.isdigit() and (after.isdigit() or _LONGER_AFTER.match(text, end)):
        return False
    if last.isdigit() and "a" <= after <= "z" and not text.startswith("app", end):  # 315g, but 12315app
        return False
    if "a" <= first <= "z" and before.isascii() and before.isalpha():
        return False
    return not ("a" <= last <= "z" and after.isascii() and after.isalpha())
