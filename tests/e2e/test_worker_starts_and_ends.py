"""How a worker starts, and how it ends: what a supervisor and an operator see."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

from agents.broker.config import free_ports
from tests.support.cluster import ROOT, Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.kafka import Kafka
from tests.support.logs import asked, reasons, said
from tests.support.topics import Sent, read_topics, write_records


def run_worker(tmp_path: Path, settings: dict[str, str], *, within_seconds: float = 120) -> tuple[int, str]:
    """A worker that is expected to end by itself: its exit code and all that it said."""
    with Cluster(tmp_path, settings, command=WORKER) as cluster:
        done = subprocess.run(
            [sys.executable, *WORKER],
            cwd=ROOT,
            env=cluster.environment,
            capture_output=True,
            text=True,
            timeout=within_seconds,
            check=False,
        )
    return done.returncode, done.stdout + done.stderr


def test_a_worker_that_joins_or_leaves_moves_no_more_than_it_must(kafka: Kafka, tmp_path: Path) -> None:
    """Four partitions, two workers, a third one comes and goes: one moves to it, and one from it."""
    prefix = kafka.prefix()
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:

        def taken_over() -> list[int]:
            logs = [path.read_text() for path in sorted(tmp_path.glob("worker-*.log"))]
            return [log.count('"partition_taken_over"') for log in logs]

        cluster.scale(1)
        wait_until(lambda: taken_over() == [4], what="the first worker takes everything over")
        cluster.scale(2)
        wait_until(lambda: taken_over() == [4, 2], what="a second one takes half of it over")
        cluster.scale(3)
        wait_until(lambda: taken_over() == [4, 2, 1], what="a third one takes one over, and nobody else any")
        cluster.scale(2)
        wait_until(lambda: sum(taken_over()) == 8, what="somebody takes that one over")
        assert not any(cluster.exits)


def test_sigterm_while_it_starts_is_no_failure(kafka: Kafka, tmp_path: Path) -> None:
    """An impatient deployment changes its mind before the worker has joined its group."""
    with Cluster(tmp_path, environment(kafka.bootstrap, kafka.prefix()), command=WORKER) as cluster:
        cluster.scale(1)
        (worker,) = cluster.running()
        wait_until(lambda: "ops_listens" in worker.log.read_text(), what="the worker starts")
        worker.send(signal.SIGTERM)
        cluster.scale(0)
        assert worker.process.wait(60) == 0, cluster.logs()


def test_no_broker_is_one_sentence_and_exit_code_3(tmp_path: Path) -> None:
    """The address is wrong or the broker is down: said once, with what to do, and not tried for ever."""
    (port,) = free_ports(1)
    code, output = run_worker(tmp_path, environment(f"127.0.0.1:{port}", "nobody."))
    assert code == 3
    assert f"no broker answers at 127.0.0.1:{port}" in output
    assert "Traceback" not in output


def test_partitions_of_existing_topics_are_taken_as_they_are(kafka: Kafka, tmp_path: Path) -> None:
    """Nobody set a count and the sources exist: the worker makes the rest fit to them. SIGTERM ends it with 0."""
    prefix = kafka.prefix()
    asyncio.run(kafka.create_topics(f"{prefix}calls.utterances", f"{prefix}chats.messages", partitions=3))
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        (worker,) = cluster.running()
        cluster.scale(0)
        assert worker.process.wait(60) == 0, cluster.logs()
    found = asyncio.run(
        read_topics(kafka.bootstrap, [f"{prefix}complaints.alerts", f"{prefix}conversations-changelog"])
    )
    assert len(found) == 2 * 3


def test_topics_that_do_not_fit_together_are_refused(kafka: Kafka, tmp_path: Path) -> None:
    """Counting would be wrong, so nothing is counted."""
    prefix = kafka.prefix()
    asyncio.run(kafka.create_topics(f"{prefix}calls.utterances", partitions=2))
    asyncio.run(kafka.create_topics(f"{prefix}chats.messages", partitions=3))
    code, output = run_worker(tmp_path, environment(kafka.bootstrap, prefix))
    assert code == 2
    assert f"{prefix}calls.utterances: 2 partitions" in output


def test_too_many_dead_letters_hold_the_worker_and_commit_nothing(kafka: Kafka, tmp_path: Path) -> None:
    """A bad deployment upstream is not drained into dead letters: the worker stays, does nothing, and says why.

    What the runbook says then works: one start with a larger limit makes dead letters of all that waited, and goes on.
    """
    prefix = kafka.prefix()
    asyncio.run(kafka.create_topics(f"{prefix}calls.utterances", f"{prefix}chats.messages", partitions=1))
    now_ms = int(time.time() * 1000)
    sent = [Sent(f"{prefix}chats.messages", 0, b"c", b"no json", now_ms) for _ in range(3_000)]
    asyncio.run(write_records(kafka.bootstrap, sent))

    def dead_letters() -> int:
        found = asyncio.run(read_topics(kafka.bootstrap, [f"{prefix}deadletters"]))
        return sum(map(len, found.values())) if len(found) == 1 else -1  # as many partitions as the sources have

    settings = environment(kafka.bootstrap, prefix)
    with Cluster(tmp_path, settings, command=WORKER) as cluster:
        cluster.scale(1)
        (worker,) = cluster.running()
        wait_until(lambda: bool(said(worker, "worker_held")), what="it holds")
        (held,) = said(worker, "worker_held")
        assert held["topic"] == "chats.messages"
        assert "refused: $: expected" in held["first"]
        assert reasons(worker, "readyz")["dead_letters"] == "too_many_refused"
        assert set(reasons(worker, "livez").values()) == {"ok", "too_many_refused"}
        assert 'tocsin_partition_held{partition="0"} 1.0' in asked(worker, "metrics")
        assert dead_letters() < 1_000
        cluster.scale(0)
        assert worker.process.wait(60) == 0, cluster.logs()
    with Cluster(tmp_path, {**settings, "TOCSIN_DEAD_LETTERS__SHARE_MAX": "1"}, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(lambda: dead_letters() == 3_000, what="all of them are dead letters")
        assert not cluster.exits
