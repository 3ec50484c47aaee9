"""Fit a model: weak labels first, then the labelled texts, then the thresholds; the result is a file's bytes.

Everything is seeded. Unlabelled texts teach which n-grams go with what the rules find (their own labels are those of
the rules, so they never measure anything); labelled texts teach where the rules are wrong or silent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from agents.training.labels import Example
from agents.training.thresholds import choose_reason_threshold, choose_thresholds
from agents.training.vectors import Features, Matrix, Vectors, Vocabulary
from agents.training.weights import Floats, Linear, written
from pipeline.learned.features import LENGTH
from pipeline.learned.model import HARD_SENTENCES, QUESTIONS
from pipeline.learned.reasons import LABEL_OF_LEAF, classes_of
from schemas.vocabulary import Level

SEED = 20261122
INNER_FOLDS = 4
PRACTICE_WEIGHT = 0.4  # of a text for practice, against one that is judged; 0.2 to 1 are within noise of it
_NGRAM_SCALE = 12.0  # brings a text's vector near length one
_RARE = 2  # n-grams of fewer texts teach nothing
MIN_OF_CLASS = 5  # examples; a reason with fewer is not learned
_MIN_WEAK = 20
_MIN_FOLDS = 2


class _Fitting(NamedTuple):
    """How strongly a question is fitted, and to what."""

    strength: float  # scikit-learn's C
    share: float  # how far the rules' findings are trusted from the start, against n-grams
    ngrams: float  # how much more n-grams count


WEAK_SHARE = 0.5  # as _Fitting.share, of the weak scores
LEVEL_FITTING = _Fitting(strength=3.0, share=0.5, ngrams=1.0)  # a strength of 1 or 10 is within noise of it
# What a text speaks of is many features that overlap. N-grams that count three times bring a point of micro-F1.
REASON_FITTING = _Fitting(strength=10.0, share=0.35, ngrams=3.0)
# What written sentences tell stands in their words alone; strengths of 10 and 100 are within noise of this one.
HARD_FITTING = _Fitting(strength=30.0, share=0.5, ngrams=1.0)


class Hard(NamedTuple):
    """Sentences that were written to show what high risk is and what only looks like it."""

    ngrams: Matrix
    features: list[Features]  # their length alone: not what rules find, or words would teach nothing where rules know
    is_high: npt.NDArray[np.bool_]
    idf: Floats

    @classmethod
    def of(cls, examples: Sequence[Example], vectors: Vectors, labelled: Vectors) -> "Hard":
        """The sentences; `labelled` gives n-gram frequencies only."""
        features = [{LENGTH: row[LENGTH]} for row in vectors.level_features]
        is_high = np.array([example.level is Level.HIGH_RISK for example in examples])
        return cls(vectors.ngrams, features, is_high, _idf(sparse.vstack([vectors.ngrams, labelled.ngrams]).tocsr()))


class Taught(NamedTuple):
    """What unlabelled texts teach: the weight of each n-gram at the start, and one score for each question."""

    idf: Floats
    scores: list[Linear]
    reasons: dict[str, Linear]


def teach(unlabelled: Vectors | None, labelled: Vectors) -> Taught:
    """Learn from what the rules say of texts that nobody labelled; `labelled` gives n-gram frequencies only."""
    counts = labelled.ngrams if unlabelled is None else sparse.vstack([unlabelled.ngrams, labelled.ngrams]).tocsr()
    idf = _idf(counts)
    if unlabelled is None:
        return Taught(idf, [], {})
    scaled = unlabelled.ngrams @ sparse.diags(idf)
    nothing = np.zeros(0)
    scores = []
    for question in QUESTIONS:
        is_so = unlabelled.ruled >= question.rank
        if min(is_so.sum(), (~is_so).sum()) >= _MIN_WEAK:
            fitted = _fitted(scaled, is_so, LEVEL_FITTING.strength, class_weight="balanced")
            spread = float((scaled @ fitted[0] + fitted[1]).std()) / WEAK_SHARE
            scores.append(Linear(fitted[0] * idf / spread, nothing, fitted[1] / spread))
    reasons = {}
    for leaf_label in sorted(
        {LABEL_OF_LEAF[leaf] for told in unlabelled.told for leaf in told if leaf in LABEL_OF_LEAF}
    ):
        is_so = np.array([any(LABEL_OF_LEAF.get(leaf) == leaf_label for leaf in told) for told in unlabelled.told])
        if min(is_so.sum(), (~is_so).sum()) >= _MIN_WEAK:
            fitted = _fitted(scaled, is_so, LEVEL_FITTING.strength, class_weight="balanced")
            spread = float((scaled @ fitted[0] + fitted[1]).std()) / WEAK_SHARE
            reasons[leaf_label] = Linear(fitted[0] * idf / spread, nothing, fitted[1] / spread)
    return Taught(idf, scores, reasons)


def _idf(counts: Matrix) -> Floats:
    """The weight of each n-gram at the start: what stands in fewer texts tells more."""
    frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
    weights: Floats = np.where(frequency >= _RARE, np.log((1 + counts.shape[0]) / (1 + frequency)) + 1, 0.0)
    return weights / _NGRAM_SCALE


def _fitted(
    matrix: Matrix, is_so: npt.NDArray[np.bool_], strength: float, weights: Floats | None = None, **options: Any
) -> tuple[Floats, float]:
    if is_so.all() or not is_so.any():  # a fold without a rare level: it can tell nothing but how rare that is
        return np.zeros(matrix.shape[1]), float(np.log((is_so.sum() + 0.5) / ((~is_so).sum() + 0.5)))
    # Of texts there are fewer than of n-grams: solving for the texts takes a fortieth of the time.
    dual = matrix.shape[1] > matrix.shape[0]
    model = LogisticRegression(C=strength, solver="liblinear", dual=dual, random_state=SEED, max_iter=1000, **options)
    model.fit(matrix, is_so, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _question(
    vectors: Matrix,
    features: Matrix,
    is_so: npt.NDArray[np.bool_],
    taught: Sequence[Linear],
    idf: Floats,
    counts: Floats,
    fitting: _Fitting,
) -> Linear:
    """Fit one question on n-grams, weak scores and features together, and fold it into one row of weights.

    `counts` is how much each text counts.
    """
    empty = sparse.csr_matrix((vectors.shape[0], 0))
    weak = [sparse.csr_matrix(score.log_odds(vectors, empty)[:, None]) for score in taught]
    scale = idf * fitting.ngrams
    matrix = sparse.hstack([vectors @ sparse.diags(scale), *weak, features * fitting.share]).tocsr()
    weights, bias = _fitted(matrix, is_so, fitting.strength, counts)
    buckets = len(scale)
    ngrams = weights[:buckets] * scale
    for score, weight in zip(taught, weights[buckets : buckets + len(taught)], strict=True):
        ngrams = ngrams + weight * score.ngrams
        bias += weight * score.bias
    return Linear(ngrams, weights[buckets + len(taught) :] * fitting.share, bias)


class Fit:
    """Labelled examples with their matrices, to be fitted as a whole or in folds."""

    def __init__(self, examples: Sequence[Example], vectors: Vectors, taught: Taught, hard: Hard | None = None) -> None:
        self.examples = examples
        self.vectors = vectors
        self.taught = taught
        self.hard = hard
        self.levels = np.array([example.level.rank if example.level else 0 for example in examples])
        self.groups = np.array([example.group for example in examples])
        self.has_level = np.array([example.level is not None for example in examples])
        self.is_practice = np.array([example.practice for example in examples])
        self.counts = np.where(self.is_practice, PRACTICE_WEIGHT, 1.0)

    def folds(self, count: int, places: npt.NDArray[np.int64] | None = None) -> list[tuple[Any, Any]]:
        """Grouped and stratified folds of these places: no group stands in two of them, and practice is in none.

        Fewer where there are fewer groups, none where there is one: then nothing can be judged.
        """
        places = np.arange(len(self.examples)) if places is None else places
        practice, judged = places[self.is_practice[places]], self._judged(places)
        most = int(np.bincount(self.levels[judged], minlength=1).max())  # texts of one level
        count = min(count, len(set(self.groups[judged])), most)
        if count < _MIN_FOLDS:
            return []
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
        parts = splitter.split(judged, self.levels[judged], self.groups[judged])
        return [(np.concatenate([judged[train], practice]), judged[test]) for train, test in parts]

    def _judged(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        kept: npt.NDArray[np.int64] = places[~self.is_practice[places]]
        return kept

    def _level_rows(self, places: npt.NDArray[np.int64], names: Vocabulary) -> list[Linear]:
        places = places[self.has_level[places]]
        vectors = self.vectors.ngrams[places]
        features = names.matrix([self.vectors.level_features[place] for place in places])
        taught, idf, counts = self.taught.scores, self.taught.idf, self.counts[places]
        return [
            self._threat_row(self.hard, places, names)
            if level is Level.HIGH_RISK and self.hard is not None
            else _question(vectors, features, self.levels[places] >= level.rank, taught, idf, counts, LEVEL_FITTING)
            for level in QUESTIONS
        ]

    def _threat_row(self, hard: Hard, places: npt.NDArray[np.int64], names: Vocabulary) -> Linear:
        """High risk, by the labelled texts and by the words of sentences that were written for it."""
        features = [self.vectors.level_features[place] for place in places]
        return _question(
            sparse.vstack([self.vectors.ngrams[places], hard.ngrams]).tocsr(),
            names.matrix([*features, *hard.features]),
            np.concatenate([self.levels[places] == Level.HIGH_RISK.rank, hard.is_high]),
            self.taught.scores,
            hard.idf,
            np.concatenate([self.counts[places], np.ones(len(hard.is_high))]),
            HARD_FITTING,
        )

    def out_of_fold(self, places: npt.NDArray[np.int64]) -> Floats:
        """For each question the log-odds of each place, but practice, by a model that did not see its group."""
        odds = np.zeros((len(QUESTIONS), len(self.examples)))
        for train, test in self.folds(INNER_FOLDS, places):
            names = Vocabulary.of([self.vectors.level_features[place] for place in train])
            features = names.matrix([self.vectors.level_features[place] for place in test])
            for number, row in enumerate(self._level_rows(train, names)):
                odds[number, test] = row.log_odds(self.vectors.ngrams[test], features)
        return odds[:, self._judged(places)]

    def model(self, places: npt.NDArray[np.int64] | None = None, *, card: Mapping[str, Any] | None = None) -> bytes:
        """Fit on these places, or on all, with thresholds chosen on texts that the fit did not see."""
        places = np.arange(len(self.examples)) if places is None else places
        odds, judged = self.out_of_fold(places), self._judged(places)
        slopes, offsets = calibrated(odds, self.levels[judged])
        thresholds = choose_thresholds(
            odds * slopes[:, None] + offsets[:, None],
            self.levels[judged],
            self.vectors.ruled[judged],
            knows_threats=self.hard is not None,
        )
        complaining = self._complaining(places)
        names = Vocabulary.of(
            [self.vectors.level_features[place] for place in places]
            + [self.vectors.reason_features[place] for place in complaining]
        )
        rows = [
            Linear(row.ngrams * slope, row.features * slope, row.bias * slope + offset)
            for row, slope, offset in zip(self._level_rows(places, names), slopes, offsets, strict=True)
        ]
        classes, reasons = self._reason_rows(complaining, names)
        reason_threshold = self._reason_threshold(complaining, classes) if classes else 0.0
        taught = {HARD_SENTENCES: len(self.hard.is_high)} if self.hard else {}
        return written(rows, thresholds, reasons, reason_threshold, classes, names, {**(card or {}), **taught})

    def _reason_rows(
        self, places: npt.NDArray[np.int64], names: Vocabulary
    ) -> tuple[dict[str, tuple[str, ...]], list[Linear]]:
        classes = classes_of(reason for place in places for reason in self.examples[place].reasons)
        vectors = self.vectors.ngrams[places]
        features = names.matrix([self.vectors.reason_features[place] for place in places])
        kept: dict[str, tuple[str, ...]] = {}
        rows = []
        named = [self.examples[place].named for place in places]
        for label, leaves in classes.items():
            is_so = np.array([label in each for each in named])
            if min(is_so.sum(), (~is_so).sum()) < MIN_OF_CLASS:
                continue
            taught = [self.taught.reasons[label]] if label in self.taught.reasons else []
            idf, counts = self.taught.idf, self.counts[places]
            rows.append(_question(vectors, features, is_so, taught, idf, counts, REASON_FITTING))
            kept[label] = leaves
        return kept, rows

    def _reason_threshold(self, places: npt.NDArray[np.int64], classes: Mapping[str, tuple[str, ...]]) -> float:
        """From which log-odds on a reason is told, by texts that the fit did not see."""
        labels = [label for label, leaves in classes.items() if leaves]
        odds = np.full((len(self.examples), len(labels)), -np.inf)
        for train, test in self.folds(INNER_FOLDS, places):
            names = Vocabulary.of([self.vectors.reason_features[place] for place in train])
            features = names.matrix([self.vectors.reason_features[place] for place in test])
            kept, rows = self._reason_rows(train, names)
            for label, row in zip(kept, rows, strict=True):
                if label in labels:
                    odds[test, labels.index(label)] = row.log_odds(self.vectors.ngrams[test], features)
        judged = self._judged(places)
        leaves_told = [self.vectors.told[place] for place in judged]
        told = [{*leaves, *(LABEL_OF_LEAF[leaf] for leaf in leaves if leaf in LABEL_OF_LEAF)} for leaves in leaves_told]
        is_named = np.array([[label in each for label in labels] for each in told])
        named = [self.examples[place].named for place in judged]
        is_so = np.array([[label in each for label in labels] for each in named])
        return choose_reason_threshold(odds[judged], is_named, is_so)

    def _complaining(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Those that teach reasons."""
        return np.array([place for place in places if teaches_reasons(self.examples[place])], np.int64)


def teaches_reasons(example: Example) -> bool:
    """It has reasons, and is not labelled as no complaint."""
    return bool(example.reasons) and example.level is not Level.NONE


def calibrated(odds: Floats, levels: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Slope and offset that make the log-odds of each question probabilities (Platt), from texts not fitted on."""
    slopes, offsets = np.ones(len(QUESTIONS)), np.zeros(len(QUESTIONS))
    for number, level in enumerate(QUESTIONS):
        is_so = levels >= level.rank
        if 0 < is_so.sum() < len(is_so):
            weights, bias = _fitted(sparse.csr_matrix(odds[number][:, None]), is_so, 100.0)
            if weights[0] > 0:
                slopes[number], offsets[number] = weights[0], bias
    return slopes, offsets
