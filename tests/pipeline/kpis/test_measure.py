"""Counts add up in any order, and what is read off them is right within what is promised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kpis.measure import NOTHING, duration, mean, quantile, share, sum_of

SPANS = st.lists(st.integers(1, 40 * 24 * 3_600_000), min_size=1, max_size=60)


@given(SPANS)
def test_median_and_p90_are_right_to_two_and_a_half_per_cent(spans):
    """Whatever the durations are."""
    measured = sum_of(map(duration, spans))
    ordered = sorted(spans)
    for part in (0.5, 0.9):
        exact = ordered[max(-(-len(spans) * round(part * 10) // 10), 1) - 1]
        assert quantile(measured, part) * 1000 == pytest.approx(exact, rel=0.0251, abs=1)


@given(SPANS, st.randoms())
def test_the_order_of_adding_changes_nothing(spans, dice):
    """Partitions tell in any order."""
    shuffled = list(spans)
    dice.shuffle(shuffled)
    assert sum_of(map(duration, spans)) == sum_of(map(duration, shuffled))


def test_a_bounded_number_of_buckets():
    """From a millisecond to a year."""
    year = [duration(round(1.01**step)) for step in range(2430)]
    assert len(sum_of(year).buckets) < 520


def test_shares():
    """Seven of ten, of cases or of milliseconds."""
    assert mean(share(7, 10)) == 0.7
    assert mean(sum_of([share(0, 3_600_000), share(3_600_000, 3_600_000)])) == 0.5


def test_nothing_measured_is_no_figure():
    """A ratio without its denominator is not shown."""
    assert mean(NOTHING) is None
    assert quantile(NOTHING, 0.5) is None
