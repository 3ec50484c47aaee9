"""From what was said to the vendor's HTTP request: worker and delivery as they are, and a vendor on this machine.

High risk alone is told, at once and one by one; other alerts are raised and told to nobody. The vendor answers at once:
what is measured is ours, not a vendor's network.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from aiohttp import web
from aiokafka import AIOKafkaConsumer

from bench.feed import Line, write_steadily
from bench.input import product_lines
from bench.jobs import PARTITIONS, PATIENCE_SECONDS, WARM_UP_SECONDS, Delay, delay_of, until_logged, worker_of
from bench.process import Measured
from pipeline.conversation.ids import record_id
from pipeline.incidents.grouping import group_of
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.deliveries import Notification
from schemas.topics import ALERTS, NOTIFICATIONS, Topic

ONCALL = """
allow_private_hosts: [127.0.0.1]
channels:
  hook: {kind: webhook, url: env:BENCH_HOOK, secret: env:BENCH_SECRET, per_minute: 10000}
chains:
  high: {steps: [{tell: ["channel:hook"]}]}
routes:
  - {chain: high, levels: [high_risk], group_wait: 0s}
  - {chain: none}
"""
SETTLE_SECONDS = 5.0
WireT = TypeVar("WireT")


class Vendor:
    """Notes when each notification came first."""

    def __init__(self) -> None:
        self.came_at_ms: dict[str, float] = {}
        self.url = ""

    async def start(self) -> web.AppRunner:
        """Listen; the runner ends it."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        return runner

    async def _take(self, request: web.Request) -> web.Response:
        self.came_at_ms.setdefault(request.headers["Idempotency-Key"], time.time() * 1000)
        await request.read()
        return web.json_response({})


class Hops(NamedTuple):
    """The way from what was said to the vendor, in all and piece by piece."""

    whole: Delay
    heard: Delay  # from the event's Kafka time until the worker writes the alert
    decided: Delay  # until it writes the notification
    sent: Delay  # until the vendor has the request


def notify(bootstrap: str, prefix: str, folder: Path, *, per_second: int, seconds: int) -> Hops:
    """Event to the vendor's request at a steady rate, after a warm-up; everything shares the machine."""
    lines = list(islice(product_lines(prefix, PARTITIONS), per_second * (WARM_UP_SECONDS + seconds)))
    moments = asyncio.run(_moments(bootstrap, prefix, folder, lines, per_second))
    return Hops(*(delay_of(each) for each in zip(*map(_Moments.pieces, moments), strict=True)))


class _Moments(NamedTuple):
    """When one notification passed where, in wall-clock milliseconds."""

    said: float
    alerted: float
    notified: float
    came: float

    def pieces(self) -> tuple[float, float, float, float]:
        """The whole way and its pieces."""
        return (
            self.came - self.said,
            self.alerted - self.said,
            self.notified - self.alerted,
            self.came - self.notified,
        )


async def _moments(
    bootstrap: str, prefix: str, folder: Path, lines: Sequence[Line], per_second: int
) -> Sequence[_Moments]:
    vendor = Vendor()
    runner = await vendor.start()
    file = folder / f"{prefix}oncall.yaml"
    file.write_text(ONCALL, encoding="utf-8")
    environment = {
        "TOCSIN_BROKER": bootstrap,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_APPLICATION_ID": f"{prefix}app",
        "TOCSIN_ONCALL_FILE": str(file),
        "BENCH_HOOK": vendor.url,
        "BENCH_SECRET": "bench",
    }
    log = folder / f"{prefix}deliver.log"
    try:
        with worker_of(bootstrap, prefix, folder, port=0, environment=environment) as worker:
            await asyncio.to_thread(until_logged, worker, "partition_taken_over", times=PARTITIONS)
            with Measured(("agents.cli", "deliver"), environment, log) as delivery:
                await asyncio.to_thread(until_logged, delivery, "partition_taken_over", times=PARTITIONS)
                warm_at_ms = (time.time() + WARM_UP_SECONDS) * 1000
                await write_steadily(bootstrap, lines, per_second=per_second)
                notified = await _settled(bootstrap, prefix, vendor)
    finally:
        await runner.cleanup()
    alerted_at_ms = {
        record_id("incident", group_of(alert).key, alert.alert_id): at_ms
        for alert, at_ms in await _read(bootstrap, prefix, ALERTS, Alert)
    }
    counted = [(each, at_ms) for each, at_ms in notified if each.emitted_at >= warm_at_ms]
    return [
        _Moments(each.emitted_at, alerted_at_ms[each.incident_id], at_ms, vendor.came_at_ms[each.notification_id])
        for each, at_ms in counted
    ]


async def _settled(bootstrap: str, prefix: str, vendor: Vendor) -> list[tuple[Notification, int]]:
    """Every notification, once no more are written and all of them came; raises TimeoutError where they do not."""
    count = -1
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            notified = await _read(bootstrap, prefix, NOTIFICATIONS, Notification)
            if len(notified) == count and all(each.notification_id in vendor.came_at_ms for each, _ in notified):
                return notified
            count = len(notified)


async def _read(bootstrap: str, prefix: str, topic: Topic, kind: type[WireT]) -> list[tuple[WireT, int]]:
    """What a topic holds, each beside its Kafka time: the moment at which it was written into its transaction."""
    consumer = AIOKafkaConsumer(
        prefix + topic.name,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    found: list[tuple[WireT, int]] = []
    try:
        while batches := await consumer.getmany(timeout_ms=2_000):
            for tp, records in batches.items():
                raw = [Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records]
                events = codec.decode_batch(topic, raw, tp.partition).events
                found += [
                    (event, record.timestamp)
                    for event, record in zip(events, records, strict=True)
                    if isinstance(event, kind)
                ]
    finally:
        await consumer.stop()
    return found
