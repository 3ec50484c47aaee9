"""How much a share of so many cases proves: its interval at 95 % by Wilson, which holds for few cases too.

`domain.md` 12.3 has the formula.
"""

from math import sqrt
from typing import NamedTuple

Z = 1.96


class Interval(NamedTuple):
    """Where a share lies with 95 % confidence."""

    low: float
    high: float


def wilson(share: float, count: int) -> Interval:
    """The interval of a share of so many cases, at least one."""
    middle = share + Z * Z / (2 * count)
    spread = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    whole = 1 + Z * Z / count
    return Interval(max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0))
