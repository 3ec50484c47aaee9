"""How unlikely a count is, when what is usual is itself known only from a few hours."""

from math import exp, inf, log, log1p, nextafter

from pipeline.surge.usual import Expected


def tail(count: int, expected: Expected, *, share: float) -> float:
    """P(X ≥ count) for a span of `share` hours.

    Complaints come by chance, and so did those from which the usual was learnt: the odds are those of the gamma-Poisson
    mixture (negative binomial), which with much learnt is the Poisson tail of `domain.md` 12.3. Little learnt makes a
    high count less surprising: small regions raise no false alarms.
    """
    if count <= 0:
        return 1.0
    hours = max(expected.hours, nextafter(0.0, inf)) / share  # in units of the span
    shape = expected.complaints * hours + 0.5
    log_term, log_hit = -shape * log1p(1 / hours), -log1p(hours)
    below = 0.0
    for n in range(count):
        below += exp(log_term)
        log_term += log((n + shape) / (n + 1)) + log_hit
    return max(0.0, 1.0 - below)
