"""The mild words of a rule pack in one expression: praise, displeasure, and whether either is denied."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.rules.model import RulePack

_DENIALS = (
    *("不是很", "不怎么", "不那么", "没那么", "谈不上", "称不上", "并不", "并非", "不太", "不够", "不算", "没有"),
    *("不再", "再也不", "不会再", "不", "没", "无", "未"),
)
_FAILS = "不了(?!解)"  # stands behind its word: 满足不了; but 满意，不了解
# Expressions for what holds a mild word and is none. A denied displeasure (没有不满意) is not yet praise.
_NO_MOOD = (
    *("差不多", "慢慢来", "慢慢", "差点", "出差(?![评劲])", "差价(?![格钱])", "差额", "差旅", "便宜", "不足为"),
    *("香港", "香烟", "香水(?!果)", "足足", "足球", "棒球", "满意度[为是]?[0零]"),
    *("没有不满意", "没什么不满意", "没不满意", "无不满意", "不是不满意", "并非不满意"),
)
_APPROVAL = ("👍",)  # as the packs' 👎 is displeasure


class Word(NamedTuple):
    """A mild word in a folded text, with the denial before it."""

    start: int
    end: int
    is_praise: bool  # what it comes to: 不满意 is no praise, nor is 满足不了
    text: str


class MildWords:
    """What `find` looks for."""

    def __init__(self, praise: Iterable[str] = (), blame: Iterable[str] = ()) -> None:
        groups = (("praise", praise), ("blame", blame))
        words = "|".join(f"(?P<{name}>{_any_of(group)})" for name, group in groups)
        denials, no_mood = _any_of(_DENIALS), "|".join(_NO_MOOD)
        # What is no mood comes first: 不足为奇 is not 足 denied.
        self._words = re.compile(
            f"(?P<skip>(?:{denials})?(?:{no_mood}))|(?P<denial>{denials})?(?:{words})(?P<fails>{_FAILS})?"
        )

    @classmethod
    def of(cls, pack: RulePack) -> "MildWords":
        """Those of a pack."""
        return cls((*pack.weak.positive, *_APPROVAL), pack.weak.negative)

    def find(self, text: str) -> list[Word]:
        """Mild words from left to right; of words that begin alike the longest."""
        return [
            Word(found.start(), found.end(), _comes_to_praise(found), found[0])
            for found in self._words.finditer(text)
            if found["skip"] is None
        ]


def _comes_to_praise(found: re.Match[str]) -> bool:
    is_denied = bool(found["denial"]) is not bool(found["fails"])
    return (found["praise"] is not None) is not is_denied


def _any_of(words: Iterable[str]) -> str:
    """An expression for any of the words, the longest first; where there are none, for nothing at all."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
