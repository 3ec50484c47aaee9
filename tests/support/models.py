"""Small models made by hand: what a text comes to can be read off them."""

import numpy as np

from pipeline.learned.archive import read_model, write_model
from pipeline.learned.model import Model
from pipeline.learned.ngrams import Ngrams
from pipeline.text.normalize import normalize

BITS = 12
SCALE = 0.01


def arrays(words: dict[str, tuple[float, float, float]], *, bias: float = -4.0, reasons: int = 1) -> dict:
    """Arrays of a model in which each word's own n-grams say something to the three questions."""
    levels = np.zeros((3, 1 << BITS), np.int16)
    for word, points in words.items():
        (folded,) = normalize([word])
        bucket = Ngrams([folded.text], bits=BITS).of_text(0)[min(len(folded.text), 4) - 1, 1]
        levels[:, bucket] = np.array(points) / SCALE
    return {
        "levels": levels,
        "level_scales": np.full(3, SCALE),
        "level_bias": np.full(3, bias),
        "thresholds": np.zeros(3),
        "reasons": np.zeros((reasons, 1 << BITS), np.int16),
        "reason_scales": np.full(reasons, SCALE),
        "reason_bias": np.full(reasons, -1.0),
        "reason_thresholds": np.zeros(reasons),
        "level_features": np.zeros((1, 3)),
        "reason_features": np.full((1, reasons), 5.0),
    }


def model_bytes(words: dict[str, tuple[float, float, float]], *, hard_sentences: int = 0, **options) -> bytes:
    """The file of such a model. A word of the leaf `refund` makes its one class of reasons likely."""
    card = {"note": "by hand", "hard_sentences": hard_sentences}
    return write_model(arrays(words, **options), bits=BITS, features=["reason:refund"], classes=[["refund"]], card=card)


def model_of(words: dict[str, tuple[float, float, float]], **options) -> Model:
    """Such a model, read back."""
    return read_model("by hand", model_bytes(words, **options))
