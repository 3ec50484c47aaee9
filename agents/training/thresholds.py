"""From which log-odds on a level holds: chosen so that every level counts the same, on texts that no fit has seen."""

from itertools import product

import numpy as np
import numpy.typing as npt

from pipeline.learned.scorer import THREAT_WITHIN, UNNAMED
from schemas.vocabulary import Level

Floats = npt.NDArray[np.float64]
Ranks = npt.NDArray[np.int64]
Answers = npt.NDArray[np.bool_]

# Displeasure has to be clearly likelier than not: at even odds macro-F1 is the same within noise, and a sixth more of
# ordinary turns are held for complaints. Among the displeased a missed complaint costs more than a false one; a false
# alarm of `high_risk` wakes somebody.
_NOISE = 0.002  # of macro-F1 on a few thousand texts: less is no reason to leave even odds
_GRIDS = (np.arange(0.25, 0.76, 0.25), np.arange(-1.0, 0.51, 0.25), np.arange(-0.5, 1.01, 0.25))
# Who was taught threats is heard where no rule speaks, and wakes somebody. So often it may be wrong about judged texts.
_FALSE_THREATS_MAX = 0.0005
_THREAT_GRID = np.arange(-3.0, 1.01, 0.25)
_REASON_GRID = np.arange(-2.4, 0.1, 0.2)


def levels_at(odds: Floats, thresholds: tuple[float, ...] | Floats) -> Ranks:
    """The rank of the highest level that is likely enough, as at work (`pipeline.learned.scorer.level_at`)."""
    ranks = np.zeros(odds.shape[1], np.int64)
    for rank, (row, threshold) in enumerate(zip(odds, thresholds, strict=True), start=1):
        is_so = row >= threshold
        if rank == Level.HIGH_RISK.rank:
            is_so &= odds[0] >= thresholds[0] - THREAT_WITHIN
        ranks[is_so] = rank
    return ranks


def macro_f1(labels: Ranks, given: Ranks) -> float:
    """The mean over the levels of the harmonic mean of precision and recall."""
    scores = []
    for level in Level:
        is_label, is_given = labels == level.rank, given == level.rank
        total = int(is_label.sum() + is_given.sum())
        scores.append(2 * int((is_label & is_given).sum()) / total if total else 1.0)
    return float(np.mean(scores))


def choose_thresholds(odds: Floats, labels: Ranks, ruled: Ranks, *, knows_threats: bool = False) -> Floats:
    """The thresholds nearest to even odds with the best macro-F1 of rules and model together, but for noise.

    That of a model which was taught threats is the lowest from which it is seldom wrong where rules see none: macro-F1
    over labels by which the rules were mended would have it say nothing.
    """
    grids = (*_GRIDS[:2], [_threat_threshold(odds, labels, ruled)]) if knows_threats else _GRIDS
    found = {}
    for thresholds in sorted(product(*grids), key=lambda each: (sum(abs(value) for value in each), each)):
        learned = levels_at(odds, thresholds)
        if not knows_threats:
            learned[(learned == Level.HIGH_RISK.rank) & (ruled == 0)] = Level.EXPLICIT.rank
        found[thresholds] = macro_f1(labels, np.maximum(learned, ruled))
    enough = max(found.values()) - _NOISE
    return np.array(next(thresholds for thresholds, figure in found.items() if figure >= enough))


def _threat_threshold(odds: Floats, labels: Ranks, ruled: Ranks) -> float:
    is_wrong_alone = (labels < Level.HIGH_RISK.rank) & (ruled < Level.HIGH_RISK.rank)
    for threshold in _THREAT_GRID.tolist():
        is_threat = levels_at(odds, (0.0, 0.0, threshold)) == Level.HIGH_RISK.rank
        if (is_wrong_alone & is_threat).sum() <= _FALSE_THREATS_MAX * len(labels):
            return float(threshold)
    return float(_THREAT_GRID[-1])


def choose_reason_threshold(odds: Floats, is_named: Answers, is_so: Answers) -> float:
    """The log-odds with the best F1 over all reasons; of equals the one nearest to even odds.

    Rows are texts, columns reasons. As at work, a reason of which no word was said (`is_named`) has to be likelier by
    UNNAMED, but for the likeliest of a text. Where there is nothing to judge by, even odds.
    """
    if not odds.size:
        return 0.0
    is_easy = is_named.copy()
    is_easy[np.arange(len(odds)), odds.argmax(axis=1)] = True
    best, chosen = -1.0, 0.0
    for threshold in _REASON_GRID[::-1].tolist():
        told = odds >= np.where(is_easy, threshold, threshold + UNNAMED)
        found = 2 * int((told & is_so).sum()) / max(int(told.sum() + is_so.sum()), 1)
        if found > best + 1e-9:
            best, chosen = found, threshold
    return chosen
