"""Keep the ledger: labels from the topic first, then verdicts as they come; what is new is written."""

import asyncio
import time
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry, ProcessCollector

from agents.ending import end_on_sigterm
from agents.engine.lookout import Lookout
from agents.metrics.collector import ProbeCollector
from agents.ops.server import OpsServer
from agents.recording.follow import follow
from agents.recording.health import FollowerState
from agents.settings import Settings, kafka_security
from agents.verdicts.metrics import LedgerCollector
from pipeline.verdicts.labelling import Labelling
from pipeline.verdicts.ledger import Ledger
from schemas import codec
from schemas.labels import VerdictLabel
from schemas.topics import ACTION_AUDITS, ALERTS, INCIDENTS, LABELS

log = structlog.get_logger("tocsin.verdicts")


class Keeper:
    """One process: what it has read, and how it stands."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._labelling = Labelling(with_text=settings.labels.text)
        self.ledger = Ledger()
        self._is_loaded = False
        self._heard_at: float | None = None
        self._broker_silent_seconds = 0.0
        self._lookout = Lookout(settings.bootstrap, meanwhile="verdicts are counted when it is back")

    def state(self) -> FollowerState:
        """The facts that probes judge."""
        heard_at = self._heard_at
        age_seconds = None if heard_at is None else time.monotonic() - heard_at
        silent_seconds = self._broker_silent_seconds
        return FollowerState(
            is_loaded=self._is_loaded, loop_age_seconds=age_seconds, broker_silent_seconds=silent_seconds
        )

    async def run(self) -> None:
        """Read until cancelled. Whoever starts again reads the same and writes nothing that is there already."""
        self.ledger = await read_ledger(self._settings)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap, enable_idempotence=True, **kafka_security(self._settings)
        )
        try:
            await producer.start()
            async with follow(self._settings, (ALERTS, INCIDENTS, ACTION_AUDITS), from_start=True) as follower:
                while True:
                    found = await follower.fetch(wait_seconds=1.0)
                    for seen in found:
                        for label in self._labelling.take(seen.decoded()):
                            await self._write(producer, label)
                    self._is_loaded, self._heard_at = self._is_loaded or not found, time.monotonic()
                    self._broker_silent_seconds = self._lookout.look(is_heard=follower.has_connection)
                    await asyncio.sleep(0)
        finally:
            await producer.stop()

    async def _write(self, producer: AIOKafkaProducer, label: VerdictLabel) -> None:
        if not self.ledger.put(label):
            return
        body, headers = codec.encode_record(label)
        topic = self._settings.topic_prefix + LABELS.name
        await producer.send_and_wait(topic, body, key=label.alert_id.encode(), headers=headers)
        log.info("alert_labelled", verdict=label.verdict, level=label.level)


async def read_ledger(settings: Settings) -> Ledger:
    """The ledger as the topic tells it."""
    ledger = Ledger()
    async with follow(settings, [LABELS], from_start=True) as follower:
        for seen in await follower.until_now():
            ledger.put(seen.decoded())
    return ledger


def run(settings: Settings) -> None:
    """Keep the ledger until SIGTERM or Ctrl-C; raises where no broker answers at the start."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    end_on_sigterm()
    keeper, registry = Keeper(settings), CollectorRegistry()
    registry.register(LedgerCollector(lambda: keeper.ledger))
    registry.register(ProbeCollector(keeper.state))
    ProcessCollector(registry=registry)
    with OpsServer(state=keeper.state, registry=registry, host=settings.ops.host, port=settings.ops.port):
        await keeper.run()
