"""A cluster under a steady stream, and all that may happen to it: the ground of the oracle test and of the soak."""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agents.broker import Broker
from agents.product import build_product
from agents.settings import Settings
from schemas.topics import (
    ALERTS,
    CONTACTS,
    CONTEXTS,
    CROSSINGS,
    DESK,
    LINKS,
    MESSAGES,
    PROMISE_EVENTS,
    SAYINGS,
    SIGNALS,
    TICKETS,
    UTTERANCES,
)
from tests.support.cluster import Cluster, wait_until
from tests.support.dialogues import read_dialogues, records
from tests.support.oracle import Comparison, compare
from tests.support.promise_stream import promise_records
from tests.support.shared_data import shared_data
from tests.support.ticket_stream import ticket_records
from tests.support.topics import Sent, worked_off, write_records

SESSION_SECONDS = 6
DUE_WITHIN_MS = 150_000  # tickets and promises come due while the cluster is disrupted
WORKER = ("-m", "agents.cli", "worker")


def environment(bootstrap: str, prefix: str) -> dict[str, str]:
    """Settings of a worker that notices a dead neighbour within seconds."""
    return {
        "TOCSIN_BROKER": bootstrap,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_APPLICATION_ID": f"{prefix}app",
        "TOCSIN_ENGINE__SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        "TOCSIN_ENGINE__HEARTBEAT_INTERVAL_SECONDS": "1",
        # Small enough that a backlog makes full turns: then the next one is read while the running one is committed.
        "TOCSIN_ENGINE__BATCH_RECORDS_MAX": "500",
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


# One may follow from another.
_FOLLOWING = (
    CONTACTS, CONTEXTS, CONTACTS, PROMISE_EVENTS, ALERTS, LINKS, SIGNALS, SAYINGS, CROSSINGS, DESK, LINKS, ALERTS,
    CROSSINGS,
)  # fmt: skip


def caught_up(bootstrap: str, prefix: str) -> None:
    """Wait until the cluster has read everything, its own alerts included."""
    topics = [prefix + topic.name for topic in (UTTERANCES, MESSAGES, TICKETS)]
    asyncio.run(worked_off(bootstrap, f"{prefix}app", topics))
    for topic in _FOLLOWING:
        asyncio.run(worked_off(bootstrap, f"{prefix}app", [prefix + topic.name]))


def finish(bootstrap: str, prefix: str, cluster: Cluster) -> Comparison:
    """Let a cluster read everything and end; then ask the oracle.

    A cluster that still runs writes while the oracle reads: each tick may bring a warning.
    """
    caught_up(bootstrap, prefix)
    cluster.scale(0)
    wait_until(lambda: not cluster.running(), what="every worker ends")
    return asyncio.run(compare(bootstrap, prefix, build_product(Settings()).stages))


def is_ready(cluster: Cluster, count: int) -> Callable[[], bool]:
    """Whether so many workers have taken partitions over."""
    return lambda: sum("partition_taken_over" in worker.log.read_text() for worker in cluster.running()) >= count


def prepared(prefix: str, count: int) -> list[Sent]:
    """So many events of real dialogues, poison among them; dialogues come again under other ids; tickets, promises."""
    dialogues = read_dialogues(shared_data("dialogues_dev.jsonl"))
    turns = sum(len(each["turns"]) for each in dialogues)
    started_at_ms = int(time.time() * 1000) - 600_000
    repeated: list[Mapping[str, Any]] = dialogues * (count // turns + 1)
    found = records(repeated, prefix=prefix, started_at_ms=started_at_ms, poison_share=0.002)[:count]
    now_ms = int(time.time() * 1000)
    tickets = ticket_records(count // 60, prefix=prefix, now_ms=now_ms, within_ms=DUE_WITHIN_MS)
    promises = promise_records(count // 120, prefix=prefix, now_ms=now_ms, within_ms=DUE_WITHIN_MS)
    return _among(_among(found, tickets), promises)


def _among(many: list[Sent], few: list[Sent]) -> list[Sent]:
    """Both in their order, the few at even distances among the many."""
    every = max(1, len(many) // max(1, len(few)))
    return [each for number, sent in enumerate(many) for each in (sent, *few[number // every :][: number % every == 0])]


class Disruptions:
    """Everything that may happen to a cluster, by name."""

    NAMES = ("kill", "kill", "term", "join", "leave", "freeze", "lose_broker", "rebalance_in_recovery")

    def __init__(self, cluster: Cluster, start_broker: Callable[[], Broker], dice: random.Random) -> None:
        self._cluster = cluster
        self._start_broker = start_broker
        self._dice = dice
        self.broker = start_broker()
        self._pause = threading.Event()
        self._is_over: Callable[[], bool] = lambda: False

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to disrupt."""
        return self._is_over()

    def until(self, is_over: Callable[[], bool], story: Callable[["Disruptions"], None]) -> None:
        """Let a story happen; what it leaves of the stream goes on undisturbed."""
        self._is_over = is_over
        story(self)

    def happen(self, name: str) -> None:
        """Let one of `NAMES` happen."""
        getattr(self, name)()

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


def again(first: Broker, start_broker: Callable[[], Broker]) -> Broker:
    """The broker that runs, or the same one started again."""
    return Broker.running(first.folder) or start_broker()
