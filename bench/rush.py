"""A rush of tickets, seen from outside: their rows in the changelog, how late warnings come, what ticks cost."""

import json
import re
import time
import urllib.request
from collections.abc import Iterable, Iterator

from aiokafka import AIOKafkaConsumer

from bench.feed import Line
from schemas.topics import ALERTS


def changelog_lines(topic: str, partitions: int, rows: Iterable[tuple[bytes, bytes]]) -> Iterator[Line]:
    """Rows as the records of a changelog."""
    for number, (key, value) in enumerate(rows):
        yield Line(topic, number % partitions, key, value)


async def warning_delays(bootstrap: str, prefix: str, count: int, *, until: float) -> list[float]:
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


def tick_p99_seconds(port: int) -> float:
    """The bound of the bucket in which 99 of 100 turns of the tickets stage lie: nothing but ticks came to it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'tocsin_decide_seconds_bucket\{le="([^"]+)",stage="tickets"\} (\S+)', text)
    counts = {float(bound): float(count) for bound, count in found}
    return min(bound for bound, count in counts.items() if count >= 0.99 * max(counts.values()))
