"""Which words stand near which: one pass over sorted places, however many of them a text holds."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

Span = tuple[int, int]


def in_order(parts: Sequence[Sequence[Span]], chars: int) -> Span | None:
    """The first stretch that holds one of each part, in order, with at most `chars` characters between neighbours."""
    chains = sorted((end, start) for start, end in parts[0])  # end of the last word, start of the first
    for places in parts[1:]:
        ends = [end for end, _ in chains]
        longer = []
        for start, end in places:
            at = bisect_right(ends, start) - 1  # the nearest chain that ends before the word starts
            if at >= 0 and start - ends[at] <= chars:
                longer.append((end, chains[at][1]))
        chains = sorted(longer)
    return (chains[0][1], chains[0][0]) if chains else None


def near(words: Sequence[Span], others: Sequence[Span], chars: int, *, wanted: bool) -> Span | None:
    """The first word that has one of the others within `chars` characters on either side; or that has none of them.

    A word is not near itself: the very same place, found as one of the others, does not count.
    """
    others = sorted(set(others))
    ends = list(accumulate((end for _, end in others), max))  # the furthest end among those that start so far
    for start, end in words:
        before = bisect_left(others, (start, end))
        after = bisect_right(others, (start, end))
        is_near = (before > 0 and start - ends[before - 1] <= chars) or (
            after < len(others) and others[after][0] - end <= chars
        )
        if is_near is wanted:
            return start, end
    return None
