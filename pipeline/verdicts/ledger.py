"""The ledger of verdicts: how many alerts of each rule and level were right, and what that proves."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.intervals import wilson
from schemas.actions import Verdict
from schemas.labels import VerdictLabel

RULES_MAX = 500  # families of rules told apart; what comes after is `other`
OTHER = "other"
ENOUGH = 30  # verdicts; `domain.md` 14, and the alert TocsinRuleImprecise
MORE_OFTEN_WRONG = 0.5
# Handled means that there was something to handle; who says it was no complaint says false alarm.
RIGHT = frozenset({Verdict.TRUE, Verdict.HANDLED})


class Precision(NamedTuple):
    """How often something was right: of how many, the share, and its 95 % interval by Wilson."""

    judged: int
    right: int
    value: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        """Whether enough verdicts prove, to their upper bound, that it is wrong more often than right."""
        return self.judged >= ENOUGH and self.high < MORE_OFTEN_WRONG


def precision(counts: Mapping[Verdict, int]) -> Precision:
    """The precision of so many verdicts; without any nothing is proved and the interval is everything."""
    judged, right = sum(counts.values()), sum(counts.get(each, 0) for each in RIGHT)
    if not judged:
        return Precision(0, 0, 0.0, 0.0, 1.0)
    share = right / judged
    interval = wilson(share, judged)
    return Precision(judged, right, share, interval.low, interval.high)


class Ledger:
    """The last verdict on each alert, summed up. An alert counts for every rule that its evidence names."""

    def __init__(self) -> None:
        self._labels: dict[str, VerdictLabel] = {}
        self._names: dict[str, str] = {}  # under which name a family is counted, for as long as this ledger lives
        self.rules: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
        self.levels: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)

    def __len__(self) -> int:
        return len(self._labels)

    def labels(self) -> Iterator[VerdictLabel]:
        """The last label of each alert."""
        return iter(self._labels.values())

    def put(self, label: VerdictLabel) -> bool:
        """Take a label; False where it was known, or an older one."""
        before = self._labels.get(label.alert_id)
        if before is not None and (before == label or before.at > label.at):
            return False
        if before is not None:
            self._count(before, -1)
        self._labels[label.alert_id] = label
        self._count(label, 1)
        return True

    def _count(self, label: VerdictLabel, by: int) -> None:
        self.levels[label.level][label.verdict] += by
        for family in {family_of(rule) for rule in label.rules}:
            name = self._names.setdefault(family, family if len(self._names) < RULES_MAX else OTHER)
            self.rules[name][label.verdict] += by


def family_of(rule: str) -> str:
    """The rule without the words that it found: there are few rules and many words."""
    return rule.partition(":")[0]
