"""Where words stand in a text: places in order, asked for by stretches."""

from bisect import bisect_left
from collections.abc import Sequence


def any_in(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of some places, which stand in order, lies in a stretch."""
    number = bisect_left(places, start)
    return number < len(places) and places[number] < end
