"""From what was said to the vendor's HTTP request: worker and delivery as they are, and a vendor on this machine.

High risk alone is told, at once and one by one; other alerts are raised and told to nobody. The vendor answers at once:
what is measured is ours, not a vendor's network.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from aiohttp import web
from aiokafka import AIOKafkaConsumer

from bench.feed import Line, write_steadily
from bench.input import product_lines
from bench.jobs import PARTITIONS, WARM_UP_SECONDS, Delay, until_logged, worker_of
from bench.process import Measured
from schemas.topics import NOTIFICATIONS

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


def notify(bootstrap: str, prefix: str, folder: Path, *, per_second: int, seconds: int) -> Delay:
    """Event to the vendor's request at a steady rate, after a warm-up; everything shares the machine."""
    lines = list(islice(product_lines(prefix, PARTITIONS), per_second * (WARM_UP_SECONDS + seconds)))
    found = sorted(asyncio.run(_delays(bootstrap, prefix, folder, lines, per_second)))
    return Delay(len(found), found[len(found) // 2], found[int(len(found) * 0.99)])


async def _delays(bootstrap: str, prefix: str, folder: Path, lines: Sequence[Line], per_second: int) -> list[float]:
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
                await asyncio.sleep(SETTLE_SECONDS)
    finally:
        await runner.cleanup()
    emitted_at_ms = {name: at_ms for name, at_ms in (await _emitted(bootstrap, prefix)).items() if at_ms >= warm_at_ms}
    missing = len(emitted_at_ms.keys() - vendor.came_at_ms.keys())
    if missing:
        raise RuntimeError(f"{missing} of {len(emitted_at_ms)} notifications did not come within {SETTLE_SECONDS} s")
    return [vendor.came_at_ms[name] - at_ms for name, at_ms in emitted_at_ms.items()]


async def _emitted(bootstrap: str, prefix: str) -> dict[str, int]:
    """The Kafka time of the event that caused each notification."""
    consumer = AIOKafkaConsumer(
        prefix + NOTIFICATIONS.name,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    found: dict[str, int] = {}
    try:
        while batches := await consumer.getmany(timeout_ms=2_000):
            for record in (each for records in batches.values() for each in records):
                body = json.loads(record.value)
                found[body["notification_id"]] = body["emitted_at"]
    finally:
        await consumer.stop()
    return found
