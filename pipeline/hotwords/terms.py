"""Terms of a masked text: runs of two to six Han characters between what is never part of a term.

No dictionary: what is new has no entry in one. A run gives all its parts; which of them are words shows in the counts,
where a part that is said only inside a longer one falls away (`look`).
"""

import re

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.hotwords.stops import BAD_ENDS, BAD_STARTS, COUNTED, CUTS, NUMBERS, PLACES, TITLES, WORDS
from pipeline.text.normalize import FoldedBatch

SHORTEST, LONGEST = 2, 6

_BETWEEN = "\n"
_NAME_CHARS = 2  # that stand before a title
_STOPS = (*TITLES, *WORDS, *PLACES)
_FINDER = AhoCorasick(_STOPS, implementation=Implementation.ContiguousNFA, matchkind=MatchKind.LeftmostLongest)
_ADDRESS = re.compile(rf"[\u4e00-\u9fff]{{0,4}}[路街道巷弄镇村][\d{NUMBERS}]+号")
_AMOUNT = re.compile(rf"第?[\d{NUMBERS}]+(?:{COUNTED})")
_RUN = re.compile(rf"[^\x00-\u4dff\ua000-\U0010ffff{CUTS}]{{2,}}")
_PLACEHOLDER = re.compile(r"\[[^\]]{1,4}\]")


def terms_of(text: str) -> list[str]:
    """Every candidate of a masked text, in the order in which it comes; one that comes twice comes twice."""
    found = []
    for run in _runs(FoldedBatch((text,)).texts[0]):
        size = len(run)
        for start in range(size - SHORTEST + 1):
            if run[start] not in BAD_STARTS:
                found += [
                    run[start:end]
                    for end in range(start + SHORTEST, min(start + LONGEST, size) + 1)
                    if run[end - 1] not in BAD_ENDS
                ]
    return found


def _runs(text: str) -> list[str]:
    if "[" in text:
        text = _PLACEHOLDER.sub(_BETWEEN, text)
    text = _AMOUNT.sub(_BETWEEN, _ADDRESS.sub(_BETWEEN, text))
    parts, done = [], 0
    for which, start, end in _FINDER.find_matches_as_indexes(text):
        parts.append(text[done : max(done, start - _NAME_CHARS) if which < len(TITLES) else start])
        done = end
    parts.append(text[done:])
    return _RUN.findall(_BETWEEN.join(parts))
