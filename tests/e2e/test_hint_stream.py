"""From a sentence to the agent's desktop on a real Kafka: within a second, and over a server that is killed."""

import itertools
import os
import time
from pathlib import Path

import aiohttp
import orjson
import pytest

from agents.broker.config import free_ports
from agents.engine.transactions import partition_of
from agents.settings import Settings
from agents.topics import ensure_topics
from schemas.topics import TICKS
from tests.support.cluster import PATIENCE_SECONDS, Cluster, until
from tests.support.disruptions import WORKER
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records

pytestmark = pytest.mark.e2e

HINTS = ("-m", "agents.cli", "hints")
MEASURED = 40
_number = itertools.count(1)


async def says(kafka: Kafka, settings: Settings) -> tuple[str, int]:
    """A customer threatens, in a call of its own; the call, and when."""
    number = next(_number)
    call, now_ms = f"call-{number}", time.time_ns() // 1_000_000
    body = utterance(
        number, conversation_id=call, occurred_at=now_ms, text="你们再不处理我就打12315投诉", agent_id="agent-17"
    )
    value = orjson.dumps({"schema": "call.utterance/1", **body})
    topic = settings.topic_prefix + "calls.utterances"
    await write_records(kafka.bootstrap, [Sent(topic, partition_of(call.encode(), 4), call.encode(), value, now_ms)])
    return call, now_ms


@pytest.mark.alone
async def test_a_hint_reaches_the_desktop_within_a_second(kafka: Kafka, tmp_path: Path, capsys) -> None:
    """Forty sentences: each is on the agent's WebSocket, and 99 of 100 within a second of being written to Kafka."""
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
    await ensure_topics(settings)
    (port,) = free_ports(1)
    environment = {
        "TOCSIN_BROKER": kafka.bootstrap,
        "TOCSIN_TOPIC_PREFIX": settings.topic_prefix,
        "TOCSIN_HINTS__PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    for name in ("worker", "hints"):
        (tmp_path / name).mkdir()
    with (
        Cluster(tmp_path / "worker", environment, command=WORKER) as workers,
        Cluster(tmp_path / "hints", environment, command=HINTS) as servers,
    ):
        workers.scale(1)
        servers.scale(1)

        async def ticks() -> bool:
            found = await read_topics(kafka.bootstrap, [settings.topic_prefix + TICKS.name])
            return all(found.values())

        async def listens() -> bool:
            try:
                async with aiohttp.ClientSession() as session, session.get(f"{url}/livez"):
                    return True
            except aiohttp.ClientError:
                return False

        try:
            await until(ticks, "a worker that ticks")
            await until(listens, "a hint server that answers")
            delays_ms, last = await measured(kafka, settings, url)
            for server in servers.running():
                server.process.kill()
            call, _ = await says(kafka, settings)  # while nobody serves hints

            async def remembers() -> bool:
                return await listens() and call in await lately(url)

            await until(remembers, "a hint server that has read the log again")
            assert await missed(url, last) == [call]
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(f"{error}\n{workers.logs()}\n{servers.logs()}") from error
    p50, p99 = delays_ms[len(delays_ms) // 2], delays_ms[int(len(delays_ms) * 0.99)]
    with capsys.disabled():
        print(
            f"\nsentence to desktop, {len(delays_ms)} times: p50 {p50} ms, p99 {p99} ms, load {os.getloadavg()[0]:.1f}"
        )
    assert p99 < 1_000


async def measured(kafka: Kafka, settings: Settings, url: str) -> tuple[list[int], str]:
    """Delays in milliseconds, sorted, and the id of the last hint. The first sentences warm everything up."""
    delays_ms, last = [], ""
    async with aiohttp.ClientSession() as session:
        address = f"{url}/api/hints/socket"
        async with session.ws_connect(address, params={"agent": "agent-17", "all": "1"}) as socket:
            for _ in range(MEASURED + 5):
                call, said_ms = await says(kafka, settings)
                told = await socket.receive_json(timeout=PATIENCE_SECONDS)
                delays_ms.append(time.time_ns() // 1_000_000 - said_ms)
                assert told["hint"]["conversation_id"] == call
                assert told["hint"]["level"] == "high_risk"
                last = told["id"]
    return sorted(delays_ms[5:]), last


async def lately(url: str) -> list[str]:
    """Calls of the hints that the server knows; none while it reads the last minutes."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/hints", params={"agent": "agent-17"}) as answer,
    ):
        items = (await answer.json())["items"] if answer.ok else []
        return [each["hint"]["conversation_id"] for each in items]


async def missed(url: str, last: str) -> list[str]:
    """Calls of the hints after the last one that was seen, once there is one."""
    params = {"agent": "agent-17", "last_event_id": last}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/api/hints/socket", params=params) as socket,
    ):
        told = await socket.receive_json(timeout=PATIENCE_SECONDS)
        return [told["hint"]["conversation_id"]]
