"""The mild words of a rule pack in one expression: praise, displeasure, and whether either is denied."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.rules.model import RulePack

_DENIALS = (
    *("不是很", "不怎么", "不那么", "没那么", "谈不上", "称不上", "并不", "并非", "不太", "不够", "不算", "没有"),
    *("不", "没", "无", "未"),
)
_NO_MOOD = ("差不多", "慢慢来", "慢慢", "差点")  # hold a mild word and are none


class Word(NamedTuple):
    """A mild word in a folded text, with the denial before it."""

    start: int
    end: int
    is_praise: bool  # what it comes to: 不满意 is no praise
    text: str


class MildWords:
    """What `find` looks for."""

    def __init__(self, praise: Iterable[str] = (), blame: Iterable[str] = ()) -> None:
        groups = (("skip", _NO_MOOD), ("praise", praise), ("blame", blame))
        words = "|".join(f"(?P<{name}>{_any_of(group)})" for name, group in groups)
        self._words = re.compile(f"(?P<denial>{_any_of(_DENIALS)})?(?:{words})")

    @classmethod
    def of(cls, pack: RulePack) -> "MildWords":
        """Those of a pack."""
        return cls(pack.weak.positive, pack.weak.negative)

    def find(self, text: str) -> list[Word]:
        """Mild words from left to right; of words that begin alike the longest."""
        return [
            Word(found.start(), found.end(), (found["praise"] is not None) is not bool(found["denial"]), found[0])
            for found in self._words.finditer(text)
            if found["skip"] is None
        ]


def _any_of(words: Iterable[str]) -> str:
    """An expression for any of the words, the longest first; where there are none, for nothing at all."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
