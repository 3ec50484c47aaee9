"""What customers said by where they were asked and about which product: the scores of the last day, each with its n."""

from collections.abc import Sequence

from msgspec import Struct

from agents.board.figure import SCORES, FigureView, Standing, figure_of
from agents.board.hours import Hours, summed

_SHOWN = 12


class VoiceView(Struct, frozen=True):
    """One touchpoint, or one product."""

    kind: str  # `touchpoint` or `product`
    name: str
    figures: tuple[FigureView, ...]  # the scores of which there are answers


def voice_of(hours: Hours, starts: Sequence[int]) -> tuple[VoiceView, ...]:
    """Touchpoints first, then products; of each those with most answers."""
    return (*_parts("touchpoint", hours, starts), *_parts("product", hours, starts))


def _parts(kind: str, hours: Hours, starts: Sequence[int]) -> list[VoiceView]:
    found = [_part(kind, subject, hours, starts) for subject in hours.subjects(kind)]
    return sorted((each for each in found if each.figures), key=_fewest_last)[:_SHOWN]


def _part(kind: str, subject: str, hours: Hours, starts: Sequence[int]) -> VoiceView:
    measures = hours.measures([subject], starts)
    day = summed(measures)
    figures = (figure_of(kpi, day, measures) for kpi in SCORES)
    known = tuple(each for each in figures if each.standing is not Standing.NONE)
    return VoiceView(kind, subject.removeprefix(f"{kind}:"), known)


def _fewest_last(part: VoiceView) -> tuple[int, str]:
    return (-sum(each.n for each in part.figures), part.name)
