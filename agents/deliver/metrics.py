"""What is counted about deliveries: name, labels, what it means, what to do. Channels have the operator's names."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.deliver.desk import Desk
from schemas.deliveries import BudgetClass, Outcome, Receipt, Result

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ATTEMPTED = (Result.SENT, Result.BUNDLED, Result.FAILED_TEMP, Result.FAILED_PERM, Result.EXPIRED, Result.SUPPRESSED)


class DeliveryFamilies:
    """The families of one delivering process; every known series starts at zero."""

    def __init__(self, registry: CollectorRegistry, channels: Iterable[str] = ()) -> None:
        # Receipts by result. `failed_perm` that grows: read the vendor_code in the log, then the channel's secret.
        self.notifications = Counter(
            "tocsin_notifications_total", "Receipts by channel and result.", ("channel", "result"), registry=registry
        )
        # Why attempts failed. `unauthorised`: the token, the signature or the address; only an operator can help.
        self.failures = Counter(
            "tocsin_delivery_failures_total", "Failed attempts by reason.", ("channel", "outcome"), registry=registry
        )
        # How long vendors take. Near 10 s they hang, and the channel is about to be shut.
        self.seconds = Histogram(
            "tocsin_delivery_seconds", "Time of one attempt.", ("channel",), registry=registry, buckets=_SECONDS
        )
        for channel in channels:
            for result in _ATTEMPTED:
                self.notifications.labels(channel, result)
            for outcome in (Outcome.REFUSED, Outcome.RATE_LIMITED, Outcome.UNAUTHORISED, Outcome.UNREACHABLE):
                self.failures.labels(channel, outcome)

    def observe(self, receipt: Receipt) -> None:
        """One receipt was written."""
        self.notifications.labels(receipt.channel, receipt.result).inc()
        if receipt.result in {Result.FAILED_TEMP, Result.FAILED_PERM}:
            self.failures.labels(receipt.channel, receipt.reason).inc()
        if receipt.attempt:
            self.seconds.labels(receipt.channel).observe(receipt.latency_ms / 1000)


class DeskCollector(Collector):
    """The desks as they stand, asked at scrape time."""

    def __init__(self, desks: Callable[[], Mapping[str, Desk]], clock_ms: Callable[[], int]) -> None:
        self._desks = desks
        self._clock_ms = clock_ms

    def collect(self) -> Iterable[Metric]:
        """What waits, which channels take nothing, and how much the others take."""
        # Grows: the budget is too small for what is told, or the channel is shut.
        waiting = GaugeMetricFamily("tocsin_deliveries_waiting", "Notifications that wait.", labels=("channel",))
        # 1 for minutes: the vendor refuses us or does not answer; high risk goes another way meanwhile.
        shut = GaugeMetricFamily("tocsin_channel_shut", "Whether a channel takes nothing now.", labels=("channel",))
        # 0 for minutes: more is told than the vendor takes; the rest comes in bundles, high risk another way.
        left = GaugeMetricFamily(
            "tocsin_channel_budget_remaining", "Messages that a channel may be sent now.", labels=("channel",)
        )
        # Set beside what was sent in thirty days: at four fifths buy more, or tell less.
        quota = GaugeMetricFamily(
            "tocsin_channel_month_quota", "Messages that the vendor's edition allows in a month.", labels=("channel",)
        )
        now_ms = self._clock_ms()
        for name, desk in self._desks().items():
            if desk.pace.buckets:
                room = desk.pace.room(desk.sent_at_ms, BudgetClass.RESERVED, now_ms=now_ms)
                left.add_metric((name,), 0 if desk.shut_until_ms > now_ms else room)
            if desk.per_month is not None:
                quota.add_metric((name,), desk.per_month)
            waiting.add_metric((name,), len(desk.waiting))
            shut.add_metric((name,), float(desk.shut_until_ms > now_ms))
        yield from (waiting, shut, left, quota)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return DeskCollector(dict, lambda: 0).collect()
