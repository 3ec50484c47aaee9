"""From a card to an action and back, on a real Kafka: a link on two servers, and a vendor that calls back."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
import pytest

from agents.actions import read_audits, read_incidents
from agents.files.oncall import load_oncall
from agents.topics import ensure_topics
from pipeline.answers.acts import Act
from pipeline.answers.offers import offers_of
from pipeline.answers.seals import Keys
from pipeline.stage import SETTLING_MS
from schemas import codec
from schemas.actions import ActionSource
from schemas.audits import ActionAudit, ActionResult
from schemas.deliveries import Notification
from schemas.incidents import IncidentState
from schemas.topics import NOTIFICATIONS
from tests.support.answers import ENVIRONMENT, KEY, confirmed
from tests.support.cluster import PATIENCE_SECONDS, Cluster, until
from tests.support.disruptions import WORKER
from tests.support.kafka import Kafka
from tests.support.topics import read_topics
from tests.support.town import DELIVER, Town, ticking
from tests.support.vendor_calls import FEISHU, feishu_call, target
from tests.support.vendors import fake_vendor

pytestmark = pytest.mark.e2e

ANSWER = ("-m", "agents.cli", "answer")
ONCALL = f"""
allow_private_hosts: [127.0.0.1]
channels:
  hook: {{kind: webhook, url: env:FAKE_HOOK, secret: env:FAKE_SECRET, per_minute: 6000}}
  feishu: {{kind: feishu_app, app_id: {FEISHU["app_id"]}, app_secret: env:APP_SECRET}}
people:
  duty-1: {{contacts: {{hook: "duty-1"}}}}
  duty-2: {{contacts: {{hook: "duty-2"}}}}
  duty-3: {{contacts: {{feishu: "ou_3"}}}}
chains:
  links:
    steps:
      - tell: ["person:duty-1"]
      - {{tell: ["person:duty-2"], after: 12s}}
  buttons:
    steps:
      - tell: ["person:duty-3"]
routes:
  - {{chain: CHAIN, levels: [high_risk]}}
  - {{chain: none}}
answers:
  url: http://127.0.0.1
  keys: [env:ANSWER_KEY]
  callbacks:
    feishu: {{token: env:FEISHU_TOKEN, encrypt_key: env:FEISHU_KEY}}
"""


class AnswerTown(Town):
    """A town in which people answer."""

    def __init__(self, kafka: Kafka, folder: Path, vendor: object, chain: str) -> None:
        super().__init__(kafka, folder, vendor, ONCALL.replace("CHAIN", chain))
        self.environment |= {**ENVIRONMENT, "TOCSIN_ANSWER__PORT": "0"}

    async def servers(self, cluster: Cluster, count: int) -> list[str]:
        """Where the servers listen, once they all do."""

        async def listening() -> list[str]:
            found = re.findall(r'"url": ?"([^"]+)"[^\n]*"event": ?"answer_listens"', cluster.logs())
            found += re.findall(r'"event": ?"answer_listens"[^\n]*"url": ?"([^"]+)"', cluster.logs())
            return sorted(set(found)) if len(set(found)) >= count else []

        return await until(listening, f"{count} servers that listen")

    async def audits(self, count: int) -> list[ActionAudit]:
        """The audit, once it has so many lines."""

        async def enough() -> list[ActionAudit]:
            found = await read_audits(self.settings)
            return found if len(found) >= count else []

        return await until(enough, f"{count} lines of the audit")

    async def state(self) -> IncidentState:
        """How the one incident stands."""
        (incident,) = (await read_incidents(self.settings)).values()
        return incident.state


@asynccontextmanager
async def browsers(urls: list[str]) -> AsyncIterator[list[aiohttp.ClientSession]]:
    """A browser for each server."""
    sessions = [aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) for url in urls]
    try:
        yield sessions
    finally:
        for session in sessions:
            await session.close()


async def test_a_link_stops_the_chain_once(kafka: Kafka, tmp_path: Path) -> None:
    """Looking does nothing; confirming stops the chain; the other server, and the worker's next life, refuse it."""
    async with fake_vendor() as vendor:
        town = AnswerTown(kafka, tmp_path, vendor, "links")
        await ensure_topics(town.settings)
        with (
            town.processes("worker", WORKER) as workers,
            town.processes("deliver", DELIVER) as delivery,
            town.processes("answer", ANSWER) as answers,
        ):
            for cluster, count in ((workers, 1), (delivery, 1), (answers, 2)):
                cluster.scale(count)
            try:
                await until(lambda: ticking(town), "a worker that ticks")
                await town.says("call-1", "你们再不处理我就打12315投诉", 1)
                await vendor.has_seen(1)
                buttons = {each["label"]: each["url"] for each in vendor.seen[0].json()["data"]["card"]["buttons"]}
                seal = buttons["确认"].rpartition("/")[2]
                async with browsers(await town.servers(answers, 2)) as (one, other):
                    async with one.get(f"/a/{seal}", headers={"Host": "127.0.0.1"}) as page:
                        assert page.status == 200
                    assert await town.state() is IncidentState.OPEN
                    assert await read_audits(town.settings) == []
                    assert await confirmed(one, seal) in {200, 202}
                    (taken,) = await town.audits(1)
                    assert (taken.actor, taken.source, taken.result) == (
                        "duty-1",
                        ActionSource.LINK,
                        ActionResult.TAKEN,
                    )
                    assert await town.state() is IncidentState.ACKED
                    assert await confirmed(other, seal) in {409, 202}
                    await town.audits(2)
                    workers.scale(0)
                    workers.scale(1)
                    await town.passes(SETTLING_MS + 15_000)
                    assert await confirmed(one, seal) in {409, 202}
                    audits = await town.audits(3)
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{workers.logs()}\n{delivery.logs()}\n{answers.logs()}") from error
            logged = workers.logs() + delivery.logs() + answers.logs()
        assert [each.result for each in audits] == [ActionResult.TAKEN, *[ActionResult.REPEATED] * 2]
        assert len(vendor.seen) == 1  # nobody was told after the acknowledgement
        assert KEY not in logged
        assert seal not in logged


