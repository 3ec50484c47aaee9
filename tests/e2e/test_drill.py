"""A drill on a real Kafka: a marked storm beside a real complaint, with vendors that count what they get."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest

from agents.drill.storm import SAID
from agents.settings import Settings
from agents.topics import ensure_topics
from schemas import codec
from schemas.cards import Card
from schemas.deliveries import BudgetClass, Notification
from schemas.topics import COMMANDS, NOTIFICATIONS, RECEIPTS, TICKS, WINDOWS
from schemas.vocabulary import Level
from tests.support.cluster import ROOT, Cluster, until
from tests.support.disruptions import WORKER
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records
from tests.support.vendors import FakeVendor, Seen, fake_vendor

pytestmark = pytest.mark.e2e

DELIVER = ("-m", "agents.cli", "deliver")
DRILL = [
    "-m",
    "agents.cli",
    "drill",
    "start",
    "--name",
    "spring",
    "--alerts-per-minute",
    "600",
    "--minutes",
    "0.2",
    "--json",
]
ONCALL = """
allow_private_hosts: [127.0.0.1]
channels:
  robot: {kind: webhook, url: env:FAKE_ROBOT, secret: env:FAKE_SECRET, per_minute: 6000}
  drills: {kind: webhook, url: env:FAKE_DRILLS, secret: env:FAKE_SECRET, per_minute: 6000}
  phone: {kind: webhook, url: env:FAKE_PHONE, secret: env:FAKE_SECRET, per_minute: 6000}
people:
  trainer: {contacts: {phone: "trainer"}, drills: "yes"}
  manager: {contacts: {phone: "manager"}}
chains:
  high:
    steps: [{tell: ["channel:robot", "person:trainer", "person:manager"]}]
  normal:
    steps: [{tell: ["channel:robot"]}]
routes:
  - {chain: high, levels: [high_risk]}
  - {chain: normal, group_wait: 1s}
