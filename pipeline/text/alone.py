"""Fold one text by itself, step by step, and remember where each character came from.

Slow and exact: for the few texts whose length changes, and for the words of rules.
"""

import re
import unicodedata
from typing import NamedTuple

from pipeline.text.letters import CONTROL, HAN, HOTLINES, INVISIBLE, JOINING, SPOKEN_DIGITS, SURROGATE
from pipeline.text.offsets import Span, Traced
from pipeline.text.script import to_simplified
from schemas.base import MAX_TEXT_CHARS

ELLIPSIS = "…"  # NFKC would make three dots of it; as a full stop it keeps the length
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxzcsrwy]|zh|ch|sh)?"
    "(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aeiouvü])"
)
# 投訴(sù): what web pages leave behind; with a tone mark or as whole syllables, so that 苹果(ios) stays.
_PINYIN = re.compile(
    rf"(?<=[{HAN}])[(（]\s?(?:[a-zü]{{0,5}}(?:[{TONES}]|[aeiouün]\u0308?[\u0300\u0301\u0304\u030c])[a-zü]{{0,4}}\s?){{1,4}}[)）]"
    rf"|(?<=[{HAN}])[(（](?:{_SYLLABLE}\s?){{1,4}}[)）]",
    re.IGNORECASE,
)
_UPPER = re.compile(r"[^\W\d_a-z\u3400-\u9fff]+")
_CLUSTER = re.compile(
    f"[\\s\\S][{JOINING}]{{0,30}}"
)  # Unicode's stream-safe bound: longer runs of marks only cost time
SPACE = re.compile(rf"[ \t](?<=[{HAN}][ \t])[ \t]*(?=[{HAN}])")
MENTION_END = re.compile(
    r"(@[^\s@,!?;:。]{1,30}) "
)  # the space ends the name: without it the sentence would be part of it
REPEAT = re.compile(rf"([{HAN}])\1\1+")
BETWEEN_DIGITS = " ·•・‧-"  # 123 15, 3·15; the hyphen last, for brackets
_ANY_SPOKEN = "".join(SPOKEN_DIGITS)
# 周一二三四五 and 一二三四五楼 count days and floors.
_SPOKEN = re.compile(
    rf"(?<![{_ANY_SPOKEN}\d十百千万周期拜第])[{_ANY_SPOKEN}]{{3,5}}(?![{_ANY_SPOKEN}\d十百千万楼期层天号日年级区栋])"
)
_SPACED_NUMBER = re.compile(rf"(?<![\d.])\d(?:[{BETWEEN_DIGITS}]?\d){{2,4}}(?![\d.])")


class Alone(NamedTuple):
    """What folding one text gave."""

    original: str  # what can be written: half a character is replaced
    text: str
    spans: list[Span] | None  # where each character came from; None where every one stands in its old place
    truncated: bool
    repeats: int  # characters taken out of runs such as 太太太


def fold_alone(text: str) -> Alone:
    """Fold one text."""
    text = SURROGATE.sub("\ufffd", text)  # half a character can neither be matched nor written anywhere
    traced = Traced.of(text.replace(ELLIPSIS, "。"))
    traced = traced.edit(INVISIBLE, _nothing)
    traced = traced.same_length(CONTROL.sub(" ", traced.text))
    traced = traced.edit(_PINYIN, _nothing)
    if not unicodedata.is_normalized("NFKC", traced.text):
        traced = traced.edit(_CLUSTER, lambda match: unicodedata.normalize("NFKC", match.group()))
    traced = traced.same_length(to_simplified(traced.text))
    traced = traced.edit(_UPPER, lambda match: match.group().lower())
    traced = traced.same_length(MENTION_END.sub(r"\1,", traced.text)).edit(SPACE, _nothing)
    length = len(traced.text)
    traced = traced.edit(REPEAT, lambda match: match.group(1))
    repeats = length - len(traced.text)
    traced = traced.edit(_SPOKEN, _hotline).edit(_SPACED_NUMBER, _hotline)
    plain, spans = traced.text[:MAX_TEXT_CHARS], traced.spans[:MAX_TEXT_CHARS]  # one letter may unfold to eighteen
    is_even = len(plain) == len(text) and all(span == (at, at + 1) for at, span in enumerate(spans))
    return Alone(text, plain, None if is_even else spans, len(traced.text) > MAX_TEXT_CHARS, repeats)


def _nothing(_: re.Match[str]) -> str:
    return ""


def _hotline(match: re.Match[str]) -> str:
    """幺二三幺五 and 123 15 are 12315; any other number stays as it was written."""
    digits = "".join(SPOKEN_DIGITS.get(char, char) for char in match.group() if char not in BETWEEN_DIGITS)
    return digits if digits in HOTLINES else match.group()
