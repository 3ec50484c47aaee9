"""What rules and model together say of labelled examples, beside their labels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agents.training.labels import Example
from agents.training.thresholds import Ranks
from pipeline.findings import Finding
from pipeline.learned.model import QUESTIONS, Model, probability
from pipeline.learned.reasons import LABEL_OF_LEAF, LEAVES_OF_LABEL
from pipeline.learned.scorer import Scorer
from pipeline.rules.model import RulePack
from pipeline.tagging import Tagger
from pipeline.text.normalize import normalize
from schemas.vocabulary import Level, Role

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


def judge(examples: Sequence[Example], model: Model, pack: RulePack) -> Judged:
    """Judge labelled examples by the whole product with this model, which is not to have seen them."""
    texts, roles = [example.text for example in examples], [example.role for example in examples]
    tagger = Tagger(pack, inquiry_level=Level.NONE, model=model)
    findings, ruled = tagger.tag(texts, roles), rules_alone(pack).tag(texts, roles)
    scorer, answerable = Scorer(model, tagger.rules), _answerable(examples, model, pack)
    probabilities = np.zeros((len(QUESTIONS), len(examples)))
    for place, (folded, role, alone) in enumerate(zip(normalize(texts), roles, ruled, strict=True)):
        if role is Role.CUSTOMER:
            scored, _ = scorer.score(folded, alone)
            probabilities[:, place] = [probability(odds) for odds in scored.log_odds]
    return Judged(
        examples,
        np.array([example.level.rank if example.level else 0 for example in examples]),
        _ranks(findings),
        _ranks(ruled),
        [expected_of(example) for example in examples],
        [_told_of(finding, answerable) for finding in findings],
        probabilities,
    )


def rules_alone(pack: RulePack) -> Tagger:
    """The rules as labels see them: a bare enquiry for the complaint line is none."""
    return Tagger(pack, inquiry_level=Level.NONE)


def expected_of(example: Example) -> frozenset[str]:
    """The labels of an example that a leaf of ours can answer; a leaf stands for its label."""
    return frozenset(LABEL_OF_LEAF.get(reason, reason) for reason in example.reasons) - _NO_LEAF


def _ranks(findings: Sequence[Finding | None]) -> Ranks:
    return np.array([finding.level.rank if finding else 0 for finding in findings])


def _answerable(examples: Sequence[Example], model: Model, pack: RulePack) -> frozenset[str]:
    """The leaves that count when told: all where the labels are leaves too, else what coarse labels can name."""
    if any(reason not in LEAVES_OF_LABEL for example in examples for reason in example.reasons):
        return frozenset(leaf.id for leaf in pack.reasons)
    return frozenset(LABEL_OF_LEAF).union(*model.classes)


def _told_of(finding: Finding | None, answerable: frozenset[str]) -> frozenset[str]:
    """The labels of what was told; a leaf for which the labels have no name can be neither right nor wrong."""
    if finding is None or finding.level is Level.NONE:
        return frozenset()
    return frozenset(LABEL_OF_LEAF.get(leaf, leaf) for leaf in finding.reasons if leaf in answerable)
