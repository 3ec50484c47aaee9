"""Each warning of a ticket is in Kafka exactly once, whoever is killed between its instant and its commit."""

import asyncio
import random
import signal
import time
from collections import Counter
from pathlib import Path

import msgspec

from schemas.alerts import Alert
from schemas.topics import ALERTS
from tests.support.cluster import Cluster, wait_until
from tests.support.disruptions import WORKER, Disruptions, environment, finish, is_ready
from tests.support.kafka import Kafka
from tests.support.ticket_stream import ticket_records
from tests.support.topics import read_topics, write_records

TICKETS = 400
WITHIN_MS = 60_000
KILLS = 4


def test_warnings_survive_kills(kafka: Kafka, tmp_path: Path) -> None:
    """Four hundred tickets come to a warning in a minute while two workers are killed over and over."""
    prefix = kafka.prefix()
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(2)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        now_ms = int(time.time() * 1000) + 5_000
        sent = ticket_records(TICKETS, prefix=prefix, now_ms=now_ms, within_ms=WITHIN_MS)
        asyncio.run(write_records(kafka.bootstrap, sent))
        disruptions = Disruptions(cluster, lambda: kafka.broker, random.Random(5))
        while time.time() * 1000 < now_ms + WITHIN_MS or cluster.exits.count(-signal.SIGKILL) < KILLS:
            disruptions.wait(2.5)
            disruptions.kill()
        wait_until(lambda: len(_warned(kafka.bootstrap, prefix)) >= TICKETS, what="all are warned")
        result = finish(kafka.bootstrap, prefix, cluster)
    warned = _warned(kafka.bootstrap, prefix)
    assert set(warned) == {f"ticket-{number}" for number in range(TICKETS)}
    told = Counter(alert.alert_id for alerts in warned.values() for alert in alerts)
    assert set(told.values()) == {1}, told.most_common(3)
    assert result.warnings == sum(map(len, warned.values()))
    print(f"\n{result}; exit codes of workers: {sorted(cluster.exits)}")


def _warned(bootstrap: str, prefix: str) -> dict[str, list[Alert]]:
    """The warnings and breaches of each ticket, as a reader of committed records sees them."""
    found: dict[str, list[Alert]] = {}
    for records in asyncio.run(read_topics(bootstrap, [prefix + ALERTS.name])).values():
        for record in records:
            alert = msgspec.json.decode(record.value or b"", type=Alert)
            if alert.sla is not None:
                found.setdefault(alert.ticket_id, []).append(alert)
    return found
