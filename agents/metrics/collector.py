"""Gauges that are read when somebody scrapes: the owned partitions as they stand, and what the probes say.

Only owned partitions are shown: what was given up disappears from this worker's page and appears on the next owner's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.ops.health import Judged, Probe
from agents.ops.views import PartitionView, Views


class PartitionCollector(Collector):
    """What the worker owns, asked for at scrape time."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def collect(self) -> Iterable[Metric]:
        """One snapshot of all partitions."""
        views = tuple(self._views())
        # Two workers that both show a partition for long: one is a zombie (TocsinPartitionTwoOwners).
        yield _per_partition(
            "tocsin_partition_ready",
            "Whether an owned partition takes turns (1) or recovers (0).",
            views,
            lambda view: float(view.ready),
        )
        yield _per_partition(
            "tocsin_partition_recovering_seconds",
            "How long take-over has been running, else 0.",
            views,
            lambda view: view.recovering_seconds or 0.0,
        )
        # 1 on every partition of a worker that has stopped reading until a person looks (TocsinWorkerHeld).
        yield _per_partition(
            "tocsin_partition_held",
            "Whether an owned partition is held: too large a share of a topic was refused.",
            views,
            lambda view: float(bool(view.held)),
        )
        # Grows while lag is above zero: the partition is stuck, the watchdog will end the worker.
        yield _per_partition(
            "tocsin_partition_progress_age_seconds",
            "Time since a turn was committed.",
            views,
            lambda view: view.last_progress_age_seconds,
        )
        # Far behind the wall clock with no lag: nobody ticks this partition.
        yield _per_partition(
            "tocsin_partition_clock_timestamp_seconds",
            "The partition's clock, from the log.",
            views,
            lambda view: view.clock_ms / 1000,
        )
        yield from _per_topic_and_stage(views)

    def describe(self) -> Iterable[Metric]:
        """The families without samples, so that registering asks nobody."""
        return PartitionCollector(lambda: ()).collect()


class ProbeCollector(Collector):
    """What the three probes answer, for places where no orchestrator asks them."""

    def __init__(self, state: Callable[[], Judged]) -> None:
        self._state = state

    def collect(self) -> Iterable[Metric]:
        """Judge once and show each probe as 1 or 0."""
        report = self._state().report()
        # 0 for `ready` over minutes: read /readyz, it names the check and the reason (TocsinWorkerNotReady).
        family = GaugeMetricFamily("tocsin_probe_ok", "Whether a health probe answers yes.", labels=("probe",))
        for probe in Probe:
            family.add_metric((probe,), float(report.ok(probe)))
        yield family

    def describe(self) -> Iterable[Metric]:
        """The family without samples."""
        yield GaugeMetricFamily("tocsin_probe_ok", "Whether a health probe answers yes.", labels=("probe",))


def _per_partition(
    name: str, text: str, views: Sequence[PartitionView], value: Callable[[PartitionView], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=("partition",))
    for view in views:
        family.add_metric((str(view.partition),), value(view))
    return family


def _per_topic_and_stage(views: Sequence[PartitionView]) -> Iterator[GaugeMetricFamily]:
    # Lag that grows without progress is a deaf worker; with progress, too few workers (TocsinLagGrowing).
    lag = GaugeMetricFamily("tocsin_consumer_lag_records", "Records that wait.", labels=("topic", "partition"))
    # Rows that only grow: an expiry does not work, or ids never repeat (TocsinStoreRowsGrowing).
    rows = GaugeMetricFamily("tocsin_store_rows", "Rows in memory.", labels=("stage", "partition"))
    size = GaugeMetricFamily("tocsin_store_bytes", "Size of the rows as encoded.", labels=("stage", "partition"))
    for view in views:
        partition = str(view.partition)
        for topic, records in view.lag.items():
            lag.add_metric((topic, partition), records)
        for stage, count in view.rows.items():
            rows.add_metric((stage, partition), count)
        for stage, size_bytes in view.rows_bytes.items():
            size.add_metric((stage, partition), size_bytes)
    yield from (lag, rows, size)
