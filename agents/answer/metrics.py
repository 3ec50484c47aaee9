"""What an answering process counts: a page of its own, every known series at zero from the start."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from agents.answer.links import WAY
from agents.answer.outcomes import Outcome

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)


class AnswerMetrics:
    """The families of one answering process; `way` is `link`, or the channel whose vendor called."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        # `forged` and `stale` that grow: a secret was exchanged on one side only, a clock is wrong, or somebody tries.
        self.requests = Counter(
            "tocsin_answer_requests_total", "Requests by what became of them.", ("way", "outcome"), registry=registry
        )
        # Feishu waits three seconds, WeCom five; what takes longer is asked again.
        self.seconds = Histogram(
            "tocsin_answer_seconds",
            "From the request's head to its answer.",
            ("way",),
            registry=registry,
            buckets=_SECONDS,
        )
        ProcessCollector(registry=registry)

    def begin(self, channels: Iterable[str]) -> None:
        """Start every series at zero."""
        for way in (WAY, *channels):
            self.seconds.labels(way)
            for outcome in Outcome:
                self.requests.labels(way, outcome)
