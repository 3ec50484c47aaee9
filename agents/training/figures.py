"""Figures over labels and judgements: precision, recall, F1 with bootstrap intervals, calibration. Plain arithmetic."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agents.training.thresholds import Ranks, macro_f1
from schemas.vocabulary import Level

Values = npt.NDArray[Any]

RESAMPLES = 500
_SEED = 20261122
_BINS = 10


class Interval(NamedTuple):
    """A share with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


class LevelFigures(NamedTuple):
    """One level: how many were labelled so, and how well that was found."""

    level: Level
    support: int
    precision: Interval
    recall: Interval
    f1: Interval


class ReasonFigures(NamedTuple):
    """One reason: how often it was labelled, how often it was told, and how well."""

    reason: str
    support: int
    precision: float
    recall: float


class Bin(NamedTuple):
    """One row of a reliability table: what was held likely, and what came true."""

    low: float
    text_count: int
    predicted: float
    observed: float


class Calibration(NamedTuple):
    """How far probabilities are true: `ece` is the mean distance, weighted by count."""

    bins: tuple[Bin, ...]
    ece: float


def level_figures(labels: Ranks, given: Ranks, groups: Sequence[str]) -> list[LevelFigures]:
    """Precision, recall and F1 of each level; whole groups are drawn again, because texts of one are alike."""
    draws = _draws(groups)
    figures = []
    for level in Level:
        rank = level.rank
        shares = [_interval(labels == rank, given == rank, draws, figure) for figure in (_precision, _recall, _f1)]
        figures.append(LevelFigures(level, int((labels == rank).sum()), *shares))
    return figures


def macro_figure(labels: Ranks, given: Ranks, groups: Sequence[str]) -> Interval:
    """Macro-F1 with its interval."""
    return _interval(labels, given, _draws(groups), macro_f1)


def micro_figure(labels: Sequence[frozenset[str]], given: Sequence[frozenset[str]], groups: Sequence[str]) -> Interval:
    """The F1 over all reasons of all texts, with its interval."""
    hits = np.array([len(label & found) for label, found in zip(labels, given, strict=True)])
    named = np.array([len(label) + len(found) for label, found in zip(labels, given, strict=True)])
    return _interval(hits, named, _draws(groups), _micro_f1)


def reason_figures(labels: Sequence[frozenset[str]], given: Sequence[frozenset[str]]) -> list[ReasonFigures]:
    """Precision and recall of each reason, the most frequent first."""
    support = Counter(reason for label in labels for reason in label)
    told = Counter(reason for found in given for reason in found)
    hits = Counter(reason for label, found in zip(labels, given, strict=True) for reason in label & found)
    return [
        ReasonFigures(
            reason,
            support[reason],
            round(hits[reason] / max(told[reason], 1), 2),
            round(hits[reason] / max(support[reason], 1), 2),
        )
        for reason in sorted(support | told, key=lambda reason: (-support[reason], reason))
    ]


def calibration(probabilities: npt.NDArray[np.float64], came_true: npt.NDArray[np.bool_]) -> Calibration:
    """The reliability table of one question."""
    places = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    bins = []
    for place in range(_BINS):
        inside = places == place
        if inside.any():
            predicted, observed = float(probabilities[inside].mean()), float(came_true[inside].mean())
            bins.append(Bin(place / _BINS, int(inside.sum()), predicted, observed))
    total = max(len(probabilities), 1)
    return Calibration(tuple(bins), sum(each.text_count * abs(each.predicted - each.observed) for each in bins) / total)


def _micro_f1(hits: Values, named: Values) -> float:
    total = int(named.sum())
    return 2 * int(hits.sum()) / total if total else 1.0


def _precision(labels: Values, given: Values) -> float:
    return int((labels & given).sum()) / max(int(given.sum()), 1)


def _recall(labels: Values, given: Values) -> float:
    return int((labels & given).sum()) / max(int(labels.sum()), 1)


def _f1(labels: Values, given: Values) -> float:
    return 2 * int((labels & given).sum()) / max(int(labels.sum() + given.sum()), 1)


def _draws(groups: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    lists = [np.array(places) for places in members.values()]
    random = np.random.default_rng(_SEED)
    return [
        np.concatenate([lists[each] for each in random.integers(0, len(lists), len(lists))]) for _ in range(RESAMPLES)
    ]


def _interval(
    labels: Values, given: Values, draws: list[npt.NDArray[np.int64]], figure: Callable[[Values, Values], float]
) -> Interval:
    drawn = [figure(labels[draw], given[draw]) for draw in draws]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(round(figure(labels, given), 3), round(float(low), 3), round(float(high), 3))
