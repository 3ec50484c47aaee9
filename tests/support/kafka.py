"""A real Kafka for tests: one per session, shared by all processes of pytest-xdist; and one to be broken by a test.

It runs on free ports, is stopped by its pid, and a broker that cannot start fails the test that asked for it.
"""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.broker import Broker
from agents.broker.distribution import locked


@dataclass
class Kafka:
    """Where the session's broker listens, and names that no other test uses."""

    broker: Broker
    names: Iterator[int] = field(default_factory=itertools.count)

    @property
    def bootstrap(self) -> str:
        """The bootstrap server for clients."""
        return self.broker.bootstrap

    def prefix(self) -> str:
        """A fresh prefix for the topics, groups and transactional ids of one test."""
        return f"t{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}-{os.getpid()}-{next(self.names)}."

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """A started admin client."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await client.start()
        try:
            yield client
        finally:
            await client.close()

    async def create_topics(self, *names: str, partitions: int = 4, **configs: str) -> None:
        """Create topics with replication factor 1; topic configuration by keyword with _ for dots."""
        settings = {name.replace("_", "."): value for name, value in configs.items()}
        async with self.admin() as admin:
            await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings) for name in names])


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The session's broker. The last process of the session that used it stops it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    users = shared / "kafka-users"
    with locked(shared / "kafka-users.lock"):
        broker = Broker.running(shared / "kafka") or Broker.start(shared / "kafka", is_brief=True)
        _add(users, 1)
    try:
        yield Kafka(broker)
    finally:
        with locked(shared / "kafka-users.lock"):
            if _add(users, -1) == 0:
                broker.stop()


@pytest.fixture
def start_broker(tmp_path: Path) -> Iterator[Callable[[], Broker]]:
    """Start a broker that this test may stop and start again: each call starts the same one, data and port kept."""
    with ExitStack() as at_the_end:

        def start() -> Broker:
            broker = Broker.start(tmp_path / "own-kafka", is_brief=True)
            at_the_end.callback(broker.stop)
            return broker

        yield start


def _add(users: Path, difference: int) -> int:
    count = int(users.read_text(encoding="utf-8") if users.exists() else 0) + difference
    users.write_text(str(count), encoding="utf-8")
    return count