async def test_a_button_of_feishu_acts(kafka: Kafka, tmp_path: Path) -> None:
    """The vendor says who pressed, and is answered in time; a recorded call and a stranger's press do nothing."""
    async with fake_vendor() as vendor:
        town = AnswerTown(kafka, tmp_path, vendor, "buttons")
        await ensure_topics(town.settings)
        with town.processes("worker", WORKER) as workers, town.processes("answer", ANSWER) as answers:
            workers.scale(1)
            answers.scale(1)
            try:
                await until(lambda: ticking(town), "a worker that ticks")
                await town.says("call-1", "你们再不处理我就打12315投诉", 1)
                seal = await until(lambda: sealed(town), "a notification")
                async with browsers(await town.servers(answers, 1)) as (feishu,):
                    now_ms = time.time_ns() // 1_000_000
                    old = feishu_call(seal, user="ou_3", at_ms=now_ms - 3_600_000)
                    assert (await called(feishu, old))[0] == 401
                    assert "权限" in (await called(feishu, feishu_call(seal, user="ou_9", at_ms=now_ms)))[1]
                    assert await town.state() is IncidentState.OPEN
                    status, toast = await called(feishu, feishu_call(seal, user="ou_3", at_ms=now_ms))
                    assert status == 200
                    assert orjson.loads(toast)["toast"]["type"] == "success"
                    audits = await town.audits(2)
                    assert await town.state() is IncidentState.ACKED
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{workers.logs()}\n{answers.logs()}") from error
        assert [(each.actor, each.source, each.result) for each in audits] == [
            ("feishu:ou_9", ActionSource.CARD, ActionResult.NOT_ALLOWED),
            ("duty-3", ActionSource.CARD, ActionResult.TAKEN),
        ]


async def sealed(town: Town) -> str:
    """What deliver would put behind the first button of the one notification; "" before there is one."""
    found = await read_topics(town.kafka.bootstrap, [town.settings.topic_prefix + NOTIFICATIONS.name])
    notifications: list[Notification] = [
        event
        for (_, partition), records in found.items()
        for event in codec.decode_batch(NOTIFICATIONS, records, partition).events
    ]
    plan = load_oncall(town.folder / "oncall.yaml").plan
    offers = [each for notice in notifications for each in offers_of(notice, plan, lasts_ms=3_600_000)]
    return next((Keys([KEY.encode()]).seal(each) for each in offers if each.act is Act.ACK), "")


async def called(vendor: aiohttp.ClientSession, call: object) -> tuple[int, str]:
    """The answer to a call, each within Feishu's three seconds; who has just begun may not have its broker yet."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        started_at = time.monotonic()
        async with vendor.post(target("feishu", call), data=call.body, headers=dict(call.headers)) as answer:
            status, text = answer.status, await answer.text()
        assert time.monotonic() - started_at < 3
        if "请重试" not in text:
            return status, text
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
