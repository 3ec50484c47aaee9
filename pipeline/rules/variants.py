"""What else the words of a pack are written as: other words in Taiwan, pinyin, characters that sound the same.

All of these are hints: the author knows which of them customers write. What is misheard, and initials, are signs beside
another sign only (`weak.negative`), because the same sounds mean much else.
"""

from collections.abc import Iterator

import opencc

from pipeline.rules.model import RulePack
from pipeline.rules.places import WordList, word_lists
from pipeline.rules.remarks import Remark
from pipeline.rules.sounds import syllables
from pipeline.text.normalize import fold_phrase
from schemas.vocabulary import Level

_TAIWAN = opencc.OpenCC("s2twp")  # also words: 视频 is 影片 there
_TYPED = range(2, 4)  # characters: longer words are not typed without them, single ones mean nothing


def variants_in(pack: RulePack) -> Iterator[Remark]:
    """What the author of a pack may want to list as well, or to list elsewhere."""
    lists = list(word_lists(pack))
    known = frozenset(word for each in lists for word in each.words)
    yield from _in_taiwan(lists)
    yield from _typed(lists, known)
    yield from _misheard(lists)


def _in_taiwan(lists: list[WordList]) -> Iterator[Remark]:
    """What is another word there, and not only another character, has to be listed."""
    for each in lists:
        known = set(each.words)
        for word in each.words:
            there = fold_phrase(_TAIWAN.convert(word))
            if there not in known and not any(part in there for part in known if each.counts_alone):
                yield Remark("variant", each.path, word, f"is {there} in Taiwan; list it too")


def _typed(lists: list[WordList], known: frozenset[str]) -> Iterator[Remark]:
    """Who gets round a filter types a complaint or a threat in Latin letters."""
    for each, word, sounds in _spoken(lists, Level.EXPLICIT):
        pinyin, initials = "".join(sounds), "".join(sound[0] for sound in sounds)
        if pinyin not in known:
            beside = "" if initials in known else f", and {initials} under weak.negative"
            yield Remark("typed", each.path, word, f"is {pinyin} where it is typed in pinyin; list it too{beside}")


def _misheard(lists: list[WordList]) -> Iterator[Remark]:
    """Of two words with the same sounds, the later one is perhaps a recogniser's mistake for the first."""
    first: dict[tuple[str, ...], str] = {}
    for each, word, sounds in _spoken(lists, Level.POTENTIAL):
        heard = first.setdefault(sounds, word)
        if heard != word:
            what = f"sounds like {heard}; if it is only misheard, move it to weak.negative"
            yield Remark("misheard", each.path, word, what)


def _spoken(lists: list[WordList], level: Level) -> Iterator[tuple[WordList, str, tuple[str, ...]]]:
    """The short words that give at least this level by themselves, with their sounds."""
    for each in lists:
        if each.counts_alone and each.level.rank >= level.rank:
            for word in each.words:
                sounds = syllables(word) if len(word) in _TYPED else None
                if sounds:
                    yield each, word, sounds
