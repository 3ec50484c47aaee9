"""What stands near what: both sides, overlaps, and a word that stands in both lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watches.spacing import near

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)).map(lambda each: (each[0], sum(each))), max_size=8)


@pytest.mark.parametrize(
    ("words", "others", "is_near"),
    [
        pytest.param([(4, 6)], [(4, 6)], False, id="itself"),
        pytest.param([(4, 6)], [(4, 6), (4, 6)], False, id="itself under two names"),
        pytest.param([(4, 6)], [(4, 6), (9, 11)], True, id="another behind it"),
        pytest.param([(4, 6)], [(4, 6), (10, 11)], False, id="another too far behind it"),
        pytest.param([(4, 6)], [(0, 1), (4, 6)], True, id="another before it"),
        pytest.param([(4, 6)], [(4, 5)], True, id="a part of it"),
        pytest.param([(4, 6)], [(4, 7)], True, id="what it is a part of"),
        pytest.param([(4, 6), (7, 9)], [(4, 6), (7, 9)], True, id="two that are near each other"),
    ],
)
def test_a_word_is_not_near_itself(words, others, is_near):
    """The very same place does not count; any other within three characters does."""
    assert (near(words, others, 3, wanted=True) is not None) is is_near


@given(SPANS, SPANS, st.integers(0, 6))
def test_one_pass_finds_what_comparing_all_finds(words, others, chars):
    """The first word that has another near it, and the first that has none."""
    beside = [
        any(each != word and each[0] - word[1] <= chars and word[0] - each[1] <= chars for each in others)
        for word in words
    ]
    for wanted in (True, False):
        expected = next((word for word, found in zip(words, beside, strict=True) if found is wanted), None)
        assert near(words, others, chars, wanted=wanted) == expected
