"""Counting values so that counts of two partitions, hours or regions add up: mean, spread, median and p90.

Sums are integers, in thousandths of the unit: no order of adding changes them. Durations go into buckets whose bounds
grow by five per cent, so a quantile is right to 2.5 per cent in bounded memory (docs/adr/0022-figures-that-add-up.md).
"""

from collections.abc import Iterable, Mapping
from math import ceil, log

from schemas.kpis import Measure, Measures

THOUSAND = 1000
_GROWTH = 1.05
_LOG_GROWTH = log(_GROWTH)
NOTHING = Measure()


def score(value: int, bucket: int) -> Measure:
    """One score, in thousandths, and the step of the scale that it stands on."""
    return Measure(n=1, total=value, squares=value * value, buckets={str(bucket): 1})


def share(hits: int, of: int) -> Measure:
    """So many of so many; of milliseconds as well as of cases."""
    return Measure(n=of, total=hits * THOUSAND)


def duration(elapsed_ms: int) -> Measure:
    """One duration."""
    elapsed_ms = max(elapsed_ms, 0)
    return Measure(n=1, total=elapsed_ms, buckets={str(_bucket(elapsed_ms)): 1})


def added(known: Mapping[str, Measure], more: Mapping[str, Measure]) -> Measures:
    """The measures of both, by name."""
    both = dict(known)
    for name, measure in more.items():
        both[name] = sum_of((both[name], measure)) if name in both else measure
    return both


def sum_of(measures: Iterable[Measure]) -> Measure:
    """All together; nothing where there are none."""
    n = total = squares = 0
    buckets: dict[str, int] = {}
    for each in measures:
        n += each.n
        total += each.total
        squares += each.squares
        for bucket, count in each.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + count
    return Measure(
        n=n, total=total, squares=squares, buckets={step: buckets[step] for step in sorted(buckets, key=int)}
    )


def mean(measure: Measure) -> float | None:
    """In the unit of the figure; None where nothing was measured: a ratio without its denominator is not shown."""
    return measure.total / measure.n / THOUSAND if measure.n else None


def quantile(measure: Measure, part: float) -> float | None:
    """The duration in seconds under which a share of all durations lie, right to 2.5 per cent."""
    rank = max(ceil(part * measure.n), 1)
    below = 0
    for bucket in sorted(map(int, measure.buckets)):
        below += measure.buckets[str(bucket)]
        if below >= rank:
            return _middle_ms(bucket) / THOUSAND
    return None


def _bucket(elapsed_ms: int) -> int:
    """Bucket `i` holds what is above 1.05 ** (i - 1) ms and at most 1.05 ** i; what is shorter is in the first."""
    return ceil(log(elapsed_ms) / _LOG_GROWTH) if elapsed_ms > 1 else 0


def _middle_ms(bucket: int) -> float:
    """What is as far, in per cent, from both bounds."""
    return 2 * _GROWTH**bucket / (_GROWTH + 1) if bucket else 0.0
