"""Which topics are hot: their share of the tickets against the same hours of the last seven days (`domain.md` 12.5).

`score = (c / N) / (c₀ / N₀ + ε) · ln(1 + c)`, with five tickets of three customers at least, and only where so many
would hardly come by chance. While less is known than fifty tickets nothing is hot: the desk is learning.
"""

from math import log1p
from typing import NamedTuple

from pipeline.desks.state import SLOT_MS, Counts
from pipeline.surge.odds import tail
from pipeline.surge.usual import Expected
from pipeline.times import HOUR_MS
from schemas.desks import HotTopic

WINDOW_SLOTS = 6  # an hour
SHOWN = 20
_DAYS = 7
_MIN_TICKETS = 5
_MIN_CUSTOMERS = 3
_MIN_KNOWN = 50  # tickets of the past
_MIN_RISE = 2.0
_MAX_CHANCE = 1e-3


class Window(NamedTuple):
    """An hour of slots, ended by the slot `end`."""

    end: int

    @property
    def first(self) -> int:
        """The first slot in it."""
        return self.end - WINDOW_SLOTS

    @property
    def start_ms(self) -> int:
        """When it begins."""
        return self.first * SLOT_MS


class Usual(NamedTuple):
    """Hours of the past that are compared with, and how many tickets they brought."""

    hours: tuple[int, ...]
    tickets: int

    def of(self, counts: Counts) -> int:
        """Tickets of a topic in these hours."""
        return sum(counts.hours.get(hour, 0) for hour in self.hours)


def usual(opened: Counts, window: Window) -> Usual | None:
    """The same hours of the last seven days; where they brought too little, all hours; None where those did as well."""
    middle = (window.start_ms + WINDOW_SLOTS * SLOT_MS // 2) // HOUR_MS
    before = window.start_ms // HOUR_MS
    for hours in (
        tuple(middle - 24 * day for day in range(1, _DAYS + 1)),
        tuple(range(before - 24 * _DAYS, before)),
    ):
        found = Usual(hours, sum(opened.hours.get(hour, 0) for hour in hours))
        if found.tickets >= _MIN_KNOWN:
            return found
    return None


def judge(topic: str, counts: Counts, customers: int, *, window: Window, tickets: int, past: Usual) -> HotTopic | None:
    """The topic if it is hot in a window in which so many tickets were opened."""
    found = counts.in_slots(window.first, window.end)
    if found < _MIN_TICKETS or customers < _MIN_CUSTOMERS:
        return None
    known = past.of(counts)
    usual_share = known / past.tickets
    smallest_share = 1 / (past.tickets + 1)  # a topic that nobody knew is not infinitely hot
    rise = found / max(tickets, found) / (usual_share + smallest_share)
    if rise < _MIN_RISE:
        return None
    if tail(found, Expected(usual_share, past.tickets), share=max(tickets, found)) > _MAX_CHANCE:
        return None
    return HotTopic(
        topic=topic,
        tickets=found,
        customers=customers,
        usual_share=round(usual_share, 4),
        rise=round(rise, 2),
        score=round(rise * log1p(found), 2),
    )
