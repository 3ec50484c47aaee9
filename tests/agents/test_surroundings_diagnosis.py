"""The doctor looks at the port for metrics and health, on any kind of address, and at topics as a worker does."""

import asyncio
import socket
from dataclasses import replace

import pytest

from agents.diagnosis.finding import Finding, Verdict
from agents.diagnosis.surroundings import check_broker_and_topics, check_ops_port
from agents.settings import Settings
from agents.topics import admin_client, create, ensure_topics, wanted_topics
from tests.support.kafka import Kafka

LOOPBACKS = [
    pytest.param("127.0.0.1", socket.AF_INET, id="IPv4"),
    pytest.param("::1", socket.AF_INET6, id="IPv6"),
]


@pytest.mark.parametrize(("host", "family"), LOOPBACKS)
def test_a_port_is_free_or_taken(monkeypatch, host, family):
    """Taken while something listens there, free afterwards."""
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("TOCSIN_OPS__HOST", host)
        monkeypatch.setenv("TOCSIN_OPS__PORT", str(port))
        assert [finding.verdict for finding in check_ops_port()] == [Verdict.ODD]
    (finding,) = check_ops_port()
    assert (finding.verdict, finding.detail) == (Verdict.GOOD, f"{host}:{port} is free")


def topics_of(kafka: Kafka, monkeypatch, *, differing: str = "") -> list[Finding]:
    """What the doctor says to topics of eight partitions, where one may have four."""
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix(), partitions=8)
    monkeypatch.setenv("TOCSIN_BROKER", kafka.bootstrap)
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", settings.topic_prefix)
    odd_ones = [replace(each, partitions=4) for each in wanted_topics(settings) if differing and differing in each.name]

    async def make() -> None:
        async with admin_client(settings) as admin:
            await create(admin, odd_ones)
        await ensure_topics(settings)

    asyncio.run(make())
    return [finding for finding in check_broker_and_topics() if finding.what == "topics"]


def test_topics_of_another_partition_count_are_good_where_none_was_set(kafka: Kafka, monkeypatch):
    """A worker takes the count of the topics that are there, and runs; so the doctor has nothing to say."""
    (finding,) = topics_of(kafka, monkeypatch)
    assert (finding.verdict, finding.fix) == (Verdict.GOOD, "")


@pytest.mark.parametrize(
    ("partitions", "differing", "told"),
    [
        pytest.param("4", "", "need TOCSIN_PARTITIONS=4; found", id="another count was set"),
        pytest.param(None, "ticks", "ticks: 4 partitions", id="topics differ"),
    ],
)
def test_topics_that_end_a_worker_are_told_once(kafka: Kafka, monkeypatch, partitions, differing, told):
    """In the worker's own words, and not topic by topic."""
    if partitions is not None:
        monkeypatch.setenv("TOCSIN_PARTITIONS", partitions)
    (finding,) = topics_of(kafka, monkeypatch, differing=differing)
    assert finding.verdict is Verdict.BAD
    assert told in finding.detail
    assert "TOCSIN_PARTITIONS" in finding.fix
