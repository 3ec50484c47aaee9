"""What is counted about the hint stream: one page of its own. Agents are never a label."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.hints.streams import Streams

# From what was said to the desktop; a speech engine's own delay is in it.
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HintFamilies:
    """The families of one hint server."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # p99 above a second: look at tocsin_alert_pipeline_latency_seconds of the workers, then at this machine.
        self.delay = Histogram(
            "tocsin_hint_delay_seconds",
            "From what was said to the hint's way to its desktops.",
            registry=registry,
            buckets=_SECONDS,
        )
        ProcessCollector(registry=registry)


class StreamCollector(Collector):
    """The open streams, asked at scrape time."""

    def __init__(self, streams: Callable[[], Streams | None]) -> None:
        self._streams = streams

    def collect(self) -> Iterable[Metric]:
        """How many listen, what is remembered, and how many did not keep up."""
        # Falls to nothing while agents work: desktops cannot reach the server, or their tokens are wrong.
        opened = GaugeMetricFamily("tocsin_hint_streams", "Desktops that listen now.")
        kept = GaugeMetricFamily("tocsin_hints_kept", "Hints of the last minutes, for desktops that come back.")
        # Grows: desktops hang, or the way to them is too narrow.
        cut = CounterMetricFamily("tocsin_hint_streams_cut", "Streams ended because the desktop did not keep up.")
        streams = self._streams()
        if streams is not None:
            opened.add_metric((), len(streams))
            kept.add_metric((), len(streams.memory))
            cut.add_metric((), streams.cut_count)
        yield from (opened, kept, cut)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return StreamCollector(lambda: None).collect()
