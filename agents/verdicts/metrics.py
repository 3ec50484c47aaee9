"""How often rules and levels are right, read from the ledger at scrape time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.verdicts.ledger import Ledger, precision
from schemas.actions import Verdict
from schemas.vocabulary import Level

_BOUNDS = ("low", "value", "high")


class LedgerCollector(Collector):
    """The ledger as it stands."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger

    def collect(self) -> Iterable[Metric]:
        """Judged alerts by verdict, and the precision that they prove with its 95 % interval."""
        ledger = self._ledger()
        levels = {level.value: ledger.levels.get(level, Counter()) for level in Level if level is not Level.NONE}
        rules = {name: counts for name, counts in sorted(ledger.rules.items()) if sum(counts.values())}
        # A rule below 0.5 with 30 verdicts finds more noise than complaints: push it as shadow, or mend its words.
        yield _judged("tocsin_rule_verdicts", "Judged alerts whose evidence names a rule.", "rule", rules)
        yield _precision("tocsin_rule_precision", "Share of a rule's judged alerts that were right.", "rule", rules)
        yield _judged("tocsin_level_verdicts", "Judged alerts by level.", "level", levels)
        yield _precision("tocsin_level_precision", "Share of a level's judged alerts that were right.", "level", levels)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return LedgerCollector(Ledger).collect()


def _judged(name: str, text: str, label: str, counts: Mapping[str, Mapping[Verdict, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=(label, "verdict"))
    for each, verdicts in counts.items():
        for verdict in Verdict:
            family.add_metric((each, verdict.value), verdicts.get(verdict, 0))
    return family


def _precision(name: str, text: str, label: str, counts: Mapping[str, Mapping[Verdict, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=(label, "bound"))
    for each, verdicts in counts.items():
        found = precision(verdicts)
        if found.judged:
            for bound in _BOUNDS:
                family.add_metric((each, bound), getattr(found, bound))
    return family
