"""A card on a telephone follows its incident, on a real Kafka: the same card, whoever delivers, and nothing new."""

import time
from pathlib import Path
from typing import Unpack

import pytest

from agents.actions import About, action, publish_actions, read_incidents
from agents.topics import ensure_topics
from schemas.actions import ActionKind, ActionSource, Matcher, Silence, Verdict
from schemas.incidents import Incident
from tests.support.cluster import until
from tests.support.disruptions import WORKER
from tests.support.kafka import Kafka
from tests.support.town import DELIVER, Town, ticking
from tests.support.vendors import FakeVendor, Reply, Seen, fake_vendor, said

pytestmark = pytest.mark.e2e

ONCALL = """
allow_private_hosts: [127.0.0.1]
channels:
  feishu: {kind: feishu_app, app_id: cli-1, app_secret: env:FAKE_SECRET, api: VENDOR}
people:
  duty-1: {contacts: {feishu: "ou_1"}}
chains:
  all: {steps: [{tell: ["person:duty-1"]}]}
routes:
  - {chain: all, levels: [high_risk]}
  - {chain: none}
"""


def answer(seen: Seen) -> Reply:
    """What Feishu says to an application."""
    if seen.path.endswith("/tenant_access_token/internal"):
        return said(code=0, tenant_access_token="T", expire=7200)
    return said(code=0, data={"message_id": "om_1"})


async def drawn(vendor: FakeVendor, count: int) -> str:
    """The card as it was drawn for the `count`-th time."""

    async def enough() -> list[Seen]:
        found = [seen for seen in vendor.seen if seen.method == "PATCH"]
        return found if len(found) >= count else []

    found = await until(enough, f"{count} cards that were drawn anew")
    assert {seen.path for seen in found} == {"/open-apis/im/v1/messages/om_1"}
    card: str = found[count - 1].json()["content"]
    return card


async def test_a_card_follows_its_incident(kafka: Kafka, tmp_path: Path) -> None:
    """Acknowledged, judged, silenced, resolved: one card says all of it, also after another process delivers."""
    async with fake_vendor() as vendor:
        vendor.answering = answer
        town = Town(kafka, tmp_path, vendor, ONCALL.replace("VENDOR", vendor.url))
        await ensure_topics(town.settings)
        with town.processes("worker", WORKER) as workers, town.processes("deliver", DELIVER) as delivery:
            workers.scale(1)
            delivery.scale(1)
            try:
                await until(lambda: ticking(town), "a worker that ticks")
                await town.says("call-1", "你们再不处理我就打12315投诉", 1)
                await vendor.has_seen(2)  # the token, and the card
                (incident,) = (await read_incidents(town.settings)).values()
                await acts(town, incident, ActionKind.ACK)
                assert "【已确认】" in await drawn(vendor, 1)
                await acts(town, incident, ActionKind.VERDICT, verdict=Verdict.FALSE_ALARM)
                assert "误报 · duty-1" in await drawn(vendor, 2)
                delivery.scale(0)
                delivery.scale(1)
                now_ms = time.time_ns() // 1_000_000
                matcher = Matcher(name="incident_id", value=incident.incident_id)
                silence = Silence(matchers=(matcher,), starts_at=now_ms, ends_at=now_ms + 3_600_000)
                await acts(town, incident, ActionKind.SILENCE, silence=silence)
                assert "静默" in await drawn(vendor, 3)
                await acts(town, incident, ActionKind.RESOLVE)
                assert "【已解决】" in await drawn(vendor, 4)
                await until(lambda: told(vendor), "the message that it is over")
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{workers.logs()}\n{delivery.logs()}") from error
        assert [seen.method for seen in vendor.seen if "token" not in seen.path] == ["POST", *["PATCH"] * 4, "POST"]
        results = [(each.redraws, each.result.value) for each in await town.receipts()]
        assert sorted(results) == [(False, "sent")] * 2 + [(True, "sent")] * 4


async def acts(town: Town, incident: Incident, kind: ActionKind, **about: Unpack[About]) -> None:
    """Somebody does something on the command line."""
    about["incident_id"] = incident.incident_id
    region = incident.regions[0]
    made = action(kind, region=region, actor="duty-1", source=ActionSource.BOARD, **about)
    await publish_actions(town.settings, [made])


async def told(vendor: FakeVendor) -> bool:
    """Whether a second message came."""
    return sum(seen.method == "POST" and "token" not in seen.path for seen in vendor.seen) >= 2
