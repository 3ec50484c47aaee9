"""What the intake counts: one page of its own, every known series at zero from the start."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from agents.intake.answers import Outcome
from agents.intake.load import Gate
from pipeline.intake.translate import topics_of
from schemas.vocabulary import Category

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class IntakeMetrics:
    """The families of one intake."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        # More `wrong` or `stale`: a secret was exchanged on one side only, or a clock is wrong; more `unusable`: the
        # sender changed its shape (TocsinIntakeRefusing). `unavailable`: Kafka (TocsinIntakeUnavailable).
        self.requests = Counter(
            "tocsin_intake_requests_total", "Requests by what became of them.", ("source", "outcome"), registry=registry
        )
        self.events = Counter(
            "tocsin_intake_events_total", "Events that Kafka acknowledged.", ("source", "topic"), registry=registry
        )
        # Bodies that could not be used, whole or in part: `tocsin tail deadletters` names the field.
        self.dead_letters = Counter(
            "tocsin_intake_dead_letters_total",
            "Bodies written to deadletters.",
            ("source", "category"),
            registry=registry,
        )
        # Chatwoot waits 5 s, Zendesk 12 s; what takes longer is sent again.
        self.seconds = Histogram(
            "tocsin_intake_seconds",
            "From the request's head to its answer.",
            ("source",),
            registry=registry,
            buckets=_SECONDS,
        )
        ProcessCollector(registry=registry)

    def begin(self, gates: Iterable[Gate]) -> None:
        """Start every series of these sources at zero."""
        for gate in gates:
            for outcome in Outcome:
                self.requests.labels(gate.name, outcome)
            for topic in topics_of(gate.source):
                self.events.labels(gate.name, topic)
            for category in Category:
                self.dead_letters.labels(gate.name, category)
            self.seconds.labels(gate.name)
