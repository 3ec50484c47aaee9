"""The sample day through a real worker, Kafka and Prometheus: everybody counts the same, and panels show it."""

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from agents.board.heat import Sum
from agents.board.reader import wall_ms
from agents.board.readmodel import ReadModel
from agents.broker.config import free_ports
from agents.demo import script
from agents.engine.transactions import partition_of
from agents.settings import Settings
from pipeline.times import HOUR_MS
from schemas import codec
from schemas.alerts import Alert
from schemas.topics import ALERTS, MESSAGES, UTTERANCES, WINDOWS, Topic
from schemas.vocabulary import AlertKind, Level
from schemas.windows import RegionWindow
from tests.support.cluster import Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.kafka import Kafka
from tests.support.prometheus import eventually, prometheus
from tests.support.promql import panel_expressions, selectors
from tests.support.topics import Sent, read_topics, settled, write_records

Counts = Counter[tuple[str, str]]  # by region and level

PARTITIONS = 4
RISES_MIN = 60  # of the sample day
RAISED = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)
TIMES = ("occurred_at", "sent_at")
LAST_DAY = "tocsin_alerts_last_day"
COMPLAINTS = {LAST_DAY, "tocsin_alerts_total", "tocsin_alert_kinds_total", "tocsin_tagged_total", "tocsin_hints_total"}


def sample_day(prefix: str) -> list[Sent]:
    """Calls and chats of the sample day, as if it had passed within the last hour."""
    day = [each for each in script.records() if each.topic in {UTTERANCES.name, MESSAGES.name}]
    day = [each for each in day if each.value != script.POISON]
    first_ms, last_ms = day[0].timestamp_ms, day[-1].timestamp_ms
    now_ms = wall_ms()

    def moved(at_ms: int) -> int:
        return now_ms - (last_ms - at_ms) * HOUR_MS // 2 // (last_ms - first_ms)

    sent = []
    for each in day:
        body = orjson.loads(each.value)
        value = orjson.dumps(body | {name: moved(body[name]) for name in TIMES if name in body})
        key = each.key or b""
        sent.append(Sent(prefix + each.topic, partition_of(key, PARTITIONS), key, value, moved(each.timestamp_ms)))
    return sent


def told(alerts: list[Alert], kinds: set[AlertKind]) -> Counts:
    """Alerts by region and level."""
    return Counter((each.region, each.level) for each in alerts if each.kind in kinds and each.level in RAISED)


def on_the_page(alerts: list[Alert], windows: list[RegionWindow]) -> Counts:
    """What the tiles of the last day say."""
    model = ReadModel()
    for each in (*alerts, *windows):
        model.take(each)
    tiles = model.tiles(now_ms=wall_ms())
    return Counter(
        {(tile.region, level): n for tile in tiles for level, n in tile.spans.get("24h", Sum()).alerts.items() if n}
    )


def published(kafka: Kafka, prefix: str, topic: Topic) -> list[Any]:
    """Every event of a topic."""
    found = asyncio.run(read_topics(kafka.bootstrap, [prefix + topic.name]))
    return [
        event
        for (_, partition), records in found.items()
        for event in codec.decode_batch(topic, records, partition).events
    ]


def test_page_prometheus_and_windows_agree(kafka: Kafka, tmp_path: Path) -> None:
    """By region and level; no panel on complaints is empty; and they still agree when the worker was killed."""
    prefix, [port] = kafka.prefix(), free_ports(1)
    asyncio.run(settled(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)))
    variables = environment(kafka.bootstrap, prefix) | {"TOCSIN_OPS__PORT": str(port)}
    folders = [tmp_path / "worker", tmp_path / "prometheus"]
    for folder in folders:
        folder.mkdir()
    with (
        Cluster(folders[0], variables, command=WORKER) as cluster,
        prometheus(folders[1], targets={"tocsin": f"127.0.0.1:{port}"}) as server,
    ):
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        eventually("a scrape before the day", lambda: bool(server.query("sum(tocsin_alerts_total) == 0")))
        asyncio.run(write_records(kafka.bootstrap, sample_day(prefix), per_second=None))

        def scraped(metric: str) -> Counts:
            found = server.query(f"sum by (region, level) ({metric}) > 0")
            return Counter(
                {(each["metric"]["region"], each["metric"]["level"]): int(each["value"][1]) for each in found}
            )

        def agree() -> bool:
            alerts, windows = published(kafka, prefix, ALERTS), published(kafka, prefix, WINDOWS)
            rises = told(alerts, {AlertKind.LEVEL_RISE, AlertKind.SELF_HARM})
            return rises.total() >= RISES_MIN and rises == on_the_page(alerts, windows) == scraped(LAST_DAY)

        def counted() -> bool:
            return told(published(kafka, prefix, ALERTS), set(AlertKind)) == scraped("tocsin_alerts_total")

        wait_until(lambda: agree() and counted(), what="everybody counts the same")
        for each in panel_expressions():
            if {selector.name for selector in selectors(each.text)} <= COMPLAINTS:
                eventually(each.place, lambda text=each.text: bool(server.query(text)))

        [killed] = cluster.running()
        killed.send(signal.SIGKILL)
        wait_until(lambda: killed not in cluster.running(), what="the worker is gone")
        wait_until(is_ready(cluster, 1), what="another worker takes its partitions over")
        started_anew = f"sum(tocsin_alerts_total) < {RISES_MIN}"
        eventually("counters of the new process", lambda: bool(server.query(started_anew)))
        wait_until(agree, what="everybody counts the same after the kill")
        assert cluster.exits == [-signal.SIGKILL]
