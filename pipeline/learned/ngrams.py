"""Character n-grams of many texts at once: code points in one array, rolling hashes, one bucket for each n-gram.

Beginning and end of a text are characters too, so that an n-gram knows when it opens or closes a text. Weights are
whole numbers and so are their sums: a text has the same sum in every batch and on every machine.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.text.normalize import SEPARATOR

LONGEST = 4  # characters of the longest n-gram; five gained nothing in cross-validation

Ints: TypeAlias = npt.NDArray[np.int64]
Weights: TypeAlias = npt.NDArray[np.int16]  # one for each bucket; bucket 0 weighs nothing

_MULTIPLIER = np.uint32(0x01000193)  # of the rolling hash; both are odd, so that no bit of a character is lost
_SPREAD = np.uint32(0x9E3779B1)
_DIGIT, _LATIN = np.uint32(ord("0")), np.uint32(ord("a"))


def _letters_alike() -> npt.NDArray[np.uint32]:
    """Each character as itself, but digits are one and Latin letters are one: nobody's number or address is learned."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[ord("a") : ord("z") + 1] = _LATIN
    return table


_LETTERS_ALIKE = _letters_alike()


class Ngrams:
    """The n-grams of some folded texts: `buckets[n - 1]` holds, for each character, the n-gram that begins there.

    Bucket 0 stands for nothing: what would reach over the end of a text falls into it.
    """

    def __init__(self, texts: Sequence[str], *, bits: int) -> None:
        joined = f"{SEPARATOR}{SEPARATOR.join(texts)}{SEPARATOR}"
        chars = _LETTERS_ALIKE.take(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32), mode="clip")
        self.lengths: Ints = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(self.lengths + 1)  # where the sign after each text stands
        self.starts: Ints = ends - self.lengths - 1  # where the sign before it stands
        self.buckets = _buckets(chars, ends, bits)

    def sums(self, weights: Weights) -> Ints:
        """For each text the sum over its n-grams of one row of weights."""
        total = weights.take(self.buckets[0]).astype(np.int32)
        for row in self.buckets[1:]:
            total += weights.take(row)
        sums: Ints = np.add.reduceat(total, self.starts, dtype=np.int64)
        return sums

    def of_text(self, number: int) -> npt.NDArray[np.int32]:
        """The buckets of one text: rows by length of the n-gram, columns by place, the sign before the text first."""
        start = self.starts[number]
        part: npt.NDArray[np.int32] = self.buckets[:, start : start + self.lengths[number] + 1]
        return part


def _buckets(chars: npt.NDArray[np.uint32], ends: Ints, bits: int) -> npt.NDArray[np.int32]:
    buckets = np.zeros((LONGEST, len(chars)), np.int32)
    shift = np.uint32(32 - bits)
    rolling: npt.NDArray[Any] = chars * _MULTIPLIER
    is_plain = (chars == _DIGIT) | (chars == _LATIN)  # a run of digits or Latin letters says nothing by itself
    plain = is_plain
    for n in range(1, LONGEST + 1):
        if n > 1:
            rolling = rolling[:-1] * _MULTIPLIER
            rolling += chars[n - 1 :]
            plain = plain[:-1] & is_plain[n - 1 :]
        row = buckets[n - 1]
        row[: len(rolling)] = (rolling * _SPREAD) >> shift
        row[: len(plain)][plain] = 0
        if n == 1:  # the signs between texts are no words of their own
            row[0] = 0
            row[ends] = 0
        for before in range(1, n - 1):  # a sign between two texts would stand inside
            crossing = ends - before
            row[crossing[crossing >= 0]] = 0
    return buckets
