"""What is usual: complaints an hour, by kind of day and hour of the day, learnt as an exponential mean of past days.

Little is known of a cell at first, so it leans on the same hour of all days; where that is not known either, nothing
is judged: the region is learning, and says so.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from pipeline.surge.seasons import DayClass, Hour

ALPHA = 0.2  # weight of the newest hour (`domain.md` 12.2)
DURING_SURGE = 0.25  # of that weight, where the hour was not an ordinary one
LEARNT_AFTER = 4  # hours of a class
LEANING = 5.0  # how many hours the same hour of all days counts for
_MEMORY = (2 - ALPHA) / ALPHA  # an exponential mean is as sure as the plain mean of so many values


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """How many hours were seen, and what they brought on average."""

    seen: int = 0
    mean: float = 0.0


Cells = dict[str, Cell]  # by `workday/13`


class Expected(NamedTuple):
    """Complaints expected in a span, and how sure that is: as sure as after so many hours like it."""

    complaints: float
    hours: float


def name_of(hour: Hour) -> str:
    """The key of a cell."""
    return f"{hour.day}/{hour.hour}"


def learn(cells: Mapping[str, Cell], hour: Hour, count: int, *, is_surge: bool) -> Cells:
    """The cells after one more hour; what the season added is taken off first."""
    name = name_of(hour)
    cell = cells.get(name, Cell())
    weight = max(ALPHA, 1 / (cell.seen + 1))  # the first hours are a plain mean
    weight *= DURING_SURGE if is_surge and cell.seen else 1.0
    mean = cell.mean + weight * (count / hour.factor - cell.mean)
    return {**cells, name: Cell(cell.seen + 1, round(mean, 4))}


def expect(cells: Mapping[str, Cell], parts: Iterable[tuple[Hour, float]]) -> Expected | None:
    """What a span should bring, given the hours that it lies in and how much of each; None while learning."""
    count, sure = 0.0, 0.0
    total = 0.0
    for hour, share in parts:
        known = _rate(cells, hour)
        if known is None:
            return None
        count += known.complaints * hour.factor * share
        sure += known.hours * share
        total += share
    return Expected(count, sure / total) if total else None


def _rate(cells: Mapping[str, Cell], hour: Hour) -> Expected | None:
    cell = cells.get(name_of(hour), Cell())
    alike = [cells[name] for day in DayClass if (name := f"{day}/{hour.hour}") in cells]
    seen = sum(each.seen for each in alike)
    if seen < LEARNT_AFTER:
        return None
    parent = sum(each.mean * each.seen for each in alike) / seen
    rate = (cell.seen * cell.mean + LEANING * parent) / (cell.seen + LEANING)
    return Expected(rate, min(float(seen), _MEMORY))
