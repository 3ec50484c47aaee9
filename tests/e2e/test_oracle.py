"""The numbers are right after any crash: a cluster is disrupted in every way we know, then compared with the oracle."""

import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agents.broker import Broker
from tests.support.cluster import Cluster, Worker, wait_until
from tests.support.counts import everybody_counts_the_same
from tests.support.dialogues import read_dialogues, records
from tests.support.disruptions import (
    WORKER,
    Disruptions,
    again,
    caught_up,
    environment,
    feeding,
    finish,
    is_ready,
    prepared,
)
from tests.support.kafka import Kafka
from tests.support.prometheus import prometheus
from tests.support.shared_data import shared_data

STORY = (
    "join", "kill", "term", "leave", "rebalance_in_recovery", "freeze", "kill", "kill", "lose_broker", "join", "term",
    "kill",
)  # fmt: skip
EVENTS_PER_SECOND = 500
BOARD = ("-m", "agents.cli", "board")


def test_a_cluster_makes_of_dialogues_what_the_runner_makes(kafka: Kafka, tmp_path: Path) -> None:
    """A thousand real dialogues as calls and chats, undisturbed: row for row and record for record."""
    dialogues = read_dialogues(shared_data("dialogues_dev.jsonl"))
    prefix = kafka.prefix()
    sent = records(dialogues, prefix=prefix, started_at_ms=int(time.time() * 1000) - 600_000, poison_share=0.001)
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        with feeding(kafka.bootstrap, sent, per_second=None):
            pass
        result = finish(kafka.bootstrap, prefix, cluster)
    assert cluster.exits == [0], cluster.logs()
    assert result.events == len(sent)
    assert result.outputs > 100
    assert result.dead_letters > 0
    assert result.windows > 0
    assert result.contexts > 0


def disrupt(
    start_broker: Callable[[], Broker], folder: Path, story: Callable[[Disruptions], None], events: int
) -> None:
    """Feed so many events at a steady rate, let the story happen to two workers, compare counts, ask the oracle."""
    broker = start_broker()
    prefix = "oracle."
    sent = prepared(prefix, events)
    with Cluster(folder, environment(broker.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(2)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        dice = random.Random(os.environ.get("TOCSIN_SOAK_SEED", "7"))
        disruptions = Disruptions(cluster, lambda: again(broker, start_broker), dice)
        with feeding(broker.bootstrap, sent, per_second=EVENTS_PER_SECOND) as still_feeds:
            disruptions.until(lambda: not still_feeds(), story)
        caught_up(broker.bootstrap, prefix)
        rises = counted_alike(broker.bootstrap, prefix, cluster.running(), folder)
        result = finish(broker.bootstrap, prefix, cluster)
    assert result.events >= len(sent), cluster.logs()
    assert result.dead_letters > 0
    assert result.warnings > 0
    assert result.contexts > 0
    assert {"open", "kept", "broken"} <= set(result.promises)
    assert result.moved > 0
    assert rises > 100
    assert len(cluster.exits) >= 5  # it was a story with dead workers in it
    print(f"\n{result}; exit codes of workers: {sorted(cluster.exits)}")


def counted_alike(bootstrap: str, prefix: str, workers: Sequence[Worker], folder: Path) -> int:
    """How many rises page, Prometheus and `regions.windows` know by region and level, which must be the same ones."""
    (folder / "board").mkdir()
    variables = environment(bootstrap, prefix) | {"TOCSIN_BOARD__PORT": "0"}
    with Cluster(folder / "board", variables, command=BOARD) as boards:
        boards.scale(1)
        asked = [(each, "ops_listens") for each in workers] + [(each, "board_listens") for each in boards.running()]
        wait_until(lambda: all(each.told(event) for each, event in asked), what="board and metrics")
        *metrics, page = (each.told(event) for each, event in asked)
        with prometheus(folder, targets={"tocsin": metrics}) as server:
            return everybody_counts_the_same(bootstrap, prefix, page=page, server=server)


def test_the_numbers_are_right_after_any_crash(start_broker: Callable[[], Broker], tmp_path: Path) -> None:
    """Every disruption that the design names, in one run, under a steady stream with poison in it."""

    def story(disruptions: Disruptions) -> None:
        for name in STORY:
            disruptions.happen(name)
            disruptions.wait(4)

    disrupt(start_broker, tmp_path, story, 60_000)


@pytest.mark.soak
def test_soak(start_broker: Callable[[], Broker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random disruptions for `TOCSIN_SOAK_SECONDS`; the seed is printed and `TOCSIN_SOAK_SEED` repeats it."""
    seconds = int(os.environ.get("TOCSIN_SOAK_SECONDS", "600"))
    seed = os.environ.get("TOCSIN_SOAK_SEED") or str(int(time.time()))
    monkeypatch.setenv("TOCSIN_SOAK_SEED", seed)
    print(f"\nTOCSIN_SOAK_SEED={seed}")
    dice = random.Random(seed)

    def story(disruptions: Disruptions) -> None:
        while not disruptions.is_over:
            name = dice.choice(Disruptions.NAMES)
            print(f"  {name}", flush=True)
            disruptions.happen(name)
            disruptions.wait(dice.uniform(1.0, 8.0))

    disrupt(start_broker, tmp_path, story, seconds * EVENTS_PER_SECOND)
