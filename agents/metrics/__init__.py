"""The worker's own metrics: counted once per committed turn, gauges read at scrape time, labels bounded.

The engine tells what it did; all the deriving is done here. No metric is ever touched per record.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.registry import Collector

from agents.engine.observer import Committed
from agents.metrics.families import Families
from agents.metrics.figures import Increments
from agents.metrics.labels import TOPIC_KINDS, TOPIC_VALUES, Outcome, known
from agents.metrics.turns import Delay, Sums, summarize
from agents.ops.build import build
from pipeline.stage import Stage
from schemas.quality import Severity

__all__ = ["Metrics", "Outcome"]

EXEMPLAR_CHARS = 128  # of names and values together, by the OpenMetrics standard


class Metrics:
    """What the engine calls. Built on a registry that is passed in; every known series starts at zero."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.families = Families(registry)
        ProcessCollector(registry=registry)  # memory, CPU, open files, start time
        self.families.build_info.labels(**build()).set(1)
        self._newest_ms: dict[str, int] = {}
        self._cases, self._sums = Increments(), Increments()

    def stage_started(self, stage: Stage[Any]) -> None:
        """A stage runs in this worker."""
        self.families.start_stage(stage.name, tuple(topic.name for topic in stage.sources))

    def collected(self, *collectors: Collector) -> None:
        """Read these too at scrape time."""
        for collector in collectors:
            self.registry.register(collector)

    def turn_committed(self, done: Committed) -> None:
        """One turn of a stage is committed."""
        families, sums = self.families, summarize(done.turn, committed_at_ms=done.committed_at_ms)
        families.turns.labels(done.stage, done.partition).inc()
        families.decide.labels(done.stage).observe(done.decide_seconds)
        families.changed_rows.labels(done.stage).inc(len(done.turn.changes))
        self._count_records(done.stage, done.records, sums)
        self._count_outputs(sums)
        self._count_service(sums)
        for topic, time_ms in done.newest_ms.items():
            self._saw(known(topic, TOPIC_VALUES), time_ms, done.committed_at_ms)

    def _count_records(self, stage: str, records: Mapping[str, int], sums: Sums) -> None:
        refused: dict[str, int] = {}
        for (topic, category), count in sums.dead_letters.items():
            self.families.dead_letters.labels(known(topic, TOPIC_VALUES), category).inc(count)
            refused[topic] = refused.get(topic, 0) + count
        for topic, count in records.items():
            label, of_these = known(topic, TOPIC_VALUES), min(refused.get(topic, 0), count)
            self.families.events.labels(stage, label, Outcome.ACCEPTED).inc(count - of_these)
            self.families.events.labels(stage, label, Outcome.REFUSED).inc(of_these)

    def _count_outputs(self, sums: Sums) -> None:
        families = self.families
        for topic, count in sums.outputs.items():
            families.outputs.labels(known(topic, TOPIC_VALUES)).inc(count)
        for tag, count in sums.tagged.items():
            families.tagged.labels(*tag).inc(count)
        for alert, count in sums.alerts.items():
            families.alerts.labels(*alert).inc(count)
        for kind, count in sums.alert_kinds.items():
            families.alert_kinds.labels(*kind).inc(count)
        for level, count in sums.hints.items():
            families.hints.labels(level).inc(count)
        for figure, cases in sums.figure_cases.items():
            families.figure_cases.labels(*figure).inc(self._cases.of(figure, cases))
        for figure, total in sums.figure_sums.items():
            families.figure_sum.labels(*figure).inc(self._sums.of(figure, total))
        for topic_kind, count in sums.hot_topics.items():
            families.hot_topics.labels(known(topic_kind, TOPIC_KINDS)).inc(count)
        for delay in sums.delays:
            _observe(families.alert_latency.labels(delay.channel_class), delay.since_event, delay)
            _observe(families.alert_pipeline_latency.labels(delay.level), delay.since_record, delay)

    def _count_service(self, sums: Sums) -> None:
        families = self.families
        for finding, count in sums.findings.items():
            families.quality_findings.labels(*finding).inc(count)
        for point, count in sums.points.items():
            families.service_points.labels(*point).inc(count)
        for state, count in sums.reviews.items():
            families.quality_reviews.labels(state).inc(count)
        for urgency, count in sums.handovers.items():
            families.handovers.labels(urgency).inc(count)
        for promise, count in sums.promises.items():
            families.promises.labels(*promise).inc(count)

    def _saw(self, topic: str, time_ms: int, committed_at_ms: int) -> None:
        time_ms = min(time_ms, committed_at_ms)  # a clock that runs ahead must not hide that its source falls silent
        self.families.event_delay.labels(topic).observe((committed_at_ms - time_ms) / 1000)
        if time_ms > self._newest_ms.get(topic, -1):  # partitions of one topic do not run level
            self._newest_ms[topic] = time_ms
            self.families.last_event.labels(topic).set(time_ms / 1000)

    def transaction(self, seconds: float, records: int) -> None:
        """One Kafka transaction was committed."""
        self.families.transaction_seconds.observe(seconds)
        self.families.transaction_records.observe(records)

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """A stage's rows of one partition are back."""
        self.families.recovery_seconds.labels(stage).observe(seconds)
        self.families.recovered_rows.labels(stage, partition).inc(rows)

    def model_loaded(self, version: str) -> None:
        """A model works beside the rules; none where the version is empty."""
        self.families.model_loaded.set(bool(version))
        if version:
            self.families.model_info.labels(version).set(1)

    def checks_known(self, severities: Mapping[str, Severity]) -> None:
        """The rule pack has these checks: findings of each begin at zero, so that the first one counts in a rate."""
        for check, severity in severities.items():
            self.families.quality_findings.labels(check, severity)

    def calendars_known(self, until: Mapping[str, date]) -> None:
        """Calendars know their holidays up to and with these dates."""
        for calendar, last in until.items():
            end = datetime.combine(last + timedelta(days=1), time(), UTC)
            self.families.calendar_known_until.labels(calendar).set(end.timestamp())

    def partitions_known(self, count: int) -> None:
        """Each source topic has so many partitions."""
        self.families.partitions.set(count)


def _observe(histogram: Histogram, seconds: float, delay: Delay) -> None:
    """Observe with the alert as exemplar, so that a slow bucket leads to an alert that was slow."""
    fits = len("alert_id") + len(delay.alert_id) <= EXEMPLAR_CHARS
    histogram.observe(seconds, {"alert_id": delay.alert_id} if fits else None)
