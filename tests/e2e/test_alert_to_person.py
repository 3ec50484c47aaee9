"""From a sentence to a person and back, on a real Kafka, with a vendor on this machine that counts what it gets."""

import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.actions import action, publish_actions, read_incidents
from agents.channels.outgoing import CONNECTIONS_TO_ONE_HOST
from agents.topics import ensure_topics
from pipeline.stage import SETTLING_MS
from schemas.actions import ActionKind, ActionSource
from schemas.cards import Card
from schemas.deliveries import BudgetClass, Notification, Receipt, Receiver, Result
from schemas.incidents import IncidentState
from schemas.vocabulary import Level
from tests.support.cluster import Cluster, until
from tests.support.disruptions import WORKER
from tests.support.kafka import Kafka
from tests.support.town import DELIVER, Town, ticking
from tests.support.vendors import FakeVendor, Reply, Seen, fake_vendor, said

pytestmark = pytest.mark.e2e

# Longer than these steps of the chain wait; and a clock that jumps by five minutes would wake nobody.
SECOND_STEP_MS, THIRD_STEP_MS = 15_000, 3 * 60_000


def notice(number: int, channel: str = "hook", **changes: Any) -> Notification:
    """A notification that is news for an hour."""
    now_ms = time.time_ns() // 1_000_000
    fields = {
        "notification_id": f"n{number}", "channel": channel, "to": "duty-1" if channel == "hook" else "group",
        "incident_id": f"i{number}", "step": 0, "budget_class": BudgetClass.NORMAL, "dedup_key": f"i{number}",
        "card": Card(title=f"card {number}", level=Level.EXPLICIT), "not_after": now_ms + 3_600_000,
        "emitted_at": now_ms,
    }  # fmt: skip
    return Notification(**fields | changes)


async def test_a_chain_goes_to_its_end_unless_somebody_answers(kafka: Kafka, tmp_path: Path) -> None:
    """Two calls at high risk: nobody answers one, and all three steps are told; the other is acknowledged in step 2."""
    async with fake_vendor() as vendor:
        town = Town(kafka, tmp_path, vendor)
        await ensure_topics(town.settings)
        with town.processes("worker", WORKER) as workers, town.processes("deliver", DELIVER) as delivery:
            workers.scale(1)
            delivery.scale(1)
            try:
                await until(lambda: ticking(town), "a worker that ticks")
                await town.says("call-1", "你们再不处理我就打12315投诉", 1)
                await town.says("call-2", "不退钱我就去12315举报你们", 2)
                await vendor.has_seen(2)
                await town.passes(SETTLING_MS + SECOND_STEP_MS)
                await vendor.has_seen(4)
                found = await read_incidents(town.settings)
                (answered,) = [each for each in found.values() if "call-1" in each.incident_id]
                assert answered.state is IncidentState.OPEN
                ack = action(
                    ActionKind.ACK, region=answered.regions[0], actor="duty-1", source=ActionSource.CLI,
                    incident_id=answered.incident_id,
                )  # fmt: skip
                await publish_actions(town.settings, [ack])
                await until(lambda: acked(town, answered.incident_id), "the acknowledgement is known")
                await town.passes(SETTLING_MS + THIRD_STEP_MS)
                await vendor.has_seen(5)
                sent = await until(lambda: finished(town, 5), "five receipts")
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{workers.logs()}\n{delivery.logs()}") from error
        assert town.by_path == {"/robot/send": 2, "/hook": 3}
        robot = [seen for seen in vendor.seen if seen.path == "/robot/send"]
        assert all(seen.query["sign"] and "高危投诉｜广东" in seen.body.decode() for seen in robot)
        hooks = [seen.json()["data"] for seen in vendor.seen if seen.path == "/hook"]
        assert sorted(each["to"] for each in hooks) == ["duty-1", "duty-1", "duty-2"]
        assert all("call-2" in each["incident_id"] for each in hooks if each["to"] == "duty-2")
        assert {receipt.result for receipt in sent} == {Result.SENT}
        assert "S3cretPart" not in logged(tmp_path)
        assert "12315" not in logged(tmp_path)


def logged(folder: Path) -> str:
    """Everything that any process logged."""
    return "".join(log.read_text("utf-8") for log in folder.glob("*/worker-*.log"))


async def acked(town: Town, incident_id: str) -> bool:
    """Whether the incident is acknowledged."""
    return (await read_incidents(town.settings))[incident_id].state is IncidentState.ACKED


async def finished(town: Town, count: int) -> list[Receipt]:
    """The receipts of what is finished, once there are so many."""
    done = [each for each in await town.receipts() if each.result in {Result.SENT, Result.BUNDLED}]
    return done if len(done) >= count else []


async def test_a_kill_in_the_middle_loses_nothing(kafka: Kafka, tmp_path: Path) -> None:
    """Killed between a request and its receipt: each notification arrives; only those under way may come twice."""
    async with fake_vendor() as vendor:
        town = Town(kafka, tmp_path, vendor)
        await ensure_topics(town.settings)
        await town.notify([notice(number) for number in range(40)])
        with town.processes("deliver", DELIVER) as delivery:
            vendor.answering = lambda _: kill_at_the_tenth(vendor, delivery)
            delivery.scale(1)
            await until(lambda: finished(town, 40), "forty receipts")
        ids = Counter(seen.headers["idempotency-key"] for seen in vendor.seen)
        assert set(ids) == {f"n{number}" for number in range(40)}
        assert max(ids.values()) <= 2
        assert sum(ids.values()) <= 40 + CONNECTIONS_TO_ONE_HOST
        assert -signal.SIGKILL in delivery.exits


def kill_at_the_tenth(vendor: FakeVendor, delivery: Cluster) -> Reply:
    """The vendor has taken the tenth message, and whoever sent it dies before it can write that down."""
    if len(vendor.seen) == 9 and not delivery.exits:
        for worker in delivery.running():
            worker.send(signal.SIGKILL)
    return said(ok=True)


async def test_when_dingtalk_mutes_the_robot_high_risk_arrives_another_way(kafka: Kafka, tmp_path: Path) -> None:
    """After 130101 nothing more goes to the robot; what is at high risk reaches the person, the rest waits."""

    def answer(seen: Seen) -> Reply:
        return said(errcode=130101, errmsg="send too fast") if seen.path == "/robot/send" else said(ok=True)

    async with fake_vendor() as vendor:
        vendor.answering = answer
        town = Town(kafka, tmp_path, vendor)
        await ensure_topics(town.settings)
        away = (Receiver(channel="hook", to="duty-1"),)
        grave = [notice(number, "robot", budget_class=BudgetClass.RESERVED, alternatives=away) for number in range(5)]
        with town.processes("deliver", DELIVER) as delivery:
            delivery.scale(1)
            await town.notify([*grave, notice(9, "robot")])
            await vendor.has_seen(6)
            await until(lambda: finished(town, 5), "five receipts")
        assert town.by_path == {"/robot/send": 1, "/hook": 5}
        results = Counter(each.result for each in await town.receipts())
        assert results == {Result.FAILED_PERM: 5, Result.SENT: 5}
