"""What the model held of one text and why, for people: probabilities, who decided, and what spoke for it."""

import msgspec

from pipeline.findings import Finding
from pipeline.learned.combine import Basis
from pipeline.learned.evidence import loudest
from pipeline.learned.features import features_of
from pipeline.learned.model import QUESTIONS, probability
from pipeline.learned.scorer import Scorer
from pipeline.text.normalize import Folded
from pipeline.text.redact import carried, redact
from schemas.vocabulary import Level

_CLUES = 6
_LEAST_POINTS = 0.005


class Answer(msgspec.Struct, frozen=True):
    """How likely the text is at least of a level, and from where on that counts as yes."""

    level: Level
    probability: float
    threshold: float


class Clue(msgspec.Struct, frozen=True):
    """An n-gram or something the rules found, and by how much it moved the log-odds. Text is masked."""

    name: str
    points: float


class LearnedView(msgspec.Struct, frozen=True):
    """The model's side of an explanation; clues are for the level that was decided, or for the first question."""

    version: str
    basis: Basis
    answers: tuple[Answer, ...]
    read: tuple[float, ...]  # of `answers`, the probabilities that the reader alone holds; none where it was not asked
    ngrams: tuple[Clue, ...]
    findings: tuple[Clue, ...]


def view_of(scorer: Scorer, folded: Folded, ruled: Finding | None) -> LearnedView:
    """What the model of `scorer` says of a customer's text beside what the rules found."""
    model = scorer.model
    scored, ngrams = scorer.score(folded, ruled)
    level, basis = scored.beside(ruled)
    question = QUESTIONS.index(level) if level in QUESTIONS else 0
    unit = float(model.level_scales[question]) / max(len(folded.text), 1) ** 0.5
    masked = carried(redact(folded.original), folded)
    clues = []
    for spoke in loudest(model.levels[question], ngrams.of_text(0), len(folded.text), count=_CLUES):
        start, end = masked.masked(spoke.start, spoke.end)
        clues.append(Clue(masked.text[start:end], round(spoke.weight * unit, 2)))
    found = []
    for name, value in features_of(ruled, ruled.reasons if ruled else ()):
        place = model.features.get(name)
        points = 0.0 if place is None else value * float(model.level_features[place, question])
        if abs(points) >= _LEAST_POINTS:
            found.append(Clue(name, round(points, 2)))
    return LearnedView(
        version=model.version,
        basis=basis,
        answers=tuple(
            Answer(level, probability(odds), probability(threshold))
            for level, odds, threshold in zip(QUESTIONS, scored.log_odds, scored.thresholds, strict=True)
        ),
        read=() if scored.opinion is None else tuple(probability(odds) for odds in scored.opinion.levels),
        ngrams=tuple(clues),
        findings=tuple(sorted(found, key=lambda clue: -abs(clue.points))[:_CLUES]),
    )
