"""A real node: what survives its stop, and what is refused."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.broker import Broker, BrokerError
from agents.broker.identity import identity, signal_if_same
from agents.broker.readiness import answers
from tests.support.kafka import Kafka


async def test_data_and_port_survive_a_stop(start_broker: Callable[[], Broker]) -> None:
    """A record written before the stop is read after the start, under the same address."""
    first = start_broker()
    await Kafka(first).create_topics("kept", partitions=1)
    async with AIOKafkaProducer(bootstrap_servers=first.bootstrap) as producer:
        await producer.send_and_wait("kept", "您好".encode())
    first.stop()
    assert not first.is_alive()
    assert not answers(first.bootstrap)

    second = start_broker()
    assert second.bootstrap == first.bootstrap
    assert second.pid != first.pid
    consumer = AIOKafkaConsumer(bootstrap_servers=second.bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition("kept", 0)])
    async with consumer:
        assert (await consumer.getone()).value.decode() == "您好"


def test_a_second_node_in_the_same_folder_is_refused(kafka: Kafka) -> None:
    """Two nodes on one data folder would destroy it."""
    with pytest.raises(BrokerError, match="already"):
        Broker.start(kafka.broker.folder)


def test_a_taken_port_is_named(kafka: Kafka, tmp_path: Path) -> None:
    """The message says which port another program holds."""
    with pytest.raises(BrokerError, match=f"port {kafka.broker.port} is taken"):
        Broker.start(tmp_path / "other", port=kafka.broker.port)


def test_no_topic_comes_by_itself(kafka: Kafka) -> None:
    """Automatic creation is off, and the node is found again by its folder."""
    assert "auto.create.topics.enable=false" in (kafka.broker.folder / "server.properties").read_text()
    assert Broker.running(kafka.broker.folder) == kafka.broker


def test_a_pid_that_was_given_away_is_not_ended() -> None:
    """A recorded pid whose start time or command differs gets no signal."""
    mine = identity(os.getpid())
    assert mine is not None
    assert not signal_if_same(os.getpid(), f"{mine} of somebody else", signal.SIGKILL)
