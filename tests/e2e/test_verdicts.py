"""Verdicts on a real Kafka: a label for each judged alert, once, over a keeper that is ended and started again."""

import asyncio
import time

import orjson
import pytest

from agents.settings import Settings
from agents.topics import ensure_topics
from agents.verdicts.keep import Keeper, read_ledger
from schemas import codec
from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.topics import ACTION_AUDITS, ALERTS, LABELS
from tests.support.boards import quoted
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records

pytestmark = pytest.mark.e2e


async def test_each_judged_alert_has_one_label(kafka: Kafka) -> None:
    """Twenty verdicts on alerts of two partitions; a second keeper writes nothing twice and takes what is new."""
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
    await ensure_topics(settings)
    alerts = [quoted(number, "我要投诉，退钱", 2, 4, alert_id=f"a{number}") for number in range(30)]
    await written(kafka, settings, ALERTS.name, {each.alert_id: each for each in alerts})
    await written(kafka, settings, ACTION_AUDITS.name, {f"v{n}": verdict(n, n % 4 != 0) for n in range(20)})
    await kept_until(settings, 20)
    await written(kafka, settings, ACTION_AUDITS.name, {"v0": verdict(0, is_right=True, at=9), "v25": verdict(25)})
    await kept_until(settings, 21, changed="a0")
    ledger = await read_ledger(settings)
    assert ledger.rules["level.explicit"] == {Verdict.TRUE: 17, Verdict.FALSE_ALARM: 4}
    found = await read_topics(kafka.bootstrap, [settings.topic_prefix + LABELS.name])
    labels = [orjson.loads(each.value) for held in found.values() for each in held]
    assert len(labels) == 22
    assert not [each for each in labels if each.get("text")]


def verdict(number: int, is_right: bool = True, at: int = 1) -> ActionAudit:
    """Somebody judged an alert."""
    return ActionAudit(
        action_id=f"v{number}-{at}", action=ActionKind.VERDICT, result=ActionResult.TAKEN, region="440000",
        actor="duty-1", source=ActionSource.BOARD, at=at, alert_id=f"a{number}",
        verdict=Verdict.TRUE if is_right else Verdict.FALSE_ALARM,
    )  # fmt: skip


async def written(kafka: Kafka, settings: Settings, topic: str, values: dict) -> None:
    """Records as the stages write them, on two partitions."""
    now_ms = time.time_ns() // 1_000_000
    sent = [
        Sent(settings.topic_prefix + topic, number % 2, key.encode(), codec.encode(value), now_ms)
        for number, (key, value) in enumerate(values.items())
    ]
    await write_records(kafka.bootstrap, sent)


async def kept_until(settings: Settings, count: int, changed: str = "") -> None:
    """A keeper works until the topic holds so many labels, then it is ended."""
    task = asyncio.create_task(Keeper(settings).run())
    try:
        async with asyncio.timeout(60):
            while True:
                labels = {each.alert_id: each for each in (await read_ledger(settings)).labels()}
                if len(labels) == count and (not changed or labels[changed].verdict is Verdict.TRUE):
                    return
                assert not task.done(), task
                await asyncio.sleep(0.2)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
