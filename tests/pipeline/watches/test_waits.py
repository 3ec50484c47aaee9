"""Waits: in time, too late, never; both sides of every border."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watches.waits import MAX_WAITS, Wait, answer, expire, forget, wait_for, was_said

SORRY = Wait("apology", "u1", 1_000, 61_000)


@pytest.mark.parametrize(
    ("at_ms", "answered"),
    [
        pytest.param(999, False, id="before it was asked for"),
        pytest.param(1_000, True, id="in the same moment"),
        pytest.param(61_000, True, id="at the last millisecond"),
        pytest.param(61_001, False, id="one millisecond late"),
    ],
)
def test_an_answer_counts_in_its_time(at_ms, answered):
    """Only what is said between both ends, ends included, answers."""
    assert answer((SORRY,), "apology", at_ms=at_ms) == (((), (SORRY,)) if answered else ((SORRY,), ()))
    assert was_said([at_ms], from_ms=1_000, until_ms=61_000) is answered


@pytest.mark.parametrize(
    ("at_ms", "answered"),
    [
        pytest.param(999, True, id="earlier than what was heard first"),
        pytest.param(61_000, True, id="at the last millisecond"),
        pytest.param(61_001, False, id="one millisecond late"),
    ],
)
def test_nothing_was_said_before_a_start(at_ms, answered):
    """A wait that no utterance began is answered by whatever was said until its end, in whatever order it comes."""
    start = Wait("greeting", "", 1_000, 61_000)
    assert answer((start,), "greeting", at_ms=at_ms) == (((), (start,)) if answered else ((start,), ()))


def test_another_thing_answers_nothing():
    """A greeting is no apology."""
    assert answer((SORRY,), "greeting", at_ms=2_000) == ((SORRY,), ())


@pytest.mark.parametrize(
    ("now_ms", "has_ended", "missed"),
    [
        pytest.param(61_000, False, False, id="the last millisecond is still time"),
        pytest.param(61_001, False, True, id="time has passed"),
        pytest.param(2_000, True, True, id="the conversation has ended"),
    ],
)
def test_absence_is_judged_when_nothing_can_come_any_more(now_ms, has_ended, missed):
    """Before that nobody knows."""
    left, found = expire((SORRY,), now_ms=now_ms, has_ended=has_ended)
    assert (left, found) == (((), (SORRY,)) if missed else ((SORRY,), ()))


def test_a_corrected_cause_waits_once():
    """A later revision of an utterance moves its wait; one that says something else ends it."""
    later = Wait("apology", "u1", 2_000, 62_000)
    assert wait_for((SORRY,), later) == (later,)
    assert forget((SORRY, later), "u1") == ()


@given(st.lists(st.integers(0, 100_000), max_size=40), st.lists(st.integers(0, 200_000), max_size=20))
def test_every_wait_ends_once(causes, moments):
    """However often time is looked at, a wait is missed once; and no conversation keeps more than its share."""
    waits, missed = (), []
    for number, at_ms in enumerate(causes):
        waits = wait_for(waits, Wait("x", str(number), at_ms, at_ms + 10_000))
        assert len(waits) <= MAX_WAITS
    for now_ms in sorted(moments):
        waits, found = expire(waits, now_ms=now_ms)
        missed += found
    waits, found = expire(waits, now_ms=0, has_ended=True)
    missed += found
    assert not waits
    assert len(missed) == len({wait.cause for wait in missed}) == min(len(causes), MAX_WAITS)
