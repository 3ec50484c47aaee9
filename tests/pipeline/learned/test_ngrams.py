"""N-grams of a batch: what counts as one, and that a batch never mixes its texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learned.ngrams import LONGEST, Ngrams

BITS = 16
WEIGHTS = np.random.default_rng(1).integers(-30_000, 30_000, 1 << BITS).astype(np.int16)
WEIGHTS[0] = 0

texts = st.lists(st.text(alphabet="催退款了没有啊a1 😀\ud800", max_size=12), min_size=1, max_size=8)


@given(texts)
def test_a_text_weighs_the_same_in_every_batch(batch):
    """How the log is cut into batches must not change a sum, to the last bit."""
    together = Ngrams(batch, bits=BITS).sums(WEIGHTS)
    alone = [int(Ngrams([text], bits=BITS).sums(WEIGHTS)[0]) for text in batch]
    assert together.tolist() == alone


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("", 1, id="nothing: only beginning and end, side by side"),
        pytest.param("催", 1 + 2 + 1, id="one character: itself, with beginning, with end, with both"),
        pytest.param("催我", 2 + 3 + 2 + 1, id="two characters"),
        pytest.param("催我啊", 3 + 4 + 3 + 2, id="three characters"),
    ],
)
def test_how_many_ngrams_a_text_has(text, count):
    """Beginning and end are characters of n-grams that begin or end there, and nothing reaches over them."""
    assert np.count_nonzero(Ngrams(["别的话", text, "还有"], bits=BITS).of_text(1)) == count


def test_beginning_and_end_are_told_apart():
    """`怎么` that opens a text is another n-gram than one in the middle."""
    opening, middle = (set(Ngrams([text], bits=BITS).of_text(0).ravel().tolist()) for text in ("怎么", "问怎么"))
    assert opening - middle
    assert len(Ngrams(["一句"], bits=BITS).buckets) == LONGEST
