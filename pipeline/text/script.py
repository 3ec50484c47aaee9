"""Traditional characters, as in Taiwan and Hong Kong, folded to simplified ones: same length, place by place."""

import re
from collections.abc import Iterable

import opencc

# `tw2s` brings every phrase of the lexicon back from the traditional forms; `t2s` and `tw2sp` lose some of them.
_CONVERTER = opencc.OpenCC("tw2s")
_TAIWAN = opencc.OpenCC("s2tw")  # one for all: each reads its dictionaries anew, 40 ms of every start
_BETWEEN = "\x1e"  # keeps neighbours from being read as one phrase
_KEPT = frozenset("么苔")  # ordinary simplified characters that the table takes for something else


def _table() -> dict[str, str]:
    """Each traditional character that the converter changes when it stands alone."""
    every = [chr(code) for code in range(0x3400, 0xA000)]
    simple = _CONVERTER.convert(_BETWEEN.join(every)).split(_BETWEEN)
    return {
        before: after for before, after in zip(every, simple, strict=True) if before != after and before not in _KEPT
    }


_SINGLE = _table()
_SINGLE_TABLE = str.maketrans(_SINGLE)
# 瞭 and 藉 change only inside a word, so they are no keys of the table but still call the converter.
TRADITIONAL = re.compile("[" + "".join(_SINGLE) + "瞭藉]")
_KEPT_PATTERN = re.compile("[" + "".join(_KEPT) + "]")
_NUL_OR_SURROGATE = re.compile(
    "[\x00\ud800-\udfff]"
)  # the converter's C library stops at the one and refuses the other

# What OpenCC leaves alone: characters of Cantonese and Taiwan writing that our phrases know under another form.
_REGIONAL = {
    "嘅": "的",
    "冇": "没",
    "喺": "在",
    "俾": "给",
    "畀": "给",
    "啲": "些",
    "嚟": "来",
    "睇": "看",
    "係": "是",
    "唔": "不",
    "妳": "你",
}
_REGIONAL_TABLE = str.maketrans(_REGIONAL)
_REGIONAL_PATTERN = re.compile("[" + "".join(_REGIONAL) + "]")
CHANGED_SCRIPT = "".join(_SINGLE) + "瞭藉" + "".join(_REGIONAL)  # every character that may not stay what it is


def in_both_scripts(words: Iterable[str]) -> tuple[str, ...]:
    """Simplified words, and the same as they are written in Taiwan."""
    words = tuple(words)
    return tuple(dict.fromkeys((*words, *map(to_traditional, words))))


def to_traditional(text: str) -> str:
    """The text in the characters of Taiwan; words stay those of the mainland."""
    traditional: str = _TAIWAN.convert(text)
    return traditional


def either_script(word: str) -> str:
    """An expression that finds a simplified word in simplified and in traditional writing."""
    forms = ("".join(before for before, after in _SINGLE.items() if after == char) for char in word)
    return "".join(f"[{char}{other}]" if other else re.escape(char) for char, other in zip(word, forms, strict=True))


def to_simplified(text: str) -> str:
    """The text in simplified characters, exactly as long as before."""
    if _REGIONAL_PATTERN.search(text):
        text = text.translate(_REGIONAL_TABLE)
    if not TRADITIONAL.search(text):
        return text
    if _NUL_OR_SURROGATE.search(text):
        return text.translate(_SINGLE_TABLE)
    simple: str = _CONVERTER.convert(text)
    if len(simple) != len(text):  # a phrase of another length: fall back to one character at a time
        return text.translate(_SINGLE_TABLE)
    if _KEPT_PATTERN.search(text):
        simple = "".join(before if before in _KEPT else after for before, after in zip(text, simple, strict=True))
    return simple
