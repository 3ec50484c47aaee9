"""Pages of other processes, heard on a real Kafka: those of the last hour before we begin, then each as it comes."""

import asyncio
import time

import pytest

from agents.app import connection_of
from agents.deliver.paged import Paged, hear
from agents.settings import Settings
from agents.topics import ensure_topics
from schemas import codec
from schemas.deliveries import Outcome, Receipt, Result
from schemas.topics import RECEIPTS
from tests.support.kafka import Kafka
from tests.support.topics import Sent, write_records

pytestmark = pytest.mark.e2e

WITHIN_SECONDS = 60.0
HOUR_MS = 3_600_000


def sent(settings: Settings, number: int, at_ms: int) -> Sent:
    """The receipt of one message to one person, by another process, on the partition of some channel."""
    receipt = Receipt(
        notification_id=f"n{number}", result=Result.SENT, reason=Outcome.ACCEPTED, attempt=1, latency_ms=1, at=at_ms,
        channel=f"channel-{number % 4}", to="duty-1",
    )  # fmt: skip
    topic = settings.topic_prefix + RECEIPTS.name
    return Sent(topic, number % settings.partitions, b"key", codec.encode(receipt), at_ms)


async def test_what_others_told_is_known_before_anybody_is_told(kafka: Kafka) -> None:
    """All partitions, an hour back and no further; what comes later is known too."""
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
    await ensure_topics(settings)
    now_ms = time.time_ns() // 1_000_000
    await write_records(kafka.bootstrap, [sent(settings, number, now_ms - 2 * HOUR_MS) for number in range(4)])
    await write_records(kafka.bootstrap, [sent(settings, number, now_ms - 1_000) for number in range(4, 10)])
    paged, caught_up = Paged(), asyncio.Event()
    hearing = asyncio.create_task(hear(connection_of(settings), paged, caught_up=caught_up, now_ms=now_ms))
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            await caught_up.wait()
            assert paged.at_ms() == {"duty-1": [now_ms - 1_000] * 6}
            await write_records(kafka.bootstrap, [sent(settings, 11, now_ms)])
            while len(paged.at_ms()["duty-1"]) < 7:  # noqa: ASYNC110  nobody here could set an event
                await asyncio.sleep(0.01)
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
