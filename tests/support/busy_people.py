"""Deliver, answer, hints and verdicts that only look busy: every metric has been touched, nobody was told or heard."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from agents.answer.metrics import AnswerMetrics
from agents.answer.outcomes import Outcome as Answered
from agents.channels.console import Console
from agents.deliver.desk import Desk, Line
from agents.deliver.metrics import DeliveryFamilies, DeskCollector
from agents.hints.memory import Memory
from agents.hints.metrics import HintFamilies, StreamCollector
from agents.hints.streams import Streams
from agents.verdicts.metrics import LedgerCollector
from pipeline.deliveries.pace import PACES
from pipeline.verdicts.ledger import Ledger
from schemas.actions import Verdict
from schemas.deliveries import Outcome, Receipt, Result
from schemas.labels import VerdictLabel
from schemas.vocabulary import AlertKind, Level

CHANNEL = "robot"


async def _nothing(*_):
    pass


def _desk():
    line = Line(_nothing, _nothing, lambda _: None, lambda: 0)
    return Desk(CHANNEL, Console(), PACES["dingtalk"], lambda _: "", line, per_month=5_000)


def _ledger():
    ledger = Ledger()
    for number, verdict in enumerate(Verdict):
        ledger.put(
            VerdictLabel(
                alert_id=f"a{number}", verdict=verdict, by="duty-1", at=1, kind=AlertKind.LEVEL_RISE,
                level=Level.EXPLICIT, region="440000", occurred_at=1, rules=("threat.regulator:12315",),
            )
        )  # fmt: skip
    return ledger


@dataclass
class BusyPeople:
    """A page of metrics for each job around incidents."""

    registries: dict[str, CollectorRegistry] = field(
        default_factory=lambda: {
            f"tocsin-{name}": CollectorRegistry() for name in ("deliver", "answer", "hints", "verdicts")
        }
    )

    def __post_init__(self):
        """As each process begins."""
        deliver, answer, hints, verdicts = self.registries.values()
        self._deliveries = DeliveryFamilies(deliver, [CHANNEL])
        desks = {CHANNEL: _desk()}
        deliver.register(DeskCollector(lambda: desks, lambda: 0))
        self._answers = AnswerMetrics(answer)
        self._answers.begin(["feishu"])
        self._hints, streams = HintFamilies(hints), Streams(Memory())
        hints.register(StreamCollector(lambda: streams))
        ledger = _ledger()
        verdicts.register(LedgerCollector(lambda: ledger))
        self.work()

    def work(self):
        """Somebody was told, a vendor refused, somebody pressed, an agent had a hint."""
        for result, reason in ((Result.SENT, Outcome.ACCEPTED), (Result.FAILED_PERM, Outcome.REFUSED)):
            self._deliveries.observe(
                Receipt(
                    notification_id="n", result=result, reason=reason, attempt=1, latency_ms=80, at=1, channel=CHANNEL
                )
            )
        self._answers.requests.labels("link", Answered.TAKEN).inc()
        self._answers.seconds.labels("link").observe(0.02)
        self._hints.delay.observe(0.1)

    def families(self):
        """What all of them count."""
        return [family for registry in self.registries.values() for family in registry.collect()]
