"""Hot words on a real Kafka: from what customers say to `tocsin words`, over regions of different partitions."""

import asyncio
import json
import time
from pathlib import Path

from agents.engine.transactions import partition_of
from agents.settings import Settings
from schemas.topics import ALERTS, HOT_WORDS
from tests.support.cluster import Cluster, wait_until
from tests.support.commands import tocsin
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, settled, write_records

REGIONS = ("440000", "310000")
MINUTE = 60_000


def said(number: int, text: str, at_ms: int) -> Sent:
    """One customer complains in a chat."""
    key = f"words-{number}".encode()
    body = {
        "schema": "chat.message/1",
        "event_id": f"words-{number}-1",
        "source": "test",
        "occurred_at": at_ms,
        "conversation_id": key.decode(),
        "message_id": "m1",
        "role": "customer",
        "sender_id": "s1",
        "channel": "app",
        "text": text,
        "content_type": "text",
        "sent_at": at_ms,
        "region": REGIONS[number % 2],
        "customer_key": f"k{number}",
    }
    value = json.dumps(body).encode()
    return Sent("chats.messages", partition_of(key, 4), key, value, at_ms)


def test_a_new_word_is_heard_shown_and_proposed(kafka: Kafka, tmp_path: Path) -> None:
    """Sixty ordinary complaints of the hours before teach what is usual; six about something new are hot at once."""
    prefix = kafka.prefix()
    variables = environment(kafka.bootstrap, prefix)
    asyncio.run(settled(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)))
    now_ms = time.time_ns() // 1_000_000
    usual = [said(n, "我要投诉，退款一直没到账", now_ms - 300 * MINUTE + n * 3 * MINUTE) for n in range(60)]
    new = [said(100 + n, "我要投诉，充电宝鼓包了，电话13800138000", now_ms - 2_000 + n) for n in range(6)]
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, prefixed(prefix, usual)))
        wait_until(lambda: len(values(kafka, prefix, ALERTS.name)) >= 60, what="the usual")
        asyncio.run(write_records(kafka.bootstrap, prefixed(prefix, new)))

        def top() -> list[dict[str, object]]:
            done = tocsin("words", "top", "--json", environment=variables)
            return json.loads(done.stdout)["terms"] if done.returncode == 0 else []

        def is_hot() -> bool:
            return any(b'"is_new":true' in each for each in values(kafka, prefix, HOT_WORDS.name))

        # ticks of the worker pass a minute: then it is looked at
        wait_until(lambda: is_hot() and any(each.get("is_new") for each in top()), what="the new word is hot")
        hottest = next(each for each in top() if each.get("is_new"))
        proposed = tocsin("words", "propose", environment=variables)
        history = tocsin("words", "history", "充电宝鼓包", environment=variables)
    assert hottest["term"] == "充电宝鼓包"
    assert hottest["customers"] == 6
    assert set(hottest["regions"]) == set(REGIONS)
    assert "  - 充电宝鼓包" in proposed.stdout
    assert "[手机]" in proposed.stdout
    assert "13800138000" not in proposed.stdout
    assert history.returncode in {0, 1}  # an hour may or may not have ended meanwhile
    assert "13800138000" not in history.stdout
    assert tocsin("words", "top", "--place", "999999", environment=variables).returncode == 2


def prefixed(prefix: str, sent: list[Sent]) -> list[Sent]:
    """The same on the topics of this test."""
    return [each._replace(topic=prefix + each.topic) for each in sent]


def values(kafka: Kafka, prefix: str, topic: str) -> list[bytes]:
    """What a topic holds."""
    found = asyncio.run(read_topics(kafka.bootstrap, [prefix + topic]))
    return [each.value or b"" for records in found.values() for each in records]
