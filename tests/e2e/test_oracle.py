"""The numbers are right after any crash: a cluster is disrupted in every way we know, then compared with the oracle."""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agents.broker import Broker
from agents.settings import Settings
from agents.stages import build_product
from schemas.topics import ALERTS, MESSAGES, UTTERANCES
from tests.support.cluster import Cluster, wait_until
from tests.support.dialogues import read_dialogues, records
from tests.support.kafka import Kafka
from tests.support.oracle import Comparison, compare
from tests.support.shared_data import shared_data
from tests.support.topics import Sent, worked_off, write_records

SESSION_SECONDS = 6
WORKER = ("-m", "agents.cli", "worker")


def environment(bootstrap: str, prefix: str) -> dict[str, str]:
    """Settings of a worker that notices a dead neighbour within seconds."""
    return {
        "TOCSIN_BROKER": bootstrap,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_APPLICATION_ID": f"{prefix}app",
        "TOCSIN_ENGINE__SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        "TOCSIN_ENGINE__HEARTBEAT_INTERVAL_SECONDS": "1",
    }


@contextmanager
def feeding(bootstrap: str, sent: list[Sent], *, per_second: float | None) -> Iterator[Callable[[], bool]]:
    """Write records beside the test; yields whether that still goes on."""
    errors: list[BaseException] = []

    def feed() -> None:
        try:
            asyncio.run(write_records(bootstrap, sent, per_second=per_second))
        except BaseException as error:
            errors.append(error)
            raise

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        thread.join()
        assert not errors


def finish(bootstrap: str, prefix: str) -> Comparison:
    """Wait until the cluster has read everything, its own alerts included; then ask the oracle."""
    topics = [prefix + topic.name for topic in (UTTERANCES, MESSAGES)]
    asyncio.run(worked_off(bootstrap, f"{prefix}app", topics, within_seconds=120))
    asyncio.run(worked_off(bootstrap, f"{prefix}app", [prefix + ALERTS.name], within_seconds=60))
    return asyncio.run(compare(bootstrap, prefix, build_product(Settings()).stages))


def is_ready(cluster: Cluster, count: int) -> Callable[[], bool]:
    """Whether so many workers have taken partitions over."""
    return lambda: sum("partition_taken_over" in worker.log.read_text() for worker in cluster.running()) >= count


def test_a_cluster_makes_of_dialogues_what_the_runner_makes(kafka: Kafka, tmp_path: Path) -> None:
    """A thousand real dialogues as calls and chats, undisturbed: row for row and record for record."""
    dialogues = read_dialogues(shared_data("dialogues_dev.jsonl"))
    prefix = kafka.prefix()
    sent = records(dialogues, prefix=prefix, started_at_ms=int(time.time() * 1000) - 600_000, poison_share=0.001)
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), within_seconds=30, what="a worker takes its partitions over")
        with feeding(kafka.bootstrap, sent, per_second=None):
            pass
        result = finish(kafka.bootstrap, prefix)
    assert cluster.exits == [], cluster.logs()
    assert result.events == len(sent)
    assert result.outputs > 100
    assert result.dead_letters > 0
    assert result.windows > 0


class Disruptions:
    """Everything that may happen to a cluster, by name."""

    def __init__(self, cluster: Cluster, start_broker: Callable[[], Broker], dice: random.Random) -> None:
        self._cluster = cluster
        self._start_broker = start_broker
        self._dice = dice
        self.broker = start_broker()
        self._pause = threading.Event()

    def wait(self, seconds: float) -> None:
        """Let the cluster work; the rhythm is part of the disruption, not of the judgement."""
        self._pause.wait(seconds)

    def kill(self) -> None:
        """SIGKILL: no word of farewell, a transaction may be open."""
        self._anybody(signal.SIGKILL)

    def term(self) -> None:
        """SIGTERM, as a deployment does."""
        self._anybody(signal.SIGTERM)

    def join(self) -> None:
        """A worker joins."""
        self._cluster.scale(min(3, len(self._cluster.running()) + 1))

    def leave(self) -> None:
        """A worker leaves."""
        self._cluster.scale(max(1, len(self._cluster.running()) - 1))

    def freeze(self) -> None:
        """SIGSTOP for longer than the session timeout, then SIGCONT: a zombie with its batch in its hands."""
        running = self._cluster.running()
        if running:
            worker = self._dice.choice(running)
            worker.send(signal.SIGSTOP)
            self.wait(SESSION_SECONDS + 3)
            worker.send(signal.SIGCONT)

    def lose_broker(self) -> None:
        """The broker is away for twenty seconds and comes back with its data."""
        self.broker.stop()
        self.wait(20)
        self.broker = self._start_broker()

    def rebalance_in_recovery(self) -> None:
        """Everybody dies; while the first new worker reads its rows back, a second and a third one join."""
        self._cluster.scale(1)
        for worker in self._cluster.running():
            worker.send(signal.SIGKILL)
        for count in (1, 2, 3):
            self._cluster.scale(count)
            self.wait(1.1)

    def _anybody(self, number: signal.Signals) -> None:
        running = self._cluster.running()
        if running:
            self._dice.choice(running).send(number)


STORY = (
    "join", "kill", "term", "leave", "rebalance_in_recovery", "freeze", "kill", "kill", "lose_broker", "join", "term",
    "kill",
)  # fmt: skip


def prepared(bootstrap: str, prefix: str, count: int) -> list[Sent]:
    """So many events of real dialogues, poison among them; dialogues come again under other ids."""
    dialogues: list[Mapping[str, object]] = read_dialogues(shared_data("dialogues_dev.jsonl"))
    turns = sum(len(each["turns"]) for each in dialogues)  # type: ignore[arg-type]
    again = max(1, round(count / turns))
    started_at_ms = int(time.time() * 1000) - 600_000
    return records(dialogues * again, prefix=prefix, started_at_ms=started_at_ms, poison_share=0.002)[:count]


def test_the_numbers_are_right_after_any_crash(start_broker: Callable[[], Broker], tmp_path: Path) -> None:
    """Every disruption that the design names, in one run, under a steady stream with poison in it."""
    broker = start_broker()
    prefix = "oracle."
    sent = prepared(broker.bootstrap, prefix, 60_000)
    with Cluster(tmp_path, environment(broker.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(2)
        wait_until(is_ready(cluster, 1), within_seconds=60, what="a worker takes its partitions over")
        disruptions = Disruptions(cluster, lambda: again(broker, start_broker), random.Random(7))
        with feeding(broker.bootstrap, sent, per_second=500):
            for name in STORY:
                getattr(disruptions, name)()
                disruptions.wait(4)
        result = finish(broker.bootstrap, prefix)
    assert result.events >= len(sent) - len(sent) // 100, cluster.logs()
    assert result.dead_letters > 0
    assert len(cluster.exits) >= 5  # it was a story with dead workers in it


def again(first: Broker, start_broker: Callable[[], Broker]) -> Broker:
    """The broker that runs, or the same one started again."""
    return Broker.running(first.folder) or start_broker()
