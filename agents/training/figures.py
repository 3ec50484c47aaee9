"""Figures over labels and judgements: precision, recall, F1 with bootstrap intervals, calibration. Plain arithmetic."""

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


def micro_f1(labels: Sequence[frozenset[str]], given: Sequence[frozenset[str]]) -> float:
    """The F1 over all reasons of all texts."""
    hits = sum(len(label & found) for label, found in zip(labels, given, strict=True))
    total = sum(map(len, labels)) + sum(map(len, given))
    return 2 * hits / total if total else 1.0


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
