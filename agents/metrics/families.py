"""Every metric that the worker counts itself: name, labels, what it means, what to do about it.

Gauges that are read at scrape time are in `collector`. One registry is passed in; nothing here is global. Every label
value that is known beforehand starts at zero: `rate()` and `absent()` need it, and "no alert" differs from "unknown".
"""

from collections.abc import Sequence
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from agents.metrics import labels
from agents.metrics.figures import FIGURES
from agents.metrics.labels import RAISED, Outcome
from pipeline.places.provinces import REGIONS
from schemas import topics
from schemas.handovers import Urgency
from schemas.promises import PromiseKind, PromiseState
from schemas.quality import Point, PointState, ReviewState
from schemas.vocabulary import AlertKind, Category, ChannelClass, Level, ReasonGroup

# A `_created` series beside each counter would double the number of series and tell nothing new.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Make:
    """How families are made: all on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, *labelnames: str) -> Counter:
        """One that only grows."""
        return Counter(name, text, labelnames, registry=self._registry)

    def gauge(self, name: str, text: str, *labelnames: str) -> Gauge:
        """One that goes up and down."""
        return Gauge(name, text, labelnames, registry=self._registry)

    def histogram(self, name: str, text: str, buckets: Sequence[float], *labelnames: str) -> Histogram:
        """One that shows how values are spread."""
        return Histogram(name, text, labelnames, registry=self._registry, buckets=buckets)


class Families:
    """The metric families of one worker."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = Make(registry)
        self._work(make)
        self._complaints(make)
        self._delays(make)
        self._transactions(make)
        self._running(make)
        self._start_at_zero()

    def _work(self, make: Make) -> None:
        """What stages take and give."""
        # Source records per committed turn of a stage. Flat while lag grows: the worker is deaf (TocsinWorkerDeaf).
        self.events = make.counter(
            "tocsin_events_total", "Source records taken by a stage in committed turns.", "stage", "topic", "outcome"
        )
        # Turns committed, by partition. One far below the others: its key space is cold, or it is stuck.
        self.turns = make.counter("tocsin_turns_total", "Turns of a stage that were committed.", "stage", "partition")
        # Refused records by reason. A rising share of one topic is a bad deployment upstream: read the dead letters,
        # each names the field path and what was expected (TocsinDeadLettersHigh).
        self.dead_letters = make.counter(
            "tocsin_dead_letters_total", "Records refused and written to deadletters.", "topic", "category"
        )
        # Records published, per topic: the pipeline's own output rate.
        self.outputs = make.counter("tocsin_outputs_total", "Records published in committed turns.", "topic")
        # Rows written to a changelog. Far above the outputs: a stage rewrites rows that hardly change.
        self.changed_rows = make.counter("tocsin_changed_rows_total", "Rows written to a stage's changelog.", "stage")
        # Time to decide one turn, all in memory. Slow turns: look at the batch size first, then at the rule pack.
        self.decide = make.histogram(
            "tocsin_decide_seconds", "Time to decide one turn of a stage.", labels.DECIDE_SECONDS, "stage"
        )

    def _complaints(self, make: Make) -> None:
        """What was found and what came of it."""
        # Events that carried a finding. None while events flow: rules were lost, or a source sends empty text.
        self.tagged = make.counter(
            "tocsin_tagged_total", "Events tagged with a complaint level.", "channel_class", "level"
        )
        # Complaint alerts by the alert's leading reason, so that the sum is the number of alerts; those about a figure
        # of a product or touchpoint have no region and stand in the next one alone, all-clears in neither. For panels;
        # whether a region surges is decided in the pipeline, in event time, never from this counter.
        self.alerts = make.counter(
            "tocsin_alerts_total", "Complaint alerts by region, level and leading reason.", "region", "level", "reason"
        )
        # The same alerts from the other side; region and channel together would be 3,780 series.
        self.alert_kinds = make.counter(
            "tocsin_alert_kinds_total",
            "Complaint alerts by kind, channel class and level.",
            "kind",
            "channel_class",
            "level",
        )
        # Hints to the agent on the line.
        self.hints = make.counter("tocsin_hints_total", "Hints sent to the agent who has the conversation.", "level")
        # What agents did or left out, by check of the rule pack. Never by agent: that is for the team lead alone.
        self.quality_findings = make.counter(
            "tocsin_quality_findings_total", "Findings on service, by check and severity.", "check", "severity"
        )
        # The seven points of ended conversations. `not_judged` rising: a source stopped sending what they need.
        self.service_points = make.counter(
            "tocsin_service_points_total", "Points of ended conversations, by what became of them.", "point", "state"
        )
        # Steps of reviews by the state they led to. Many overturned: a check is wrong more often than agents are.
        self.quality_reviews = make.counter("tocsin_quality_reviews_total", "Steps of reviews of findings.", "state")
        # Bots that should hand over. Many for a bot that fails: its knowledge is what has to be mended.
        self.handovers = make.counter(
            "tocsin_handovers_total", "Hand-overs from bots to persons, by urgency.", "urgency"
        )
        # Topics that became hot among tickets. Often the same kind: look at `tocsin tail hot`, it names them.
        self.hot_topics = make.counter("tocsin_hot_topics_total", "Topics of tickets that became hot.", "kind")
        # Figures of the house, such as complaint rate or resolution time: sum by cases, over any span. What is told to
        # people comes from `kpis.hours`, in event time; these are for curves, and count when it was told.
        self.figure_cases = make.counter(
            "tocsin_figure_cases_total", "Cases of a figure: contacts, answers, clocks.", "figure", "region"
        )
        self.figure_sum = make.counter(
            "tocsin_figure_sum_total",
            "What the cases of a figure add up to: hits, points or seconds.",
            "figure",
            "region",
        )
        # Promises of agents: those that were made (`open`) and what became of them. Hardly any kept: what shows that
        # promises are kept does not reach us (TocsinPromisesUnproven).
        self.promises = make.counter("tocsin_promises_total", "Promises of agents, by kind and state.", "kind", "state")

    def _delays(self, make: Make) -> None:
        """How late it is."""
        # From the moment it was said to the committed alert: what a supervisor feels, the source's delay included.
        self.alert_latency = make.histogram(
            "tocsin_alert_latency_seconds",
            "From event time to the committed alert.",
            labels.EVENT_DELAY_SECONDS,
            "channel_class",
        )
        # From the causing record's Kafka timestamp to the committed alert: our part alone. p95 over 30 s is a backlog
        # or a starved worker (TocsinAlertDelayHigh); the difference to the one above is the source's.
        self.alert_pipeline_latency = make.histogram(
            "tocsin_alert_pipeline_latency_seconds",
            "From the causing record's Kafka timestamp to the committed alert.",
            labels.DELAY_SECONDS,
            "level",
        )
        # Age of the newest record of a turn when the turn was committed, one observation a turn and topic.
        self.event_delay = make.histogram(
            "tocsin_event_delay_seconds",
            "Age of a turn's newest record when the turn was committed.",
            labels.DELAY_SECONDS,
            "topic",
        )
        # Newest record time seen per source. Standing still: the source is silent, or we are deaf (TocsinSourceSilent).
        self.last_event = make.gauge(
            "tocsin_source_last_event_timestamp_seconds", "Time of the newest record of a source topic.", "topic"
        )

    def _transactions(self, make: Make) -> None:
        """How Kafka keeps up, and how rows come back."""
        # Only committed ones: whatever else becomes of one ends the worker (TocsinWorkerRestarting).
        self.transaction_seconds = make.histogram(
            "tocsin_transaction_seconds", "Time of one committed Kafka transaction.", labels.TRANSACTION_SECONDS
        )
        # Records per transaction. Tiny ones under load: batches do not merge, and throughput falls.
        self.transaction_records = make.histogram(
            "tocsin_transaction_records", "Source records per Kafka transaction.", labels.BATCH_RECORDS
        )
        # Time to bring a partition's rows back. More than ten minutes raises TocsinRecoverySlow.
        self.recovery_seconds = make.histogram(
            "tocsin_recovery_seconds",
            "Time to bring a partition's rows back from its changelog.",
            labels.RECOVERY_SECONDS,
            "stage",
        )
        self.recovered_rows = make.counter(
            "tocsin_recovered_rows_total", "Rows brought back from changelogs.", "stage", "partition"
        )

    def _running(self, make: Make) -> None:
        """Which versions work here."""
        # Due times beyond are estimated: weekdays are taken for working days (TocsinCalendarEnds).
        self.calendar_known_until = make.gauge(
            "tocsin_calendar_known_until_timestamp_seconds", "End of the last day of known holidays.", "calendar"
        )
        # The learned scorer beside the rules. Two versions at once for long: a worker did not take the new model.
        self.model_info = make.gauge("tocsin_model_info", "The model in force, always 1.", "version")
        # 0: rules only, which miss more; TOCSIN_MODEL is off. Records say the same with `degraded`.
        self.model_loaded = make.gauge("tocsin_model_loaded", "Whether a learned scorer works beside the rules.")
        # Partitions of every source topic. More than are owned: nobody reads some (TocsinPartitionUnowned).
        self.partitions = make.gauge("tocsin_partitions", "Partitions that each source topic has.")
        # Two versions at once for long: a roll-out did not finish.
        self.build_info = make.gauge(
            "tocsin_build_info", "Versions of the running program, always 1.", "version", "python", "faust", "aiokafka"
        )

    def _start_at_zero(self) -> None:
        for family, labelled in (
            (self.outputs, ([topic.name for topic in topics.ALL],)),
            (self.tagged, (ChannelClass, Level)),
            (self.alerts, (REGIONS, RAISED, ReasonGroup)),
            (self.alert_kinds, (AlertKind, ChannelClass, RAISED)),
            (self.hints, (RAISED,)),
            (self.alert_pipeline_latency, (RAISED,)),
            (self.alert_latency, (ChannelClass,)),
            (self.service_points, (Point, PointState)),
            (self.promises, (PromiseKind, PromiseState)),
            (self.handovers, (Urgency,)),
            (self.quality_reviews, (ReviewState,)),
            (self.hot_topics, (labels.TOPIC_KINDS,)),
            (self.figure_cases, (FIGURES, REGIONS)),
            (self.figure_sum, (FIGURES, REGIONS)),
        ):
            for values in product(*labelled):
                family.labels(*values)

    def start_stage(self, stage: str, sources: tuple[str, ...]) -> None:
        """A stage runs here: its series start at zero."""
        for topic, outcome in product(sources, Outcome):
            self.events.labels(stage, topic, outcome)
        for topic, category in product(sources, Category):
            self.dead_letters.labels(topic, category)
        for topic in sources:
            self.event_delay.labels(topic)
        self.decide.labels(stage)
        self.changed_rows.labels(stage)
        self.recovery_seconds.labels(stage)
