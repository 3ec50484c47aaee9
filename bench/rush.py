"""A rush of tickets: a worker that has very many open ones, of which a part comes to a warning within one minute."""

import asyncio
import json
import re
import time
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer

from bench.feed import Line, write
from bench.jobs import PARTITIONS, until_logged, until_ready, worker_of
from bench.tickets import ticket_rows
from pipeline.stage import SETTLING_MS
from schemas.topics import ALERTS

TICKS_SECONDS = 5.0
RUSH_MS = 60_000  # so many tickets come due within it
HEAD_START_MS = 75_000  # until the first of them: their rows are written and read back before


class OpenTickets(NamedTuple):
    """What very many open tickets cost a worker, and how late the last of those was told that came due together."""

    bytes_each: float
    ready_seconds: float  # since the process was started
    ready_cpu_seconds: float
    tick_p99_seconds: float
    warned: int
    slowest_seconds: float


def open_tickets(bootstrap: str, prefix: str, folder: Path, *, count: int, due: int, port: int) -> OpenTickets:
    """A worker that reads so many open tickets back from the changelog; a part comes due within one minute."""
    with worker_of(bootstrap, prefix, folder, port=port) as first:
        until_logged(first, "partition_taken_over", times=PARTITIONS)
        time.sleep(TICKS_SECONDS)  # its clock is in the log then, and the second one is back soon
        settled_at_ms = int(time.time() * 1000) + SETTLING_MS  # a first clock wakes nobody before
        empty_bytes = first.peak_rss_bytes
    topic = f"{prefix}tickets-changelog"
    quiet = ticket_rows(count - due, 0, first_due_ms=int(time.time() * 1000), within_ms=0)
    asyncio.run(write(bootstrap, _lines(topic, quiet)))
    first_due_ms = max(settled_at_ms, int(time.time() * 1000) + HEAD_START_MS)
    rush = ticket_rows(due, due, first_due_ms=first_due_ms, within_ms=RUSH_MS)
    asyncio.run(write(bootstrap, _lines(topic, rush)))
    with worker_of(bootstrap, prefix, folder, port=port) as worker:
        ready_seconds, ready_cpu_seconds = until_ready(worker, port), worker.cpu_seconds
        delays = asyncio.run(_warning_delays(bootstrap, prefix, due, until=(first_due_ms + 4 * RUSH_MS) / 1000))
        return OpenTickets(
            bytes_each=(worker.peak_rss_bytes - empty_bytes) / count,
            ready_seconds=ready_seconds,
            ready_cpu_seconds=ready_cpu_seconds,
            tick_p99_seconds=_tick_p99_seconds(port),
            warned=len(delays),
            slowest_seconds=max(delays, default=0.0),
        )


def _lines(topic: str, rows: Iterable[tuple[bytes, bytes]]) -> Iterator[Line]:
    for number, (key, value) in enumerate(rows):
        yield Line(topic, number % PARTITIONS, key, value)


async def _warning_delays(bootstrap: str, prefix: str, count: int, *, until: float) -> list[float]:
    """From the instant of each warning until a reader of committed records has it; fewer where time is up."""
    consumer = AIOKafkaConsumer(
        prefix + ALERTS.name,
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=10,
    )
    delays: dict[str, float] = {}
    await consumer.start()
    try:
        while len(delays) < count and time.time() < until:
            for records in (await consumer.getmany(timeout_ms=20)).values():
                now_ms = time.time() * 1000
                for record in records:
                    alert = json.loads(record.value)
                    delays.setdefault(alert["ticket_id"], (now_ms - alert["occurred_at"]) / 1000)
    finally:
        await consumer.stop()
    return list(delays.values())


def _tick_p99_seconds(port: int) -> float:
    """The bound of the bucket in which 99 of 100 turns of the tickets stage lie: nothing but ticks came to it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'tocsin_decide_seconds_bucket\{le="([^"]+)",stage="tickets"\} (\S+)', text)
    counts = {float(bound): float(count) for bound, count in found}
    return min(bound for bound, count in counts.items() if count >= 0.99 * max(counts.values()))
