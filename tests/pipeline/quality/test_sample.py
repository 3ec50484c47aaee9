"""The manual sample: the share that is asked for, the same whenever it is drawn again."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.quality.sample import Sample

MANY = [f"call-{number}" for number in range(20_000)]


def test_the_share_is_the_share():
    """Five of a hundred, within what chance allows of twenty thousand."""
    assert 0.045 < sum(map(Sample(0.05, "").holds, MANY)) / len(MANY) < 0.055


def test_nobody_and_everybody():
    """Both ends."""
    assert not any(map(Sample(0.0, "x").holds, MANY))
    assert all(map(Sample(1.0, "x").holds, MANY))


def test_another_salt_draws_others():
    """Independent of the first draw."""
    one, other = (set(filter(Sample(0.05, salt).holds, MANY)) for salt in ("a", "b"))
    assert len(one & other) < len(one) / 4


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_holds_a_smaller_one(conversation_id, one, other):
    """Who is in the sample of five percent is in that of ten."""
    small, large = sorted((one, other))
    assert Sample(large, "s").holds(conversation_id) or not Sample(small, "s").holds(conversation_id)
