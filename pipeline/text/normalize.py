"""Fold texts to the one form that rules are written in, a whole batch at once; remember where each character was.

Order (`domain.md` 6.1): bracketed pinyin, NFKC, traditional to simplified, lower case, spaces between Han characters,
repeats, spoken hotlines. Most texts keep their length and are folded together in one joined string; only a text with
something that changes its length is folded alone. Nothing here raises, whatever the characters are.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from pipeline.text.alone import BETWEEN_DIGITS, ELLIPSIS, MENTION_END, SPACE, TONES, Alone, fold_alone
from pipeline.text.letters import CHANGED, HAN, SPOKEN_DIGITS, UNEVEN, UNEVEN_BMP
from pipeline.text.offsets import Span
from pipeline.text.script import CHANGED_SCRIPT, to_simplified
from schemas.base import MAX_TEXT_CHARS

SEPARATOR = (
    "\x1e"  # a control character: folding takes every other one out of the texts, so it stands only between them
)
# The full-width signs of every second text, replaced by hand: one of them sends NFKC down its slow path for the whole.
_WIDE = dict(zip("，！？：；（）～＠＃＋\u3000" + ELLIPSIS, ",!?:;()~@#+ 。", strict=True))

# Fast questions about a whole batch, each a single pass. Which texts hold a character that is not its own folded form?
# All beyond the basic plane count as such; a set of them in full would cost three times as much.
_ODD_CHARS = (set(CHANGED) | set(CHANGED_SCRIPT) | set(UNEVEN_BMP)) - set(_WIDE) - {SEPARATOR}
_ODD = re.compile("[" + re.escape("".join(sorted(_ODD_CHARS))) + "\U00010000-\U0010ffff]")
_SPOKEN = "".join(SPOKEN_DIGITS)
# And which hold a group of characters that folding makes shorter?
_GROUPS = (
    re.compile(rf"\d[{BETWEEN_DIGITS}]\d"),
    re.compile(f"[{_SPOKEN}](?=[{_SPOKEN}]{{2}})"),  # `re` skips to the first of a set, not to the first of a repeat
    re.compile(rf"[(（](?=\s?[A-Za-zü{TONES}])"),
)
_THREE_ALIKE = re.compile(r"(.)\1\1+")
_HAN = re.compile(f"[{HAN}]")  # dots and digits may stand in a row
_ALL_HAN = re.compile(f"[{HAN}]{{1,{MAX_TEXT_CHARS}}}")
_CHANGES_HAN = (_ODD, re.compile(f"[{_SPOKEN}]{{3}}"), _THREE_ALIKE)


class Folded(msgspec.Struct):
    """A folded text and the way back to the original."""

    original: str  # cut to MAX_TEXT_CHARS
    text: str
    spaced: str | None = None  # the folded text before spaces between Han characters were dropped, where there were any
    spans: list[Span] | None = None  # where each character came from, where more than spaces changed
    truncated: bool = False
    repeats: int = 0  # characters taken out of runs such as 太太太: a measure of intensity

    def origin(self, start: int, end: int) -> Span:
        """Where a stretch of the folded text stands in the original."""
        if self.spans is None:
            if self.spaced is None:
                return start, end
            self.spans = _spans_of(self.spaced)  # only evidence pays for this, and once
        spans = self.spans
        if not spans:
            return 0, 0
        last = len(spans) - 1
        return spans[min(start, last)][0], spans[min(max(end - 1, start), last)][1]


class FoldedBatch:
    """A batch of folded texts; the way back is worked out for those that are asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.given = texts
        self._originals = (
            [text[:MAX_TEXT_CHARS] for text in texts] if max(map(len, texts), default=0) > MAX_TEXT_CHARS else texts
        )
        joined = SEPARATOR.join(self._originals)
        if joined.count(SEPARATOR) == max(len(texts) - 1, 0):
            odd, grouped = _texts_with(joined, self._originals)
        else:  # somebody sent our separator
            odd, grouped = set(), set(range(len(texts)))
            joined = SEPARATOR * max(len(texts) - 1, 0)
        alone = grouped | {index for index in odd if UNEVEN.search(self._originals[index])}
        self._spaced, self.texts = _fold_together(joined, odd - alone)
        self._alone: dict[int, Alone] = {index: fold_alone(self._originals[index]) for index in alone}
        for index, folded in self._alone.items():
            self.texts[index] = folded.text

    def __getitem__(self, index: int) -> Folded:
        """One text with the way back."""
        original = self._originals[index]
        is_cut = len(self.given[index]) > MAX_TEXT_CHARS
        if index in self._alone:
            alone = self._alone[index]
            return Folded(alone.original, alone.text, None, alone.spans, is_cut or alone.truncated, alone.repeats)
        text, spaced = self.texts[index], self._spaced[index]
        return Folded(original, text, None if len(text) == len(spaced) else spaced, None, is_cut)


def normalize(texts: Sequence[str]) -> list[Folded]:
    """Fold a batch of texts."""
    batch = FoldedBatch(texts)
    return [batch[index] for index in range(len(texts))]


def fold_phrase(phrase: str) -> str:
    """A word of a rule in the form in which it will be met."""
    if _ALL_HAN.fullmatch(phrase) and not any(pattern.search(phrase) for pattern in _CHANGES_HAN):
        return phrase  # most words of a pack; folding them one by one is a third of the time that it takes to load
    return fold_alone(phrase[:MAX_TEXT_CHARS]).text


def _texts_with(joined: str, texts: Sequence[str]) -> tuple[set[int], set[int]]:
    """Which texts hold characters that fold to others, and which hold groups that become shorter."""
    odd = [match.start() for match in _ODD.finditer(joined)]
    grouped = [match.start() for pattern in _GROUPS for match in pattern.finditer(joined)]
    grouped += [match.start() for match in _THREE_ALIKE.finditer(joined) if _HAN.match(match[1])]
    if not odd and not grouped:
        return set(), set()
    ends = list(accumulate([len(text) + 1 for text in texts]))
    return {bisect_right(ends, place) for place in odd}, {bisect_right(ends, place) for place in grouped}


def _fold_together(joined: str, odd: set[int]) -> tuple[list[str], list[str]]:
    """Each text folded: before spaces between Han characters were dropped, and after."""
    for wide, narrow in _WIDE.items():
        joined = joined.replace(wide, narrow)
    if odd:
        texts = joined.split(SEPARATOR)
        for index in odd:
            texts[index] = to_simplified(unicodedata.normalize("NFKC", texts[index]))
        joined = SEPARATOR.join(texts)
    joined = joined.lower()
    if "@" in joined:
        joined = MENTION_END.sub(r"\1,", joined)
    spaced = joined.split(SEPARATOR)
    dense = SPACE.sub("", joined)
    return spaced, spaced if len(dense) == len(joined) else dense.split(SEPARATOR)


def _spans_of(spaced: str) -> list[Span]:
    """Where the characters that stay when spaces are dropped stood before."""
    spans: list[Span] = []
    done = 0
    for match in SPACE.finditer(spaced):
        spans += [(place, place + 1) for place in range(done, match.start())]
        done = match.end()
    return spans + [(place, place + 1) for place in range(done, len(spaced))]
