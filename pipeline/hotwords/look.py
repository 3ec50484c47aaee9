"""What the last hour of a place shows: which terms are hot, which are only frequent, and which are parts of others."""

from collections.abc import Mapping
from math import log1p
from typing import NamedTuple

from pipeline.hotwords.causes import is_cause
from pipeline.hotwords.sketch import Sketch, Tally, different
from pipeline.hotwords.terms import SHORTEST
from pipeline.hotwords.usual import Heat, Usual, heat, is_learning

FEWEST_CONVERSATIONS = 5
FEWEST_CUSTOMERS = 3  # what fewer say may point at a person, and is never shown
HOT_RATIO = 2.0
HOT_ODDS = 1e-4  # some hundred terms are looked at each minute
SAME_SHARE = 0.8  # a part that is said by itself more rarely than this falls away
LOOKED_AT = 200


class Seen(NamedTuple):
    """One term that is worth a look."""

    term: str
    tally: Tally
    heat: Heat | None  # None while the place is learning
    score: float

    @property
    def is_hot(self) -> bool:
        """Whether it is more than usual, and more than chance."""
        return self.heat is not None and self.heat.ratio >= HOT_RATIO and self.heat.odds < HOT_ODDS


def looked_at(hour: Sketch, usual: Usual) -> list[Seen]:
    """What is hot, the highest score first, then the rest, the most frequent first."""
    learning = is_learning(usual)
    seen = []
    for term, tally in whole_terms(hour.tallies).items():
        judged = None if learning else heat(tally.count, hour.conversations, term, usual)
        score = 0.0 if judged is None else round(judged.ratio * log1p(tally.count), 1)
        seen.append(Seen(term, tally, judged, score))
    return sorted(seen, key=lambda each: (not each.is_hot, -each.score if each.is_hot else 0.0, *_rank(each)))


def whole_terms(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """The frequent terms of enough customers, without those that are said only as a part of a longer one."""
    frequent = sorted(
        (
            (term, tally)
            for term, tally in tallies.items()
            if not is_cause(term)
            and tally.count >= FEWEST_CONVERSATIONS
            and different(tally.customers) >= FEWEST_CUSTOMERS
        ),
        key=lambda each: (-each[1].count, -len(each[0]), each[0]),
    )
    found = dict(frequent[:LOOKED_AT])
    for term, tally in sorted(found.items(), key=lambda each: len(each[0])):
        for part in _parts(term):
            other = found.get(part)
            if other is not None and tally.count >= SAME_SHARE * other.count:
                del found[part]
    return found


def _parts(term: str) -> set[str]:
    size = len(term)
    return {term[start:end] for start in range(size) for end in range(start + SHORTEST, size + 1) if end - start < size}


def _rank(seen: Seen) -> tuple[int, int, str]:
    return -seen.tally.count, -len(seen.term), seen.term
