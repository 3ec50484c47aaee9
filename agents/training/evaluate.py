"""Grouped cross-validation of rules and model together: every text is judged by a model that never saw its group."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from agents.training.figures import (
    Calibration,
    Interval,
    LevelFigures,
    ReasonFigures,
    calibration,
    level_figures,
    macro_figure,
    micro_figure,
    reason_figures,
)
from agents.training.fit import Fit, Hard, teach
from agents.training.judged import Judged, judge, rules_alone
from agents.training.labels import Example, joined
from agents.training.vectors import vectors_of
from agents.training.weights import BITS
from pipeline.learned.archive import read_model
from pipeline.learned.model import QUESTIONS
from pipeline.learned.reader import Reader
from pipeline.rules.model import RulePack

FOLDS = 5

Teach = Callable[[Sequence[Example]], Reader]


class Report(NamedTuple):
    """The figures of some judged examples."""

    text_count: int
    macro: Interval
    rules_macro: Interval
    levels: list[LevelFigures]
    reasons: Interval
    each_reason: list[ReasonFigures]
    calibration: list[Calibration]


def prepare(
    examples: Sequence[Example],
    unlabelled: Sequence[Example],
    pack: RulePack,
    hard: Sequence[Example] = (),
    held_out: Sequence[Example] = (),
) -> Fit:
    """Matrices and weak labels; unlabelled texts that are judged or held out, or in such a group, are left out.

    Groups that share a text are one for the fit.
    """
    tagger = rules_alone(pack)
    judged = [*(example for example in examples if not example.practice), *held_out]
    groups, texts = {example.group for example in judged}, {example.text.strip() for example in judged}
    apart = [each for each in unlabelled if each.group not in groups and each.text.strip() not in texts]
    vectors = vectors_of(examples, tagger, bits=BITS)
    taught = teach(vectors_of(apart, tagger, bits=BITS) if apart else None, vectors)
    written = Hard.of(hard, vectors_of(hard, tagger, bits=BITS), vectors) if hard else None
    return Fit(joined(examples), vectors, taught, written)


def cross_validate(fit: Fit, pack: RulePack, *, folds: int = FOLDS, teach_reader: Teach | None = None) -> Judged:
    """Judge every example by the whole product with a model, and a reader if one is taught, made without its group."""
    places: list[int] = []
    parts = []
    for train, test in fit.folds(folds):
        places += test.tolist()
        model = read_model("fold", fit.model(train))
        if teach_reader is not None:
            model = replace(model, reader=teach_reader([fit.examples[place] for place in train]))
        parts.append(judge([fit.examples[place] for place in test], model, pack))
    return _in_order(parts, np.argsort(places).tolist())


def _in_order(parts: list[Judged], order: list[int]) -> Judged:
    examples = [example for part in parts for example in part.examples]
    reasons = [each for part in parts for each in part.reasons]
    given_reasons = [each for part in parts for each in part.given_reasons]
    return Judged(
        [examples[place] for place in order],
        np.concatenate([part.labels for part in parts])[order],
        np.concatenate([part.given for part in parts])[order],
        np.concatenate([part.ruled for part in parts])[order],
        [reasons[place] for place in order],
        [given_reasons[place] for place in order],
        np.concatenate([part.probabilities for part in parts], axis=1)[:, order],
    )


def report_of(judged: Judged) -> Report:
    """All figures of these examples."""
    groups = [example.group for example in judged.examples]
    return Report(
        text_count=len(judged.examples),
        macro=macro_figure(judged.labels, judged.given, groups),
        rules_macro=macro_figure(judged.labels, judged.ruled, groups),
        levels=level_figures(judged.labels, judged.given, groups),
        reasons=micro_figure(judged.reasons, judged.given_reasons, groups),
        each_reason=reason_figures(judged.reasons, judged.given_reasons),
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
