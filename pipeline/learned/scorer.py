"""The learned scorer beside the rules: every customer text of a batch is scored at once; few findings change."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from pipeline.findings import Finding
from pipeline.learned.combine import Basis, Decision, combine
from pipeline.learned.evidence import strongest_place
from pipeline.learned.features import LENGTH, features_of, length_value
from pipeline.learned.model import QUESTIONS, Floats, Model, probability
from pipeline.learned.ngrams import Ngrams
from pipeline.learned.reader import READS_FROM, Opinion
from pipeline.learned.topics import Topics
from pipeline.reading import RawSign
from pipeline.rules.snapshot import Snapshot
from pipeline.signs import quoted
from pipeline.text.normalize import Folded, FoldedBatch
from pipeline.text.redact import redact
from schemas.vocabulary import Level, Role

MODEL_ONLY = "model_only"  # tag of a finding whose level no rule gave
SURELY_NONE = 0.5  # log-odds below the first threshold: then mild displeasure that the rules saw is taken back
THREAT_WITHIN = 1.5  # log-odds below the first threshold, and no threat is heard: 我已经联系到了 threatens nobody
UNNAMED = 0.4  # log-odds by which a second class of reasons has to be likelier where no word of it was said
MIN_CHARS = 2  # 嗯, 好: one character complains about nothing
# Sums are divided by the root of the length, so one loud n-gram makes a short text or a repeated word: 你们, 人呢人呢.
# What no rule knows takes words; so many different characters a text has to have for the model to be heard alone. Of
# 8,900 labelled texts 3 complained in fewer without a rule, and the shortest threat had 12.
LEAST_CHARACTERS = {Level.POTENTIAL: 5, Level.EXPLICIT: 5, Level.HIGH_RISK: 8}
_CHARS_AT_ONCE = 100_000  # arrays of a few megabytes, however long the texts of a batch are
_SHARE_OF_BAND = 0.25  # a level that only the model gives stands in the lowest quarter of its band
_POLITE = frozenset({"thanks", "solved"})


class Scored(NamedTuple):
    """What the model says of one text."""

    log_odds: tuple[float, ...]  # for each of QUESTIONS
    thresholds: tuple[float, ...]
    learned: Level
    is_surely_none: bool
    opinion: Opinion | None  # of the reader, in `log_odds` already
    knows_threats: bool

    def beside(self, finding: Finding | None) -> Decision:
        """The level by what the rules found and by this."""
        return combine(finding, self.learned, is_surely_none=self.is_surely_none, knows_threats=self.knows_threats)

    def confidence(self, level: Level) -> float:
        """The probability that the text is at least of this level."""
        return probability(self.log_odds[QUESTIONS.index(level)])


class _Thresholds(NamedTuple):
    """Log-odds from which an answer is yes."""

    levels: tuple[float, ...]  # for each of QUESTIONS
    reasons: Sequence[float]  # for each class of the model


class _Complaint(NamedTuple):
    """A text of a portion that complains, as rules and model together see it."""

    number: int  # in the portion
    place: int  # in the batch
    level: Level
    basis: Basis
    scored: Scored
    told: Sequence[str]


class Scorer:
    """A model at work beside a rule pack."""

    def __init__(self, model: Model, rules: Snapshot) -> None:
        self.model = model
        self._rules = rules
        self._alone = _Thresholds(tuple(model.thresholds.tolist()), model.reason_thresholds.tolist())
        self._with_reader = self._alone
        self._asks_from = self._alone.levels[0]
        if model.reader is not None:
            about = model.reader.about
            self._with_reader = _Thresholds(
                tuple((model.thresholds + about.level_shifts).tolist()),
                (model.reason_thresholds + about.reason_shift).tolist(),
            )
            self._asks_from -= READS_FROM
        self._known = frozenset(leaf for leaves in model.classes for leaf in leaves)
        self._length = model.features.get(LENGTH)
        self._level_features: list[list[float]] = model.level_features.tolist()
        self._topics = Topics(rules.pack)

    def refine(
        self,
        batch: FoldedBatch,
        roles: Sequence[Role],
        findings: list[Finding | None],
        told: Mapping[int, Sequence[str]],
    ) -> None:
        """Put the combined finding in the place of each finding that the model changes or completes.

        `told` holds the leaves of which a word was said, for every text that was read.
        """
        texts = batch.texts
        places = [place for place, role in enumerate(roles) if role is Role.CUSTOMER and len(texts[place]) >= MIN_CHARS]
        for part in _portions(places, texts):
            ngrams = Ngrams([texts[place] for place in part], bits=self.model.bits)
            odds = self._log_odds(ngrams)
            is_asked = self._is_asked(odds).tolist()
            complaints: list[_Complaint] = []
            for number, place in enumerate(part):
                finding = findings[place]
                if finding is not None or is_asked[number]:
                    scored = self._scored([float(row[number]) for row in odds], finding, texts[place])
                    level, basis = scored.beside(finding)
                    if basis is Basis.TAKEN_BACK:
                        findings[place] = _without_complaint(finding)
                    elif level is not Level.NONE:
                        leaves = told[place] if place in told else leaves_told(self._rules, texts[place])
                        complaints.append(_Complaint(number, place, level, basis, scored, leaves))
            self._complete(complaints, batch, findings, ngrams)

    def _is_asked(self, odds: Sequence[Floats]) -> npt.NDArray[np.bool_]:
        """Which texts in which no rule saw anything may be of some level."""
        first, second, last = self._alone.levels
        is_threat = (odds[-1] >= last) & (odds[0] >= first - THREAT_WITHIN)
        return (odds[0] >= self._asks_from) | (odds[1] >= second) | is_threat

    def score(self, folded: Folded, finding: Finding | None) -> tuple[Scored, Ngrams]:
        """One text, for an explanation."""
        ngrams = Ngrams([folded.text], bits=self.model.bits)
        return self._scored([float(row[0]) for row in self._log_odds(ngrams)], finding, folded.text), ngrams

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

    def _scored(self, odds: list[float], finding: Finding | None, text: str) -> Scored:
        """What the model says of a text: `odds` are those of its n-grams, findings and the reader come on top."""
        model = self.model
        for name, value in features_of(finding, finding.reasons if finding else ()):
            place = model.features.get(name)
            if place is not None:
                for number, weight in enumerate(self._level_features[place]):
                    odds[number] += value * weight
        thresholds, opinion = self._alone.levels, None
        is_complaint = finding is not None and finding.level is not Level.NONE
        if model.reader is not None and (is_complaint or odds[0] >= self._asks_from):
            opinion = model.reader.read(text)
            odds, thresholds = model.reader.level_odds(odds, opinion), self._with_reader.levels
        learned = level_at(odds, thresholds, characters=len(set(text)))
        is_surely_none = odds[0] < thresholds[0] - SURELY_NONE
        return Scored(tuple(odds), thresholds, learned, is_surely_none, opinion, model.knows_threats)

    def _complete(
        self, complaints: list[_Complaint], batch: FoldedBatch, findings: list[Finding | None], ngrams: Ngrams
    ) -> None:
        """Give every finding that complains its reasons, its confidence, and the level that the model lifts it to."""
        if not complaints:
            return
        sums = self._reason_sums(ngrams, [each.number for each in complaints])
        heard = self._topics.heard([batch.texts[each.place] for each in complaints])
        for each, of_text, topics in zip(complaints, sums, heard, strict=True):
            finding = findings[each.place]
            chars = max(int(ngrams.lengths[each.number]), 1)
            features = {**dict(features_of(finding, each.told)), **topics, LENGTH: length_value(chars)}
            odds, thresholds = self._reason_odds(of_text, chars, features), self._alone.reasons
            if self.model.reader is not None and each.scored.opinion is not None:
                odds = self.model.reader.reason_odds(odds, each.scored.opinion, self.model.classes)
                thresholds = self._with_reader.reasons
            reasons = self._reasons(odds, thresholds, each.told)
            confidence = each.scored.confidence(each.level)
            if each.basis is Basis.MODEL:
                findings[each.place] = self._lifted(each, batch[each.place], finding, ngrams, reasons, confidence)
            elif finding is not None:
                findings[each.place] = replace(finding, reasons=reasons, confidence=confidence)

    def _lifted(
        self,
        complaint: _Complaint,
        folded: Folded,
        finding: Finding | None,
        ngrams: Ngrams,
        reasons: tuple[str, ...],
        confidence: float,
    ) -> Finding:
        """A finding of a level that only the model gives, with the words that weighed most."""
        level = complaint.level
        start, end = strongest_place(
            self.model.levels[QUESTIONS.index(level)], ngrams.of_text(complaint.number), folded.text
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

    def _reasons(self, odds: Sequence[float], thresholds: Sequence[float], told: Sequence[str]) -> tuple[str, ...]:
        """Leaves: those of the likely classes, where a word of the rules tells which; likeliest class first."""
        reasons: list[str] = []
        likeliest = odds.index(max(odds)) if odds else -1  # a model may have been taught levels alone
        likely = [place for place, log_odds in enumerate(odds) if log_odds >= thresholds[place]]
        for place in sorted(likely, key=lambda place: -odds[place]):
            leaves = self.model.classes[place]
            named = [leaf for leaf in told if leaf in leaves]
            if named or place == likeliest or odds[place] >= thresholds[place] + UNNAMED:
                reasons += named or leaves[:1]
        return tuple(dict.fromkeys([*reasons, *(leaf for leaf in told if leaf not in self._known)]))

    def _reason_sums(self, ngrams: Ngrams, numbers: Sequence[int]) -> npt.NDArray[np.int64]:
        """For each of some texts, and each class of reasons, the sum over its n-grams: whole numbers, as they come."""
        parts = [ngrams.of_text(number) for number in numbers]
        starts = np.cumsum([0, *[part.shape[1] for part in parts[:-1]]])
        buckets = np.concatenate(parts, axis=1)
        total = self.model.reasons.take(buckets[0], axis=1).astype(np.int32)
        for row in buckets[1:]:
            total += self.model.reasons.take(row, axis=1)
        sums: npt.NDArray[np.int64] = np.add.reduceat(total, starts, axis=1, dtype=np.int64).T
        return sums

    def _reason_odds(self, sums: npt.NDArray[np.int64], chars: int, features: Mapping[str, float]) -> list[float]:
        """For each class of reasons its log-odds, given that the text complains."""
        model = self.model
        odds: Floats = sums * model.reason_scales / chars**0.5 + model.reason_bias
        known = [(model.features[name], value) for name, value in features.items() if name in model.features]
        if known:
            places, values = zip(*known, strict=True)
            odds += (np.array(values)[:, None] * model.reason_features.take(places, axis=0)).sum(axis=0)
        found: list[float] = odds.tolist()
        return found


def level_at(odds: Sequence[float], thresholds: Sequence[float], *, characters: int) -> Level:
    """The highest level that is likely enough; high risk only where a complaint is not too unlikely.

    `characters` are the different ones of the text: a level that takes more of them is not heard in it.
    """
    learned = Level.NONE
    for level, log_odds, threshold in zip(QUESTIONS, odds, thresholds, strict=True):
        if characters < LEAST_CHARACTERS[level]:
            break
        if log_odds >= threshold and (level is not Level.HIGH_RISK or odds[0] >= thresholds[0] - THREAT_WITHIN):
            learned = level
    return learned


def _without_complaint(finding: Finding | None) -> Finding | None:
    """What is left of a finding whose mild displeasure the model does not see."""
    if finding is None or not (finding.tags or finding.marks):
        return None
    return replace(finding, level=Level.NONE, score=0, signs=(), reasons=())


def leaves_told(rules: Snapshot, text: str) -> list[str]:
    """The leaves of which a word stands in a folded text, in order."""
    return [leaf for _, hits in rules.scanner.scan([text]) for leaf in rules.leaves_among(hits)]


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
