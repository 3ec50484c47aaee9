"""A town for stories: a broker with topics, an on-call file, a vendor, and processes that somebody supervises."""

import time
from collections import Counter
from pathlib import Path

import orjson

from agents.settings import Settings
from schemas import codec
from schemas.deliveries import Notification, Receipt
from schemas.topics import NOTIFICATIONS, RECEIPTS, TICKS
from tests.support.cluster import Cluster
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records, write_ticks
from tests.support.vendors import FakeVendor

DELIVER = ("-m", "agents.cli", "deliver")
ONCALL = """
pages_per_hour: 1000
allow_private_hosts: [127.0.0.1]
channels:
  robot: {kind: dingtalk, url: env:FAKE_ROBOT, secret: env:FAKE_SECRET}
  hook: {kind: webhook, url: env:FAKE_HOOK, secret: env:FAKE_SECRET, per_minute: 6000}
people:
  duty-1: {contacts: {hook: "duty-1"}}
  duty-2: {contacts: {hook: "duty-2"}}
chains:
  high:
    steps:
      - tell: ["channel:robot"]
      - {tell: ["person:duty-1"], after: 12s}
      - {tell: ["person:duty-2"], after: 4m}
  normal:
    steps:
      - tell: ["channel:robot"]
routes:
  - {chain: high, levels: [high_risk]}
  - {chain: none}
"""


class Town:
    """A broker with topics, an on-call file and a vendor."""

    def __init__(self, kafka: Kafka, folder: Path, vendor: FakeVendor, oncall: str = ONCALL) -> None:
        self.kafka, self.folder, self.vendor = kafka, folder, vendor
        self.settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
        file = folder / "oncall.yaml"
        file.write_text(oncall, encoding="utf-8")
        self.environment = {
            "TOCSIN_BROKER": kafka.bootstrap,
            "TOCSIN_TOPIC_PREFIX": self.settings.topic_prefix,
            "TOCSIN_ONCALL_FILE": str(file),
            "FAKE_ROBOT": f"{vendor.url}/robot/send?access_token=S3cretPart",
            "FAKE_HOOK": f"{vendor.url}/hook",
            "FAKE_SECRET": "S3cretPart",
        }

    def processes(self, name: str, command: tuple[str, ...]) -> Cluster:
        """A supervised process."""
        folder = self.folder / name
        folder.mkdir()
        return Cluster(folder, self.environment, command=command)

    async def receipts(self) -> list[Receipt]:
        """Every receipt so far."""
        found = await read_topics(self.kafka.bootstrap, [self.settings.topic_prefix + RECEIPTS.name])
        return [
            event
            for (_, partition), records in found.items()
            for event in codec.decode_batch(RECEIPTS, records, partition).events
        ]

    async def says(self, conversation_id: str, text: str, number: int) -> None:
        """A customer says something on the telephone."""
        now_ms = time.time_ns() // 1_000_000
        body = utterance(number, conversation_id=conversation_id, occurred_at=now_ms, text=text, region="440000")
        sent = Sent(
            self.settings.topic_prefix + "calls.utterances", 0, conversation_id.encode(),
            orjson.dumps({"schema": "call.utterance/1", **body}), now_ms,
        )  # fmt: skip
        await write_records(self.kafka.bootstrap, [sent])

    async def passes(self, span_ms: int) -> None:
        """Let so much time pass in the log. A cluster that has just begun wakes nobody before it has settled."""
        await write_ticks(self.kafka.bootstrap, self.settings.topic_prefix, time.time_ns() // 1_000_000 + span_ms)

    async def notify(self, notifications: list[Notification]) -> None:
        """Put notifications where the incidents stage would."""
        now_ms = time.time_ns() // 1_000_000
        sent = []
        for each in notifications:
            body, headers = codec.encode_record(each)
            topic = self.settings.topic_prefix + NOTIFICATIONS.name
            sent.append(Sent(topic, 0, each.channel.encode(), body, now_ms, tuple(headers)))
        await write_records(self.kafka.bootstrap, sent)

    @property
    def by_path(self) -> Counter[str]:
        """How many requests came to each of the vendor's paths."""
        return Counter(seen.path for seen in self.vendor.seen)


async def ticking(town: Town) -> bool:
    """Whether every partition has its clock."""
    found = await read_topics(town.kafka.bootstrap, [town.settings.topic_prefix + TICKS.name])
    return all(found.values())
