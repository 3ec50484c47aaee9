"""The learned scorer beside the rules: every customer text of a batch is scored at once; few findings change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from pipeline.findings import Finding
from pipeline.learned.combine import Basis, combine
from pipeline.learned.evidence import strongest_place
from pipeline.learned.features import LENGTH, features_of, length_value
from pipeline.learned.model import QUESTIONS, Floats, Model, probability
from pipeline.learned.ngrams import Ngrams
from pipeline.reading import RawSign
from pipeline.rules.snapshot import Kind, Snapshot
from pipeline.signs import quoted
from pipeline.text.normalize import Folded, FoldedBatch
from pipeline.text.redact import redact
from schemas.vocabulary import Level, Role

MODEL_ONLY = "model_only"  # tag of a finding whose level no rule gave
SURELY_NONE = 0.5  # log-odds below the first threshold: then mild displeasure that the rules saw is taken back
MIN_CHARS = 2  # 嗯, 好: one character complains about nothing
_CHARS_AT_ONCE = 100_000  # arrays of a few megabytes, however long the texts of a batch are
_SHARE_OF_BAND = 0.25  # a level that only the model gives stands in the lowest quarter of its band
_POLITE = frozenset({"thanks", "solved"})


class Scored(NamedTuple):
    """What the model says of one text."""

    log_odds: tuple[float, ...]  # for each of QUESTIONS
    learned: Level
    is_surely_none: bool

    def confidence(self, level: Level) -> float:
        """The probability that the text is at least of this level."""
        return probability(self.log_odds[QUESTIONS.index(level)])


class Scorer:
    """A model at work beside a rule pack."""

    def __init__(self, model: Model, rules: Snapshot) -> None:
        self.model = model
        self._rules = rules
        self._thresholds = model.thresholds.tolist()
        self._length = model.features.get(LENGTH)

    def refine(self, batch: FoldedBatch, roles: Sequence[Role], findings: list[Finding | None]) -> None:
        """Put the combined finding in the place of each finding that the model changes or completes."""
        texts = batch.texts
        places = [place for place, role in enumerate(roles) if role is Role.CUSTOMER and len(texts[place]) >= MIN_CHARS]
        for part in _portions(places, texts):
            ngrams = Ngrams([texts[place] for place in part], bits=self.model.bits)
            odds = self._log_odds(ngrams)
            likely = (odds[0] >= self._thresholds[0]).tolist()
            for number, place in enumerate(part):
                finding = findings[place]
                if finding is not None or likely[number]:
                    scored = self._scored([float(row[number]) for row in odds], finding)
                    findings[place] = self._combined(batch[place], finding, scored, ngrams, number)

    def score(self, folded: Folded, finding: Finding | None) -> tuple[Scored, Ngrams]:
        """One text, for an explanation."""
        ngrams = Ngrams([folded.text], bits=self.model.bits)
        return self._scored([float(row[0]) for row in self._log_odds(ngrams)], finding), ngrams

    def _log_odds(self, ngrams: Ngrams) -> list[Floats]:
        """For each question the log-odds of each text by its n-grams and its length."""
        model = self.model
        roots = np.sqrt(np.maximum(ngrams.lengths, 1))
        values = np.minimum(roots, 30.0) / 30.0
        rows = []
        for number, weights in enumerate(model.levels):
            row: Floats = ngrams.sums(weights) * model.level_scales[number] / roots + model.level_bias[number]
            if self._length is not None:
                row += values * model.level_features[self._length, number]
            rows.append(row)
        return rows

    def _scored(self, odds: list[float], finding: Finding | None) -> Scored:
        model = self.model
        for name, value in features_of(finding, finding.reasons if finding else ()):
            place = model.features.get(name)
            if place is not None:
                for number, weight in enumerate(model.level_features[place].tolist()):
                    odds[number] += value * weight
        learned = Level.NONE
        for level, log_odds, threshold in zip(QUESTIONS, odds, self._thresholds, strict=True):
            if log_odds >= threshold:
                learned = level
        return Scored(tuple(odds), learned, odds[0] < self._thresholds[0] - SURELY_NONE)

    def _combined(
        self, folded: Folded, finding: Finding | None, scored: Scored, ngrams: Ngrams, number: int
    ) -> Finding | None:
        level, basis = combine(finding, scored.learned, is_surely_none=scored.is_surely_none)
        if basis is Basis.TAKEN_BACK and finding is not None:
            return (
                replace(finding, level=level, score=0, signs=(), reasons=()) if finding.tags or finding.marks else None
            )
        if level is Level.NONE:
            return finding
        reasons = self._reasons(folded, finding, ngrams, number)
        confidence = scored.confidence(level)
        if basis is not Basis.MODEL:
            return None if finding is None else replace(finding, reasons=reasons, confidence=confidence)
        start, end = strongest_place(
            self.model.levels[QUESTIONS.index(level)], ngrams.of_text(number), len(folded.text)
        )
        low, high = self._rules.pack.band(level)
        score = low + round((high - low) * _SHARE_OF_BAND * confidence)
        sign = quoted(RawSign(f"model.{level}", level, score, start, end, ""), folded, redact(folded.original))
        if finding is None:
            finding = Finding(level=level, score=score, truncated=folded.truncated)
        return replace(
            finding,
            level=level,
            score=score,
            signs=(sign, *finding.signs),
            reasons=reasons,
            tags=(*(tag for tag in finding.tags if tag not in _POLITE), MODEL_ONLY),
            confidence=confidence,
        )

    def _reasons(self, folded: Folded, finding: Finding | None, ngrams: Ngrams, number: int) -> tuple[str, ...]:
        """Leaves: those of the likely classes, where a word of the rules tells which; likeliest class first."""
        model = self.model
        told = leaves_told(self._rules, folded)
        if not model.classes:
            return tuple(told)
        odds = self.reason_odds(ngrams, number, dict(features_of(finding, told)))
        reasons: list[str] = []
        for rank, place in enumerate(np.argsort(-odds).tolist()):
            leaves = model.classes[place]
            named = [leaf for leaf in told if leaf in leaves]
            # A class of which no word was said has to be likelier than not, or the likeliest of all.
            if odds[place] >= (model.reason_thresholds[place] if named or not rank else 0.0):
                reasons += named or leaves[:1]
        known = {leaf for leaves in model.classes for leaf in leaves}
        return tuple(dict.fromkeys([*reasons, *(leaf for leaf in told if leaf not in known)]))

    def reason_odds(self, ngrams: Ngrams, number: int, features: Mapping[str, float]) -> Floats:
        """For each class of reasons its log-odds, given that the text complains."""
        model = self.model
        buckets = ngrams.of_text(number).ravel()
        chars = max(int(ngrams.lengths[number]), 1)
        sums = model.reasons.take(buckets, axis=1).sum(axis=1, dtype=np.int64)
        odds: Floats = sums * model.reason_scales / chars**0.5 + model.reason_bias
        for name, value in (*features.items(), (LENGTH, length_value(chars))):
            place = model.features.get(name)
            if place is not None:
                odds += value * model.reason_features[place]
        return odds


def leaves_told(rules: Snapshot, folded: Folded) -> list[str]:
    """The leaves of which a word stands in the text, in order."""
    leaves: dict[str, None] = {}
    for _, hits in rules.scanner.scan([folded.text]):
        for phrase, _, _ in hits:
            for use in rules.uses[phrase]:
                if use.kind is Kind.REASON:
                    leaves.setdefault(use.rule)
    return list(leaves)


def _portions(places: list[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """The texts to score, in portions that bound the memory; how they are cut changes no sum."""
    portion: list[int] = []
    chars = 0
    for place in places:
        if chars > _CHARS_AT_ONCE:
            yield portion
            portion, chars = [], 0
        portion.append(place)
        chars += len(texts[place])
    if portion:
        yield portion
