"""Where in a text the model looked: the n-grams that spoke loudest for a level, as places in the folded text."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.clauses import ClauseIndex
from pipeline.learned.ngrams import Weights

_LOUDEST = 6  # n-grams that are looked at together: they overlap, and one phrase is behind several
_SHORTEST = 2  # one character alone is no evidence to a reader
_CLAUSE_MAX = 24  # characters that are shown as one


class Spoke(NamedTuple):
    """An n-gram and how loudly it spoke."""

    weight: int
    start: int  # in the folded text
    end: int


def loudest(weights: Weights, buckets: npt.NDArray[np.int32], chars: int, *, count: int = _LOUDEST) -> list[Spoke]:
    """The n-grams of a text that weigh most, each bucket once. `buckets` are those of one text."""
    found = weights.take(buckets[_SHORTEST - 1 :])
    spoke: dict[int, Spoke] = {}
    width = found.shape[1]
    for place in np.argsort(-found, axis=None, kind="stable")[: 4 * count].tolist():
        row, column = divmod(place, width)
        weight = int(found[row, column])
        if weight <= 0 or len(spoke) == count:
            break
        start, end = (
            max(column - 1, 0),
            min(column - 1 + row + _SHORTEST, chars),
        )  # column 0 is the sign before the text
        if end - start >= min(_SHORTEST, chars):
            spoke.setdefault(int(buckets[row + _SHORTEST - 1, column]), Spoke(weight, start, end))
    return list(spoke.values())


def strongest_place(weights: Weights, buckets: npt.NDArray[np.int32], text: str) -> tuple[int, int]:
    """The clause around the loudest n-grams, for half a phrase tells a reader little; the whole text where none spoke.

    Of a long clause it is only the stretch that the loudest n-gram makes with the loud ones that touch it.
    """
    spoke = loudest(weights, buckets, len(text))
    if not spoke:
        return 0, len(text)
    _, start, end = spoke[0]
    for _, low, high in sorted(spoke[1:], key=lambda each: each.start):
        if low <= end and high >= start:
            start, end = min(start, low), max(end, high)
    clauses = ClauseIndex(text)
    clause = clauses.clause(clauses.at((start + end) // 2))
    if clause.end - clause.start <= _CLAUSE_MAX:
        return clause.start, clause.end
    return start, end
