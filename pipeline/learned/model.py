"""What a trained model is: rows of whole-number weights, their scales, and what the rules' findings add.

Level rows answer three questions: at least `potential`, at least `explicit`, `high_risk`. Each sum is a calibrated
log-odds: `1 / (1 + exp(-sum))` is a probability. Reason rows answer one question for each class of leaves.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.learned.ngrams import Weights
from schemas.vocabulary import Level

if TYPE_CHECKING:
    from pipeline.learned.reader import Reader

QUESTIONS = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)  # is it at least this?

HARD_SENTENCES = "hard_sentences"  # on the card: how many sentences taught it threats in words that no rule has

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model at rest. `version` is the hash of all that decides; `about` is what its card says.

    With a reader beside it the version is that of both.
    """

    version: str
    bits: int  # the buckets of n-grams are 2**bits
    levels: Weights  # 3 rows of 2**bits
    level_scales: Floats  # 3: what one unit of a row's weights is worth
    level_bias: Floats  # 3
    thresholds: Floats  # 3 log-odds: from here on the answer is yes
    reasons: Weights  # one row of 2**bits for each class of reasons
    reason_scales: Floats
    reason_bias: Floats
    reason_thresholds: Floats
    classes: tuple[tuple[str, ...], ...]  # leaves of each class of reasons, the usual one first; none: no leaf of ours
    features: Mapping[str, int]  # name of what rules found -> its place in the two tables below
    level_features: Floats  # features x 3
    reason_features: Floats  # features x classes
    about: Mapping[str, Any]
    reader: "Reader | None" = None

    @property
    def rules_version(self) -> str:
        """The rule pack that the model was trained beside."""
        return str(self.about.get("rules_version", ""))

    @property
    def knows_threats(self) -> bool:
        """Whether it was taught threats in words that no rule has."""
        return bool(self.about.get(HARD_SENTENCES))


def probability(log_odds: float) -> float:
    """Log-odds as a probability, to three digits: more would promise what no calibration holds."""
    return round(1.0 / (1.0 + math.exp(-max(min(log_odds, 30.0), -30.0))), 3)
