"""Fold texts to the one form that rules are written in, a whole batch at once; remember where each character was.

Order (`domain.md` 6.1): bracketed pinyin, NFKC, traditional to simplified, lower case, spaces between Han characters,
repeats, spoken hotlines. Most texts keep their length and are folded together in one joined string; only a text with
something that changes its length is folded alone. Nothing here raises, whatever the characters are.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat

import msgspec

from pipeline.text.letters import (
    CONTROL,
    HAN,
    HOTLINES,
    INVISIBLE,
    JOINING,
    SPOKEN_DIGITS,
    SURROGATE,
    UNEVEN,
)
from pipeline.text.offsets import Span, Traced
from pipeline.text.script import needs_simplifying, to_simplified
from schemas.base import MAX_TEXT_CHARS

SEPARATOR = (
    "\x1e"  # a control character: folding takes every other one out of the texts, so it stands only between them
)
_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxzcsrwy]|zh|ch|sh)?"
    "(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aeiouvü])"
)
# 投訴(sù): what web pages leave behind; with a tone mark or as whole syllables, so that 苹果(ios) stays.
_PINYIN = re.compile(
    rf"(?<=[{HAN}])[(（]\s?(?:[a-zü]{{0,5}}(?:[{_TONES}]|[aeiouün]\u0308?[\u0300\u0301\u0304\u030c])[a-zü]{{0,4}}\s?){{1,4}}[)）]"
    rf"|(?<=[{HAN}])[(（](?:{_SYLLABLE}\s?){{1,4}}[)）]",
    re.IGNORECASE,
)
_UPPER = re.compile(r"[^\W\d_a-z\u3400-\u9fff]+")
_CLUSTER = re.compile(
    f"[\\s\\S][{JOINING}]{{0,30}}"
)  # Unicode's stream-safe bound: longer runs of marks only cost time
_SPACE = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")
_MENTION_END = re.compile(
    r"(@[^\s@,!?;:。]{1,30}) "
)  # the space ends the name: without it the sentence would be part of it
_REPEAT = re.compile(rf"([{HAN}])\1\1+")
_ANY_SPOKEN = "".join(SPOKEN_DIGITS)
_SPOKEN = re.compile(rf"(?<![{_ANY_SPOKEN}\d十百千万])[{_ANY_SPOKEN}]{{3,5}}(?![{_ANY_SPOKEN}\d十百千万])")
_SPACED_NUMBER = re.compile(r"(?<![\d.])\d(?:[ -]?\d){2,4}(?![\d.])")

# Fast questions about a whole batch: does any text need folding alone?
_MAYBE_SPACED_NUMBER = re.compile(r"\d[ -]\d")
_MAYBE_SPOKEN = re.compile("[" + "".join(SPOKEN_DIGITS) + "]{3}")
_MAYBE_PINYIN = re.compile(rf"[(（](?=\s?[A-Za-zü{_TONES}])")
_ALONE = (UNEVEN, _MAYBE_SPACED_NUMBER, _MAYBE_SPOKEN, _MAYBE_PINYIN, _REPEAT)
_ELLIPSIS = "…"  # NFKC would make three dots of it; as a full stop it keeps the length
# The full-width signs of every second text, replaced by hand: one of them sends NFKC down its slow path for the whole.
_WIDE = tuple(zip("，！？：；（）～＠＃＋\u3000", ",!?:;()~@#+ ", strict=True))


class Folded(msgspec.Struct, frozen=True):
    """A folded text and the way back to the original."""

    original: str  # cut to MAX_TEXT_CHARS
    text: str
    spaced: str | None = None  # the folded text before spaces between Han characters were dropped, where there were any
    spans: list[Span] | None = None  # where each character came from, where more than spaces changed
    truncated: bool = False
    repeats: int = 0  # characters taken out of runs such as 太太太: a measure of intensity

    def origin(self, start: int, end: int) -> Span:
        """Where a stretch of the folded text stands in the original."""
        spans = self.spans
        if spans is None:
            if self.spaced is None:
                return start, end
            spans = Traced.of(self.spaced).edit(_SPACE, _nothing).spans  # only evidence pays for this
        if not spans:
            return 0, 0
        last = len(spans) - 1
        return spans[min(start, last)][0], spans[min(max(end - 1, start), last)][1]


def normalize(texts: Sequence[str]) -> list[Folded]:
    """Fold a batch of texts."""
    cut = [text if len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS] for text in texts]
    alone = _alone(cut)
    together = [text for index, text in enumerate(cut) if index not in alone] if alone else cut
    evenly = _fold_together(together)
    folded = []
    for index, text in enumerate(cut):
        is_cut = len(texts[index]) > MAX_TEXT_CHARS
        if index in alone:
            folded.append(_fold_alone(text, is_cut=is_cut))
        else:
            folded.append(Folded(text, *next(evenly), None, is_cut))
    return folded


def fold_phrase(phrase: str) -> str:
    """A word of a rule in the form in which it will be met."""
    return _fold_alone(phrase, is_cut=False).text


def _alone(texts: list[str]) -> set[int]:
    """Which texts hold something that may change their length."""
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) != max(len(texts) - 1, 0):  # somebody sent our separator
        return set(range(len(texts)))
    places = [match.start() for pattern in _ALONE for match in pattern.finditer(joined)]
    if not places:
        return set()
    ends = list(accumulate(len(text) + 1 for text in texts))
    return {bisect_right(ends, place) for place in places}


def _fold_together(texts: list[str]) -> Iterator[tuple[str, str | None]]:
    """Each text folded, and as it was before its spaces were dropped (None where none was dropped)."""
    joined = SEPARATOR.join(texts).replace(_ELLIPSIS, "。")
    for wide, narrow in _WIDE:
        joined = joined.replace(wide, narrow)
    if not unicodedata.is_normalized("NFKC", joined):
        joined = SEPARATOR.join([unicodedata.normalize("NFKC", text) for text in joined.split(SEPARATOR)])
    if needs_simplifying(joined):
        joined = SEPARATOR.join([to_simplified(text) for text in joined.split(SEPARATOR)])
    joined = joined.lower()
    if "@" in joined:
        joined = _MENTION_END.sub(r"\1,", joined)
    dense = _SPACE.sub("", joined)
    if len(dense) == len(joined):
        return zip(joined.split(SEPARATOR), repeat(None))
    return (
        (text, None if len(text) == len(spaced) else spaced)
        for text, spaced in zip(dense.split(SEPARATOR), joined.split(SEPARATOR), strict=True)
    )


def _fold_alone(text: str, *, is_cut: bool) -> Folded:
    text = SURROGATE.sub("\ufffd", text)  # half a character can neither be matched nor written anywhere
    traced = Traced.of(text.replace(_ELLIPSIS, "。"))
    traced = traced.edit(INVISIBLE, _nothing)
    traced = traced.same_length(CONTROL.sub(" ", traced.text))
    traced = traced.edit(_PINYIN, _nothing)
    if not unicodedata.is_normalized("NFKC", traced.text):
        traced = traced.edit(_CLUSTER, lambda match: unicodedata.normalize("NFKC", match.group()))
    traced = traced.same_length(to_simplified(traced.text))
    traced = traced.edit(_UPPER, lambda match: match.group().lower())
    traced = traced.same_length(_MENTION_END.sub(r"\1,", traced.text)).edit(_SPACE, _nothing)
    length = len(traced.text)
    traced = traced.edit(_REPEAT, lambda match: match.group(1))
    repeats = length - len(traced.text)
    traced = traced.edit(_SPOKEN, _hotline).edit(_SPACED_NUMBER, _hotline)
    plain, spans = traced.text[:MAX_TEXT_CHARS], traced.spans[:MAX_TEXT_CHARS]  # one letter may unfold to eighteen
    is_even = len(plain) == len(text) and all(span == (at, at + 1) for at, span in enumerate(spans))
    return Folded(text, plain, None, None if is_even else spans, is_cut or len(traced.text) > MAX_TEXT_CHARS, repeats)


def _nothing(_: re.Match[str]) -> str:
    return ""


def _hotline(match: re.Match[str]) -> str:
    """幺二三幺五 and 123 15 are 12315; any other number stays as it was written."""
    digits = "".join(SPOKEN_DIGITS.get(char, char) for char in match.group() if char not in " -")
    return digits if digits in HOTLINES else match.group()
