"""The reader at work on a real Kafka: what neither rules nor linear model see is tagged, and names both versions.

It takes so long that a backlog must not be read in one turn: the loop, the group and the watchdog wait for turns.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from agents.engine.transactions import partition_of
from agents.files.models import load_model
from agents.settings import Settings
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.tagged import Tag
from schemas.topics import TAGGED, UTTERANCES
from schemas.vocabulary import Level, Role
from tests.e2e.test_service_quality import values
from tests.support.cluster import Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.topics import Sent, settled, write_records

SETTING = "builtin+reader"
ONLY_READ = "同一句话我讲了五遍了"
PLAIN = "好的，谢谢"
PARTITIONS = 4
LONG = "我都打了五次电话了，每次都说会有人联系我，结果到现在也没有任何人给我一个说法。" * 4


def test_the_example_needs_the_reader() -> None:
    """Else the test below would show nothing."""
    with_it, without = (Tagger(load_pack(), model=load_model(name)) for name in (SETTING, "builtin"))
    assert without.tag([ONLY_READ], [Role.CUSTOMER]) == [None]
    assert with_it.tag([ONLY_READ], [Role.CUSTOMER])[0].level is Level.POTENTIAL


def said(prefix: str, texts: Sequence[str]) -> list[Sent]:
    """Each text in a conversation of its own."""
    now_ms = int(time.time() * 1000)
    sent = []
    for number, text in enumerate(texts):
        conversation = f"c-{number}"
        body = utterance(number, occurred_at=now_ms, conversation_id=conversation, text=text)
        value = json.dumps(body, ensure_ascii=False).encode()
        partition = partition_of(conversation.encode(), PARTITIONS)
        sent.append(Sent(prefix + UTTERANCES.name, partition, conversation.encode(), value, now_ms))
    return sent


def test_a_worker_reads_again(kafka: Kafka, tmp_path: Path) -> None:
    """One complaint among plain words; the process beside the worker reads with the same files."""
    prefix = kafka.prefix()
    sent = said(prefix, [ONLY_READ if number == 7 else PLAIN for number in range(20)])
    variables = {**environment(kafka.bootstrap, prefix), "TOCSIN_MODEL": SETTING}
    asyncio.run(settled(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)))
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, sent, per_second=None))
        wait_until(lambda: bool(values(kafka.bootstrap, prefix, TAGGED)), what="a tag")
    (tag,) = [msgspec.convert(each, Tag) for each in values(kafka.bootstrap, prefix, TAGGED)]
    assert (tag.conversation_id, tag.level) == ("c-7", Level.POTENTIAL)
    assert tag.model_version == load_model(SETTING).version


def test_a_backlog_is_worked_off_and_shared(kafka: Kafka, tmp_path: Path) -> None:
    """More than a minute of reading waits as the worker starts, and a second one joins in the middle of it."""
    prefix = kafka.prefix()
    variables = {**environment(kafka.bootstrap, prefix), "TOCSIN_MODEL": SETTING}
    del variables["TOCSIN_ENGINE__BATCH_RECORDS_MAX"]
    asyncio.run(settled(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)))
    asyncio.run(write_records(kafka.bootstrap, said(prefix, [f"{number}{LONG}" for number in range(2_000)])))

    def tagged() -> int:
        return len(values(kafka.bootstrap, prefix, TAGGED))

    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(lambda: tagged() > 0, what="the first tags")
        cluster.scale(2)
        wait_until(is_ready(cluster, 2), what="both workers have partitions")
        shared = tagged()
        wait_until(lambda: tagged() > shared, what="more tags")
        assert cluster.exits == [], "nobody was taken for dead"
        assert tagged() < 2_000, "there was more to read than was read meanwhile"