drill_channel: drills
"""


async def test_a_storm_reaches_marked_people_only(kafka: Kafka, tmp_path: Path) -> None:
    """Everything is heard and told, to the trainer and the drill channel; the real complaint reaches everybody else."""
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
    await ensure_topics(settings)
    file = tmp_path / "oncall.yaml"
    file.write_text(ONCALL, encoding="utf-8")
    for name in ("worker", "deliver"):
        (tmp_path / name).mkdir()
    async with fake_vendor() as vendor:
        environment = {
            "TOCSIN_BROKER": kafka.bootstrap,
            "TOCSIN_TOPIC_PREFIX": settings.topic_prefix,
            "TOCSIN_ONCALL_FILE": str(file),
            "FAKE_SECRET": "S3cretPart",
        } | {f"FAKE_{path.upper()}": f"{vendor.url}/{path}" for path in ("robot", "drills", "phone")}
        with (
            Cluster(tmp_path / "worker", environment, command=WORKER) as workers,
            Cluster(tmp_path / "deliver", environment, command=DELIVER) as delivery,
        ):
            workers.scale(1)
            delivery.scale(1)
            try:
                await until(lambda: ticking(kafka, settings), "a worker that ticks")
                await complains(kafka, settings)
                await forged(kafka, settings)
                report = await drilled(workers.environment)
                await until(lambda: reached(vendor), "the real complaint is told to everybody")
                await until(lambda: forgeries(kafka, settings), "both forgeries are refused")
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"{error}\n{workers.logs()}\n{delivery.logs()}") from error
            told = await records(kafka, settings, NOTIFICATIONS.name)
            assert not await records(kafka, settings, COMMANDS.name)
            counted = await records(kafka, settings, WINDOWS.name)
            refused = await forgeries(kafka, settings)
    assert {(each["to"], each["vendor_code"]) for each in refused} == {
        ("manager", "not for drills"), ("group", "not for drills"),
    }  # fmt: skip
    assert report["seen"] == report["expected"]
    assert not report["leaked"]
    assert set(report["tickets"]) == {"solved"}
    assert set(report["would_have_told"]) == {"group@robot", "manager@phone"}
    assert report["said_to_sent"]["count"] == report["expected"]["high_risk"]
    check_what_vendors_saw(vendor, told)
    newest = {(each["region"], each["channel"], each["window_start"]): each for each in counted if "counts" in each}
    assert sum(sum(each.get("alerts", {}).values()) for each in newest.values()) <= 1


def check_what_vendors_saw(vendor: FakeVendor, told: list[dict]) -> None:
    """Every request belongs to a notification; drills stand on the drill channel and at the trainer alone."""
    known = {each["notification_id"]: each for each in told}
    by_kind: Counter[tuple[str, str, bool]] = Counter()
    for seen in vendor.seen:
        event = seen.json()
        by_kind[seen.path, event["data"]["to"], is_drill(seen)] += 1
        if event["id"] in known:  # else a bundle, which has an id of its own
            assert bool(known[event["id"]].get("test")) is is_drill(seen)
    assert {key for key in by_kind if key[2]} <= {("/drills", "", True), ("/phone", "trainer", True)}
    assert {key: count for key, count in by_kind.items() if not key[2]} == {
        ("/robot", "", False): 1, ("/phone", "trainer", False): 1, ("/phone", "manager", False): 1,
    }  # fmt: skip


async def drilled(environment: dict[str, str]) -> dict:
    """The report of a drill as the command line tells it."""
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *DRILL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
        timeout=240,
    )
    report = json.loads(run.stdout or b"{}")
    assert run.returncode == 0, f"{report}\n{run.stderr.decode()}"
    return report


async def complains(kafka: Kafka, settings: Settings) -> None:
    """A real customer, whose words are those of the drill."""
    now_ms = time.time_ns() // 1_000_000
    (text, *_), topic = SAID[Level.HIGH_RISK], f"{settings.topic_prefix}calls.utterances"
    body = utterance(1, conversation_id="real-1", occurred_at=now_ms, text=text, region="440000")
    value = orjson.dumps({"schema": "call.utterance/1", **body})
    await write_records(kafka.bootstrap, [Sent(topic, 0, b"real-1", value, now_ms)])


async def forged(kafka: Kafka, settings: Settings) -> None:
    """Somebody writes a drill straight to people who are not marked."""
    topic, now_ms = f"{settings.topic_prefix}{NOTIFICATIONS.name}", time.time_ns() // 1_000_000
    sent = []
    for channel, to in (("phone", "manager"), ("robot", "group")):
        notice = Notification(
            notification_id=f"forged-{to}", channel=channel, to=to, incident_id="i", step=0, dedup_key="i",
            budget_class=BudgetClass.RESERVED, card=Card(title="【演练】x"), not_after=now_ms + 600_000, test="forged",
        )  # fmt: skip
        sent.append(Sent(topic, 0, channel.encode(), codec.encode(notice), now_ms))
    await write_records(kafka.bootstrap, sent)


async def ticking(kafka: Kafka, settings: Settings) -> bool:
    """Whether every partition has its clock."""
    return all((await read_topics(kafka.bootstrap, [settings.topic_prefix + TICKS.name])).values())


async def reached(vendor: FakeVendor) -> bool:
    """Whether robot, trainer and manager have what is no drill."""
    return sum(not is_drill(seen) for seen in vendor.seen) >= 3


async def forgeries(kafka: Kafka, settings: Settings) -> list[dict]:
    """The receipts of what was refused, once there are two."""
    refused = [each for each in await records(kafka, settings, RECEIPTS.name) if each["result"] == "failed_perm"]
    return refused if len(refused) >= 2 else []


def is_drill(seen: Seen) -> bool:
    """Whether a person would read that it is one."""
    title: str = seen.json()["data"]["card"]["title"]
    return title.startswith("【演练】")


async def records(kafka: Kafka, settings: Settings, topic: str) -> list[dict]:
    """Every record of a topic."""
    found = await read_topics(kafka.bootstrap, [settings.topic_prefix + topic])
    return [orjson.loads(each.value) for held in found.values() for each in held if each.value]
