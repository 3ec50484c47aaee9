"""A source topic that was deleted and made anew: what is written to it then is read from its first record on."""

import asyncio
import json
import time
from base64 import b64decode
from pathlib import Path

from tests.support.cluster import Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.kafka import Kafka
from tests.support.logs import said
from tests.support.topics import Sent, read_topics, write_records

TOPIC = "tickets.events"
PARTITIONS = 4
FORMER = [f"former {number}".encode() for number in range(5)]
ANEW = [f"anew {number}".encode() for number in range(7)]


def test_nothing_of_a_topic_that_was_made_anew_is_passed_over(kafka: Kafka, tmp_path: Path) -> None:
    """Its offsets begin at 0 again, below the positions of the stages that read the former one."""
    prefix = kafka.prefix()
    topic, written_ms = prefix + TOPIC, int(time.time() * 1000)

    def write(values: list[bytes]) -> None:
        sent = [Sent(topic, 0, b"T", value, written_ms) for value in values]
        asyncio.run(write_records(kafka.bootstrap, sent))

    def refused() -> set[bytes]:
        letters = asyncio.run(read_topics(kafka.bootstrap, [f"{prefix}deadletters"]))
        return {b64decode(json.loads(each.value)["bytes_b64"]) for records in letters.values() for each in records}

    def has_topic() -> bool:
        async def ask() -> bool:
            async with kafka.admin() as admin:
                return topic in await admin.list_topics()

        return asyncio.run(ask())

    async def delete() -> None:
        async with kafka.admin() as admin:
            await admin.delete_topics([topic])

    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        write(FORMER)
        wait_until(lambda: refused() == {*FORMER}, what="the first records are read")
        (worker,) = cluster.running()
        cluster.scale(0)
        assert worker.process.wait(60) == 0, cluster.logs()
        asyncio.run(delete())
        wait_until(lambda: not has_topic(), what="the topic is gone")
        cluster.scale(1)
        (worker,) = cluster.running()
        wait_until(lambda: len(said(worker, "partition_taken_over")) == PARTITIONS, what="all is taken over")
        write(ANEW)
        wait_until(lambda: refused() == {*FORMER, *ANEW}, what="all that was written anew is read")
        told = {(each["stage"], each["read_until"], each["goes_on_at"]) for each in said(worker, "source_made_anew")}
        assert ("tickets", 5, 0) in told
