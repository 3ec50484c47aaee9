"""No word of a promise is lost for want of a stem: what `words` may find, the first question lets through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.promises import stems, words
from schemas.promises import PromiseKind

SAMPLES = 120  # of one kind, whose pattern has at most a dozen alternatives


@pytest.mark.parametrize("kind", [kind for kind, _ in words.ACTIONS])
@settings(max_examples=SAMPLES, derandomize=True, deadline=None)
@given(data=st.data())
def test_every_way_to_promise_something_has_a_stem(kind: PromiseKind, data: st.DataObject) -> None:
    """Whatever an action matches holds one of the literal words that a text is asked for first."""
    action = dict(words.ACTIONS)[kind]
    text = data.draw(st.from_regex(action, fullmatch=True))
    assert any(stem in text for stem in stems.ACTIONS), text
