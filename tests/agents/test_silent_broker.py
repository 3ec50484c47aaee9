"""A port that takes connections and says nothing: a firewall, another service, a broker that hangs."""

import asyncio
import socket
import time

import pytest

from agents import topics
from agents.broker_errors import BrokerError
from agents.settings import Settings
from agents.topics import admin_client


def test_a_port_that_says_nothing_is_told_soon(monkeypatch):
    """One sentence with the address, after the time that we give a broker to answer."""
    monkeypatch.setattr(topics, "ANSWER_SECONDS", 0.2)

    async def ask(port: int) -> None:
        async with admin_client(Settings(broker=f"127.0.0.1:{port}")):
            pass

    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections, nobody reads them
        port = silent.getsockname()[1]
        began_at = time.monotonic()
        with pytest.raises(BrokerError, match=rf"^127\.0\.0\.1:{port} does not answer as a Kafka broker does"):
            asyncio.run(ask(port))
        assert time.monotonic() - began_at < 5
