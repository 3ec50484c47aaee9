"""Gauges of the rule packs in force, read at scrape time: what each owned partition was told through its log.

Partitions keep it among their rows, so a worker that starts again shows what was told before it was there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.ops.views import Views
from schemas.rules import RulesState
from schemas.vocabulary import Level


class RulesCollector(Collector):
    """The packs that the owned partitions go by."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def collect(self) -> Iterable[Metric]:
        """One look at every partition that takes turns."""
        states = [state for view in self._views() if view.ready for state in view.rules]
        # Two versions at once for long: somebody did not take the new pack (TocsinRulesDiffer).
        yield _versions("tocsin_rules_info", "The rule pack that partitions go by, always 1.", {s.live for s in states})
        yield _versions(
            "tocsin_rules_shadow_info",
            "The rule pack that is only counted, always 1.",
            {state.shadow for state in states if state.shadow},
        )
        # 0: the last pack was refused and the old one is still in force (TocsinRulesRefused).
        success = GaugeMetricFamily("tocsin_rules_reload_success", "Whether the last rule pack was taken.")
        success.add_metric((), float(all(state.refused is None for state in states)))
        yield success
        yield _shadow_texts(states)
        failed = GaugeMetricFamily("tocsin_rules_shadow_failed_texts", "Texts on which the shadow pack broke.")
        failed.add_metric((), sum(state.counted.failed for state in states if state.counted))
        yield failed

    def describe(self) -> Iterable[Metric]:
        """The families without samples, so that registering asks nobody."""
        return RulesCollector(lambda: ()).collect()


def _versions(name: str, text: str, versions: Iterable[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=("version",))
    for version in sorted(versions):
        family.add_metric((version,), 1)
    return family


def _shadow_texts(states: Sequence[RulesState]) -> GaugeMetricFamily:
    """Off the diagonal is where the two packs disagree. A gauge, because partitions come and go with their counts."""
    family = GaugeMetricFamily(
        "tocsin_rules_shadow_texts",
        "Texts since the shadow pack was set, by what the live and what the shadow pack found.",
        labels=("live", "shadow"),
    )
    counts: Counter[str] = Counter()
    for state in states:
        counts.update(state.counted.levels if state.counted else {})
    if any(state.shadow for state in states):
        for live, shadow in product(Level, Level):
            family.add_metric((live, shadow), counts[f"{live}/{shadow}"])
    return family
