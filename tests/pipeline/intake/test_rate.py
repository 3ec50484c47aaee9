"""The bucket of tokens."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.rate import Rate


def test_a_burst_then_a_steady_rate():
    """Two at once, then one for each half second; who comes too early learns how long to wait."""
    rate = Rate(per_second=2, burst=2)
    bucket = rate.full(now_seconds=0)
    bucket, wait = rate.take(bucket, now_seconds=0)
    bucket, again = rate.take(bucket, now_seconds=0)
    bucket, refused = rate.take(bucket, now_seconds=0)
    assert (wait, again, refused) == (0, 0, 0.5)
    bucket, early = rate.take(bucket, now_seconds=0.25)
    bucket, late = rate.take(bucket, now_seconds=0.5)
    assert (early, late) == (0.25, 0)


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.5, 20), st.integers(1, 10))
def test_never_more_than_rate_and_burst(pauses, per_second, burst):
    """Whatever the rhythm, so many a second plus one burst; a clock that stands still gives nothing away."""
    rate, now, taken = Rate(per_second, burst), 0.0, 0
    bucket = rate.full(now_seconds=now)
    for pause in pauses:
        now += pause
        bucket, wait = rate.take(bucket, now_seconds=now)
        taken += wait == 0
    assert taken <= burst + now * per_second + 1e-6
