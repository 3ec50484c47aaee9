"""Scores of questionnaires and reviews as figures: the scale first, because 9 may be the best or one below it."""

from schemas.feedback import FeedbackKind, FeedbackResponse
from schemas.kpis import Kpi

BEST, WORST = 5.0, 1.0  # csat, ces and stars are told on a scale from 1 to 5, whatever the sender's is
SATISFIED = 4.0  # 4 and 5 of 5 (`domain.md` 2)
PROMOTER, PASSIVE = 9, 7  # and above; below 7 is a detractor

Scored = tuple[Kpi, int, int]  # the figure, the value in thousandths, the step of the scale


def scored(response: FeedbackResponse) -> Scored | None:
    """What an answer adds to its figure; None where it holds no score."""
    if response.kind is FeedbackKind.REVIEW:
        stars = _stars(response)
        return None if stars is None else (Kpi.REVIEW, round(stars * 1000), _step(stars))
    if response.score is None:
        return None
    if response.kind is FeedbackKind.NPS:
        return Kpi.NPS, _nps(response.score) * 1000, int(response.score)
    value = on_five(response)
    if response.kind is FeedbackKind.CSAT:
        return Kpi.CSAT, 1000 if value >= SATISFIED else 0, _step(value)
    return Kpi.CES, round(value * 1000), _step(value)


def ends_of(kpi: Kpi) -> tuple[float, float]:
    """The worst and the best value that one answer can have."""
    match kpi:
        case Kpi.CSAT:
            return 0.0, 1.0
        case Kpi.NPS | Kpi.SENTIMENT:
            return -1.0, 1.0
        case _:
            return WORST, BEST


def on_five(response: FeedbackResponse) -> float:
    """A score moved from its own scale onto 1 to 5: 6 of 1 to 7 is 4.33; a score that stands there stays."""
    low, high, score = response.scale_min or 0.0, response.scale_max or 0.0, response.score or 0.0
    return WORST + (score - low) / (high - low) * (BEST - WORST)


def _nps(score: float) -> int:
    if score >= PROMOTER:
        return 1
    return 0 if score >= PASSIVE else -1


def _stars(response: FeedbackResponse) -> float | None:
    """Nobody can give 0 stars: with it, platforms say that none were given."""
    if response.stars:
        return response.stars
    return None if response.score is None else on_five(response)


def _step(value: float) -> int:
    """The nearest whole step; halves go up."""
    return int(value + 0.5)
