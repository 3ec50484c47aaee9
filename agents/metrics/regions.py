"""Complaints of the last day by region, read at scrape time from the rows of the regions stage.

Rows come back after any crash and counters do not: this is the number that the tiles of the board and `regions.windows`
have, whatever happened to the worker.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.metrics.labels import RAISED
from pipeline.places.provinces import REGIONS
from pipeline.regions.day import Get, last_day
from schemas.vocabulary import Level

FrozenRows = Callable[[], Sequence[Get]]


def _wall_ms() -> int:
    return int(time.time() * 1000)


class RegionCollector(Collector):
    """The last day of the owned partitions. `rows` gives the stage's rows in each of them, as they stand when asked."""

    def __init__(self, rows: FrozenRows, *, now_ms: Callable[[], int] = _wall_ms) -> None:
        self._rows = rows
        self._now_ms = now_ms

    def collect(self) -> Iterable[Metric]:
        """Sum up every partition that takes turns; where there is none, nothing is known and nothing shown."""
        # Differs from the board for long: the board is stale, or a partition has no owner (TocsinWorkerNotReady).
        family = GaugeMetricFamily(
            "tocsin_alerts_last_day",
            "Conversations that rose to a level within the last 24 hours, as on the board.",
            labels=("region", "level"),
        )
        partitions, now_ms = self._rows(), self._now_ms()
        rises: Counter[tuple[str, Level]] = Counter()
        for get in partitions:
            rises.update(last_day(get, now_ms=now_ms))
        if partitions:
            for region, level in product(REGIONS, RAISED):
                family.add_metric((region, level), rises[region, level])
        yield family

    def describe(self) -> Iterable[Metric]:
        """The family without samples, so that registering asks nobody."""
        return RegionCollector(lambda: ()).collect()
