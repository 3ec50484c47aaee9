"""Whether a score has fallen, or whether chance alone may have made it look so.

The last 24 hours stand against the seven days before. Both need 30 answers. To each sample one answer at the best and
one at the worst end of the scale is added (Agresti and Caffo 2000, for any bounded score): so a few answers that agree
with one another are not taken for certainty. The score has fallen where the lower bound of the difference of the means,
three standard errors below it, is above zero, and the fall is worth telling. It is asked every minute, hence three.
"""

from collections.abc import Mapping
from math import sqrt
from types import MappingProxyType

from pipeline.feedback.scales import ends_of
from schemas.kpis import Kpi, Measure

LEAST_ANSWERS = 30
STANDARD_ERRORS = 3.0
# What is worth telling, in the unit of the figure: ten points of NPS, five of CSAT, a fifth of a step.
WORTH_TELLING: Mapping[Kpi, float] = MappingProxyType({Kpi.NPS: 0.10, Kpi.CSAT: 0.05, Kpi.CES: 0.2, Kpi.REVIEW: 0.2})


def has_fallen(kpi: Kpi, now: Measure, before: Measure) -> bool:
    """Whether the score is lower than before, and not by chance."""
    if min(now.n, before.n) < LEAST_ANSWERS:
        return False
    fall, error = _difference(kpi, now, before)
    return fall >= WORTH_TELLING[kpi] and fall > STANDARD_ERRORS * error


def has_recovered(kpi: Kpi, now: Measure, before: Measure) -> bool:
    """Whether a score that had fallen is back by half of what is worth telling, or nothing is known of it any more."""
    if min(now.n, before.n) < LEAST_ANSWERS:
        return True
    return _difference(kpi, now, before)[0] < WORTH_TELLING[kpi] / 2


def _difference(kpi: Kpi, now: Measure, before: Measure) -> tuple[float, float]:
    """How far the mean fell, and the standard error of that."""
    (mean_now, error_now), (mean_before, error_before) = _mean(kpi, now), _mean(kpi, before)
    return mean_before - mean_now, sqrt(error_now + error_before)


def _mean(kpi: Kpi, measure: Measure) -> tuple[float, float]:
    """The mean of a sample with one answer more at each end, and the square of its standard error."""
    worst, best = ends_of(kpi)
    n = measure.n + 2
    average = (measure.total / 1e3 + worst + best) / n
    squares = (measure.squares / 1e6 + worst**2 + best**2) / n
    return average, max(squares - average**2, 0.0) / n
