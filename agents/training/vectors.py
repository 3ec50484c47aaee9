"""Examples as matrices, by the same n-grams and features that a worker reckons with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from agents.training.labels import Example
from pipeline.findings import Finding
from pipeline.learned.features import LENGTH, features_of, length_value
from pipeline.learned.ngrams import Ngrams
from pipeline.learned.scorer import leaves_told
from pipeline.learned.topics import Topics
from pipeline.tagging import Tagger
from pipeline.text.normalize import FoldedBatch
from schemas.vocabulary import Level, Role

Matrix: TypeAlias = Any  # scipy's sparse matrices carry no types
Features = dict[str, float]
_AT_ONCE = 1_000  # texts


@dataclass(frozen=True, slots=True)
class Vectors:
    """Examples ready for training: rows in their order."""

    ngrams: Matrix  # counts by bucket, divided by the root of the text's length
    level_features: list[Features]
    reason_features: list[Features]
    ruled: npt.NDArray[np.int64]  # rank of the level that the rules alone give
    told: list[list[str]]  # leaves of which a word stands in the text

    def rows(self, places: npt.NDArray[np.int64]) -> "Vectors":
        """Some of the examples."""
        return Vectors(
            self.ngrams[places],
            [self.level_features[place] for place in places],
            [self.reason_features[place] for place in places],
            self.ruled[places],
            [self.told[place] for place in places],
        )


def vectors_of(examples: Sequence[Example], tagger: Tagger, *, bits: int) -> Vectors:
    """The matrices of these examples; `tagger` is to have no model."""
    blocks, levels, reasons, ruled, told = [], [], [], [], []
    topics = Topics(tagger.rules.pack)
    for start in range(0, len(examples), _AT_ONCE):
        part = examples[start : start + _AT_ONCE]
        texts = [example.text for example in part]
        findings = tagger.tag(texts, [example.role for example in part])
        folded = FoldedBatch(texts)
        blocks.append(_counts(folded.texts, bits))
        heard = topics.heard(folded.texts)
        for place, (example, finding) in enumerate(zip(part, findings, strict=True)):
            leaves = leaves_told(tagger.rules, folded.texts[place]) if example.role is Role.CUSTOMER else []
            length = {LENGTH: length_value(max(len(folded.texts[place]), 1))}
            levels.append({**dict(features_of(finding, finding.reasons if finding else ())), **length})
            reasons.append({**dict(features_of(finding, leaves)), **heard[place], **length})
            ruled.append(_rank(finding))
            told.append(leaves)
    return Vectors(sparse.vstack(blocks).tocsr(), levels, reasons, np.array(ruled), told)


def _rank(finding: Finding | None) -> int:
    return (finding.level if finding else Level.NONE).rank


def _counts(texts: Sequence[str], bits: int) -> Matrix:
    ngrams = Ngrams(texts, bits=bits)
    rows = [np.full(ngrams.of_text(number).size, number) for number in range(len(texts))]
    buckets = [ngrams.of_text(number).ravel() for number in range(len(texts))]
    row, bucket = np.concatenate(rows), np.concatenate(buckets)
    kept = bucket > 0
    ones = np.ones(int(kept.sum()))
    counts = sparse.csr_matrix((ones, (row[kept], bucket[kept])), shape=(len(texts), 1 << bits))
    counts.sum_duplicates()
    return sparse.diags(1 / np.sqrt(np.maximum(ngrams.lengths, 1))) @ counts


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that training saw often enough, in a fixed order."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Features], *, at_least: int = 3) -> "Vocabulary":
        """The names that stand in at least so many rows."""
        seen = Counter(name for row in rows for name in row)
        return cls(tuple(sorted(name for name, count in seen.items() if count >= at_least)))

    def matrix(self, rows: Sequence[Features]) -> Matrix:
        """Rows of values by name."""
        places = {name: place for place, name in enumerate(self.names)}
        cells = [
            (number, places[name], value)
            for number, row in enumerate(rows)
            for name, value in row.items()
            if name in places
        ]
        row, column, value = zip(*cells, strict=True) if cells else ((), (), ())
        return sparse.csr_matrix((value, (row, column)), shape=(len(rows), len(self.names)))
