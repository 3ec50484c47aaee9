"""A broker that goes away under a worker: what is said of it, what the worker does meanwhile, and that it goes on."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.broker import Broker
from tests.support.cluster import Cluster, Worker, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.logs import reasons, said
from tests.support.stories import chat_complaint
from tests.support.topics import read_topics, write_records

AWAY_SECONDS = 8.0
DELIVER = ("-m", "agents.cli", "deliver")


@contextmanager
def one_worker(folder: Path, bootstrap: str, prefix: str) -> Iterator[tuple[Cluster, Worker]]:
    """A worker that has just taken a partition over."""
    # The kill may hit a transaction, and on a busy machine the broker is away for longer than the default of 15 s.
    settings = environment(bootstrap, prefix) | {"TOCSIN_ENGINE__TRANSACTION_TIMEOUT_SECONDS": "120"}
    with Cluster(folder, settings, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes a partition over")
        (worker,) = cluster.running()
        yield cluster, worker


@contextmanager
def one_delivery(folder: Path, bootstrap: str, prefix: str) -> Iterator[Worker]:
    """A delivering process that is ready."""
    folder.mkdir()
    with Cluster(folder, environment(bootstrap, prefix), command=DELIVER) as cluster:
        cluster.scale(1)
        (delivery,) = cluster.running()
        wait_until(lambda: bool(said(delivery, "deliver_starts")), what="it starts to deliver")
        assert reasons(delivery, "readyz").keys() == {"broker", "loaded"}
        wait_until(lambda: is_all_right(delivery), what="it is ready to deliver")
        yield delivery
        assert cluster.running() == [delivery]


def is_all_right(worker: Worker) -> bool:
    """Whether no check of its readiness objects."""
    return set(reasons(worker, "readyz").values()) == {"ok"}


def cpu_seconds(worker: Worker) -> float:
    """Processor time of the worker's own process so far, all threads."""
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def has_said(worker: Worker, *events: str) -> None:
    """Wait until the worker has said these, in this order, and nothing else of its broker."""
    what = f"the worker says {' and '.join(events)}"
    wait_until(lambda: len(said(worker, "broker_away", "broker_back")) >= len(events), what=what)
    assert [each["event"] for each in said(worker, "broker_away", "broker_back")] == list(events)


def test_a_worker_gets_over_a_broker_that_goes_away(start_broker: Callable[[], Broker], tmp_path: Path) -> None:
    """Killed before the first record was asked for, then frozen, then gone for good: one worker lives through it."""
    broker = start_broker()
    with one_worker(tmp_path, broker.bootstrap, "away.") as (cluster, worker):
        assert reasons(worker, "readyz")["broker"] == "ok"
        with one_delivery(tmp_path / "deliver", broker.bootstrap, "away.") as delivery:
            os.kill(broker.pid, signal.SIGKILL)
            broker = check_that_it_is_got_over(worker, delivery, broker, start_broker)
        check_that_silence_is_heard(worker, broker)
        assert cluster.running() == [worker]
        broker.stop()  # both are taken down together, the broker first: nobody waits for it to come back
        wait_until(lambda: not broker.is_alive(), what="the broker is gone")
        cluster.scale(0)
        worker.process.wait(60)
    assert worker.process.returncode in {0, 70, 72}, cluster.logs()
    lines = worker.log.read_text()
    assert "Unclosed" not in lines  # nothing was opened again and again
    assert len(lines.splitlines()) < 70  # a clear message is not hundreds of them


def check_that_it_is_got_over(
    worker: Worker, delivery: Worker, broker: Broker, start_broker: Callable[[], Broker]
) -> Broker:
    """Told once, not spinning meanwhile; the same process goes on, works, and says so once. The broker that is back."""
    has_said(worker, "broker_away")
    assert reasons(worker, "readyz")["broker"] == "broker_away"
    has_said(delivery, "broker_away")
    assert reasons(delivery, "readyz")["broker"] == "broker_away"
    began_at, spent_seconds = time.monotonic(), cpu_seconds(worker)
    wait_until(lambda: time.monotonic() - began_at > AWAY_SECONDS, what="the broker is away for a while")
    assert cpu_seconds(worker) - spent_seconds < 0.5 * (time.monotonic() - began_at)
    broker = start_broker()
    asyncio.run(write_records(broker.bootstrap, [chat_complaint("away.")]))

    def is_told() -> bool:
        return any(asyncio.run(read_topics(broker.bootstrap, ["away.complaints.alerts"])).values())

    wait_until(is_told, what="the complaint is told")
    has_said(worker, "broker_away", "broker_back")
    away, back = said(worker, "broker_away", "broker_back")
    assert (away["broker"], back["broker"]) == (broker.bootstrap, broker.bootstrap)
    assert back["away_seconds"] > away["silent_seconds"] + AWAY_SECONDS
    for each in (worker, delivery):
        wait_until(lambda each=each: is_all_right(each), what="it is ready again")
    return broker


def check_that_silence_is_heard(worker: Worker, broker: Broker) -> None:
    """A firewall or a host that hangs closes no connection: that no fetch is answered tells it as well."""
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        has_said(worker, "broker_away", "broker_back", "broker_away")
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    has_said(worker, *["broker_away", "broker_back"] * 2)
