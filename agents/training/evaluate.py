"""Grouped cross-validation of rules and model together: every text is judged by a model that never saw its group."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agents.training.figures import (
    Calibration,
    Interval,
    LevelFigures,
    calibration,
    level_figures,
    macro_figure,
    micro_f1,
)
from agents.training.fit import BITS, Fit, teach
from agents.training.labels import Example
from agents.training.thresholds import Ranks
from agents.training.vectors import vectors_of
from pipeline.findings import Finding
from pipeline.learned.archive import read_model
from pipeline.learned.model import QUESTIONS, probability
from pipeline.learned.reasons import LABEL_OF_LEAF, LEAVES_OF_LABEL
from pipeline.learned.scorer import Scorer
from pipeline.rules.model import RulePack
from pipeline.tagging import Tagger
from pipeline.text.normalize import normalize
from schemas.vocabulary import Level, Role

FOLDS = 5
_NO_LEAF = {label for label, leaves in LEAVES_OF_LABEL.items() if not leaves}  # no leaf of ours can answer them


class Judged(NamedTuple):
    """Every example with what was judged of it: levels by rank, reasons by label, probabilities by question."""

    examples: Sequence[Example]
    labels: Ranks
    given: Ranks
    ruled: Ranks  # by the rules alone
    reasons: list[frozenset[str]]
    given_reasons: list[frozenset[str]]
    probabilities: npt.NDArray[np.float64]

    def where(self, keep: Sequence[bool]) -> "Judged":
        """Some of the examples."""
        places = np.flatnonzero(np.array(keep)).tolist()
        return Judged(
            [self.examples[place] for place in places],
            self.labels[places],
            self.given[places],
            self.ruled[places],
            [self.reasons[place] for place in places],
            [self.given_reasons[place] for place in places],
            self.probabilities[:, places],
        )


class Report(NamedTuple):
    """The figures of some judged examples."""

    text_count: int
    macro: Interval
    rules_macro: Interval
    levels: list[LevelFigures]
    reasons: float
    calibration: list[Calibration]


def prepare(examples: Sequence[Example], unlabelled: Sequence[Example], pack: RulePack) -> Fit:
    """Matrices and weak labels; unlabelled texts that are labelled too, or in a labelled group, are left out."""
    tagger = rules_alone(pack)
    groups = {example.group for example in examples}
    texts = {example.text.strip() for example in examples}
    apart = [each for each in unlabelled if each.group not in groups and each.text.strip() not in texts]
    vectors = vectors_of(examples, tagger, bits=BITS)
    return Fit(examples, vectors, teach(vectors_of(apart, tagger, bits=BITS) if apart else None, vectors))


def rules_alone(pack: RulePack) -> Tagger:
    """The rules as labels see them: a bare enquiry for the complaint line is none."""
    return Tagger(pack, inquiry_level=Level.NONE)


def cross_validate(fit: Fit, pack: RulePack, *, folds: int = FOLDS) -> Judged:
    """Judge every example by the whole product with a model fitted without its group."""
    count = len(fit.examples)
    given = np.zeros(count, np.int64)
    reasons: list[frozenset[str]] = [frozenset()] * count
    probabilities = np.zeros((len(QUESTIONS), count))
    for train, test in fit.folds(folds):
        model = read_model("fold", fit.model(train))
        tagger = Tagger(pack, inquiry_level=Level.NONE, model=model)
        scorer = Scorer(model, tagger.rules)
        texts, roles = [fit.examples[place].text for place in test], [fit.examples[place].role for place in test]
        ruled = rules_alone(pack).tag(texts, roles)
        for place, finding, alone in zip(test, tagger.tag(texts, roles), ruled, strict=True):
            example = fit.examples[place]
            given[place] = finding.level.rank if finding else 0
            reasons[place] = _labels_of(finding)
            if example.role is Role.CUSTOMER:
                (folded,) = normalize([example.text])
                scored, _ = scorer.score(folded, alone)
                probabilities[:, place] = [probability(odds) for odds in scored.log_odds]
    expected = [
        frozenset(LABEL_OF_LEAF.get(reason, reason) for reason in example.reasons) - _NO_LEAF
        for example in fit.examples
    ]
    return Judged(fit.examples, fit.levels, given, fit.vectors.ruled, expected, reasons, probabilities)


def _labels_of(finding: Finding | None) -> frozenset[str]:
    if finding is None or finding.level is Level.NONE:
        return frozenset()
    return frozenset(LABEL_OF_LEAF.get(leaf, leaf) for leaf in finding.reasons)


def report_of(judged: Judged) -> Report:
    """All figures of these examples."""
    groups = [example.group for example in judged.examples]
    return Report(
        text_count=len(judged.examples),
        macro=macro_figure(judged.labels, judged.given, groups),
        rules_macro=macro_figure(judged.labels, judged.ruled, groups),
        levels=level_figures(judged.labels, judged.given, groups),
        reasons=round(micro_f1(judged.reasons, judged.given_reasons), 3),
        calibration=[
            calibration(judged.probabilities[number], judged.labels >= level.rank)
            for number, level in enumerate(QUESTIONS)
        ],
    )


def worst_mistakes(judged: Judged, count: int) -> list[int]:
    """Places of the mistakes that are furthest off: by levels first, then by how sure the model was."""
    wrong = np.flatnonzero(judged.labels != judged.given)
    distance = np.abs(judged.labels - judged.given)[wrong]
    sure = np.abs(judged.probabilities[0, wrong] - (judged.labels[wrong] > 0))
    return [int(place) for place in wrong[np.lexsort((wrong, -sure, -distance))][:count]]
