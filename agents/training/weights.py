"""Fitted questions as rows of weights, and rows of weights as the bytes of a model file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.training.vectors import Matrix, Vocabulary
from pipeline.learned.archive import write_model

BITS = 16  # 18 gained nothing in cross-validation

Floats = npt.NDArray[np.float64]


class Linear(NamedTuple):
    """One question's answer: n-gram weights (by bucket, for counts), feature weights, bias."""

    ngrams: Floats
    features: Floats
    bias: float

    def log_odds(self, vectors: Matrix, features: Matrix) -> Floats:
        """The answer for each row."""
        odds: Floats = vectors @ self.ngrams + features @ self.features + self.bias
        return odds


def written(
    levels: list[Linear],
    thresholds: Floats,
    reasons: list[Linear],
    reason_threshold: float,
    classes: Mapping[str, tuple[str, ...]],
    names: Vocabulary,
    card: Mapping[str, Any],
) -> bytes:
    """The bytes of a model: its questions, its classes of reasons, and the names of the features in order."""
    level_weights, level_scales = _whole([row.ngrams for row in levels])
    reason_weights, reason_scales = _whole([row.ngrams for row in reasons])
    arrays: dict[str, npt.NDArray[Any]] = {
        "levels": level_weights,
        "level_scales": level_scales,
        "level_bias": np.array([row.bias for row in levels]),
        "thresholds": thresholds,
        "reasons": reason_weights,
        "reason_scales": reason_scales,
        "reason_bias": np.array([row.bias for row in reasons]),
        "reason_thresholds": np.full(len(reasons), reason_threshold),
        "level_features": np.array([row.features for row in levels]).T.reshape(len(names.names), len(levels)),
        "reason_features": np.array([row.features for row in reasons]).T.reshape(len(names.names), len(reasons)),
    }
    return write_model(
        arrays, bits=BITS, features=list(names.names), classes=[list(each) for each in classes.values()], card=card
    )


def _whole(rows: list[Floats]) -> tuple[npt.NDArray[np.int16], Floats]:
    """Weights as whole numbers of at most 16 bits, and what one unit of each row is worth."""
    if not rows:
        return np.zeros((0, 1 << BITS), np.int16), np.zeros(0)
    table = np.array(rows)
    table[:, 0] = 0.0
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9) / np.iinfo(np.int16).max
    return np.round(table / scales[:, None]).astype(np.int16), scales
