"""Service quality on a real Kafka: a finding, a summary, an appeal, and an action that is refused."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from agents.engine.transactions import partition_of
from schemas import codec
from schemas.base import Wire
from schemas.chats import ChatPhase
from schemas.topics import DEADLETTERS, FINDINGS, MESSAGES, REVIEW_ACTIONS, Topic
from schemas.vocabulary import Role
from tests.pipeline.quality.test_reviews import action
from tests.support.cluster import Cluster, wait_until
from tests.support.conversations import NOON_MS, SECOND, chat_phase, message
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records


def sent(prefix: str, topic: Topic, value: Wire, at_ms: int) -> Sent:
    """One record as its sender would write it."""
    body, headers = codec.encode_record(value)
    return Sent(prefix + topic.name, partition_of(b"c1", 4), b"c1", body, at_ms, tuple(headers))


def test_findings_and_reviews_go_through_kafka(kafka: Kafka, tmp_path: Path) -> None:
    """What the agent said is told, the conversation is summed up, and its review moves by the rules."""
    prefix = kafka.prefix()
    now_ms = int(time.time() * 1000) - 60_000
    moved = now_ms - NOON_MS

    def said(*events: Any) -> list[Sent]:
        return [sent(prefix, MESSAGES, each, now_ms) for each in events]

    chat = said(
        message(1, moved, text="我要投诉，等了三天没人管"),
        message(2, moved + SECOND, text="您好，你去投诉吧", role=Role.AGENT, agent_id="a1"),
        chat_phase(3, ChatPhase.ENDED, moved + 20 * SECOND),
    )

    def seen(count: int, topic: Topic = FINDINGS) -> Callable[[], bool]:
        return lambda: len(values(kafka.bootstrap, prefix, topic)) >= count

    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, chat, per_second=None))
        wait_until(seen(3), what="two findings and a summary")
        finding = values(kafka.bootstrap, prefix, FINDINGS)[0]
        about = {"finding_id": finding["finding_id"], "occurred_at": now_ms, "at": now_ms}
        steps = [action("appeal", **about), action("decide", **about)]
        records = [sent(prefix, REVIEW_ACTIONS, each, now_ms) for each in steps]
        asyncio.run(write_records(kafka.bootstrap, records, per_second=None))
        wait_until(seen(4), what="the review")
        wait_until(seen(1, DEADLETTERS), what="the refusal")
    found = values(kafka.bootstrap, prefix, FINDINGS)
    assert [each["schema"] for each in found] == [
        "quality.finding/1",
        "quality.finding/1",
        "quality.summary/1",
        "quality.review/1",
    ]
    assert [each.get("check") for each in found] == ["confront", "apology", None, "confront"]
    assert found[2]["points"]["apologise"] == "missed"
    assert found[3]["state"] == "appealed"
    (letter,) = values(kafka.bootstrap, prefix, DEADLETTERS)
    assert (letter["reason"], letter["path"]) == ("illegal_step", "$.step")


def values(bootstrap: str, prefix: str, topic: Topic) -> list[dict[str, Any]]:
    """The bodies of every committed record of a topic."""
    found = asyncio.run(read_topics(bootstrap, [prefix + topic.name]))
    return [msgspec.json.decode(record.value or b"") for records in found.values() for record in records]
