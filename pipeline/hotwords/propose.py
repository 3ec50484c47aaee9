"""New words for the lexicon: what became hot, was hardly said before, and holds no phrase that the rules know."""

from collections.abc import Collection, Iterable

import msgspec

from pipeline.hotwords.terms import SHORTEST
from schemas.hotwords import HotTerm, HotWords


class Proposal(msgspec.Struct, frozen=True):
    """One term, as it was when it was said most."""

    place: str
    seen_at: int
    term: HotTerm


def proposals(snapshots: Iterable[HotWords], phrases: Collection[str]) -> list[Proposal]:
    """Each new term once, the most frequent first; whether it is a complaint, and of what, a person decides."""
    best: dict[str, Proposal] = {}
    for words in snapshots:
        for term in words.terms:
            known = best.get(term.term)
            if term.is_hot and term.is_new and (known is None or term.count > known.term.count):
                best[term.term] = Proposal(words.place, words.window_end, term)
    unknown = (each for each in best.values() if not _is_heard(each.term.term, phrases))
    return sorted(unknown, key=lambda each: (-each.term.count, each.term.term))


def _is_heard(term: str, phrases: Collection[str]) -> bool:
    """Whether a phrase of the rules is in the term: then a text with it is read already."""
    sizes = range(SHORTEST, len(term) + 1)
    return any(term[start : start + size] in phrases for size in sizes for start in range(len(term) - size + 1))
