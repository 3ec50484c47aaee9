"""What is usual: which share of the conversations says a term, learnt from the past days, the older the fainter.

Shares, not counts an hour: a term is not hot because it is noon. What was learnt loses half of its weight in 84 hours,
so that a week and more stand behind it. Memory is bounded: of what had no room the highest count is remembered, and a
term that is not known may have had that much.
"""

from typing import NamedTuple

import msgspec

from pipeline.hotwords.sketch import Sketch
from pipeline.surge.odds import tail
from pipeline.surge.usual import Expected

FADES_BY_HALF_HOURS = 84
LEARNT_AFTER = 50.0  # conversations
_FAINTEST = 0.05  # below this a term is forgotten


class Usual(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one place says on ordinary days."""

    conversations: float = 0.0
    floor: float = 0.0  # what a term that is not here may have had
    counts: dict[str, float] = {}


class Heat(NamedTuple):
    """A count of the last hour against the usual."""

    expected: float
    ratio: float
    odds: float  # how likely chance alone makes so many
    is_new: bool


def learnt(usual: Usual, sketch: Sketch, *, room: int) -> Usual:
    """The usual with a stretch of time more."""
    counts = dict(usual.counts)
    for term, tally in sketch.tallies.items():
        counts[term] = round(counts.get(term, 0.0) + tally.count, 3)
    floor = usual.floor + sketch.missed
    if len(counts) > room:
        ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        floor = max(floor, ranked[room][1])
        counts = dict(ranked[:room])
    return Usual(round(usual.conversations + sketch.conversations, 3), round(floor, 3), counts)


def faded(usual: Usual, *, hours: int) -> Usual:
    """The usual after some hours: everything weighs less."""
    weight: float = 0.5 ** (hours / FADES_BY_HALF_HOURS)
    counts = {term: round(kept, 3) for term, count in usual.counts.items() if (kept := count * weight) >= _FAINTEST}
    return Usual(round(usual.conversations * weight, 3), round(usual.floor * weight, 3), counts)


def is_learning(usual: Usual) -> bool:
    """Whether too little is known to call anything unusual."""
    return usual.conversations < LEARNT_AFTER


def heat(count: int, conversations: int, term: str, usual: Usual) -> Heat:
    """How unusual it is that so many of the conversations say a term.

    The odds are those of `surge.odds`: the usual share is itself known only from so many conversations, which makes a
    high count less surprising where little was learnt.
    """
    known = usual.counts.get(term, usual.floor)
    scale = conversations / usual.conversations
    expected = (known + 0.5) * scale
    odds = tail(count, Expected(known * scale, 1 / scale), share=1.0)
    return Heat(round(expected, 2), round(count / expected, 1), odds, known < 1)
