"""An answering process without Kafka: a real server, and behind it the real stage in memory."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from agents.answer.load import load_answers
from agents.answer.metrics import AnswerMetrics
from agents.answer.server import AnswerServer
from agents.answer.taking import Taking
from agents.answer.witness import Witness
from agents.files.oncall import load_oncall
from agents.listening.publisher import Outgoing
from agents.settings import Answer
from pipeline.answers.acts import Act
from pipeline.answers.offers import Offer, offers_of
from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.fold import fold
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch
from schemas.actions import Action
from schemas.alerts import Alert
from schemas.audits import ActionAudit
from schemas.codec import Record
from schemas.deliveries import Notification
from schemas.incidents import Incident
from schemas.topics import ACTIONS, ALERTS
from tests.support.alerts import HOUR_START_MS, MINUTE
from tests.support.cluster import PATIENCE_SECONDS
from tests.support.incidents import high
from tests.support.vendor_calls import DINGTALK, FEISHU, WECOM

KEY = "k" * 32
ENVIRONMENT = {
    "ANSWER_KEY": KEY,
    "APP_SECRET": "by-which-messages-are-sent",
    "FEISHU_TOKEN": FEISHU["token"],
    "FEISHU_KEY": FEISHU["encrypt_key"],
    "WECOM_TOKEN": WECOM["token"],
    "WECOM_KEY": WECOM["aes_key"],
    "DING_SECRET": DINGTALK["secret"],
}
ONCALL = f"""
channels:
  feishu: {{kind: feishu_app, app_id: {FEISHU["app_id"]}, app_secret: env:APP_SECRET}}
  wecom: {{kind: wecom_app, corp_id: {WECOM["corp_id"]}, corp_secret: env:APP_SECRET, agent_id: 7}}
  ding:
    {{kind: dingtalk_card, app_key: k, app_secret: env:APP_SECRET, robot_code: r, template_id: t, callback_route: c}}
people:
  duty-1: {{contacts: {{feishu: ou_1, wecom: zhang-1, ding: ding-1}}}}
  duty-2: {{contacts: {{feishu: ou_2}}}}
  manager-1: {{role: admin, contacts: {{feishu: ou_9}}}}
  guest-1: {{role: viewer, contacts: {{feishu: ou_3}}}}
chains:
  high: {{steps: [{{tell: ["person:duty-1"]}}, {{tell: ["person:manager-1"], after: 5m}}]}}
routes:
  - {{chain: high}}
answers:
  url: https://answer.example.com
  keys: [env:ANSWER_KEY]
  callbacks:
    feishu: {{token: env:FEISHU_TOKEN, encrypt_key: env:FEISHU_KEY}}
    wecom: {{token: env:WECOM_TOKEN, aes_key: env:WECOM_KEY}}
    ding: {{secret: env:DING_SECRET}}
"""


class Stage:
    """The incidents stage in memory: what is published to it is folded at once, and what it says is witnessed."""

    def __init__(self, plan: Any, witness: Witness) -> None:
        self._plan, self._witness = plan, witness
        self._rows: dict[bytes, bytes | None] = {}
        self.audits: list[ActionAudit] = []
        self.incidents: dict[str, Incident] = {}
        self.notifications: list[Notification] = []
        self.is_away = False

    async def publish(self, records: list[Outgoing], *, within_seconds: float) -> bool:
        """As Kafka and the stage would."""
        if self.is_away:
            return False
        for record in records:
            if record.topic == ACTIONS.name:
                self.take(msgspec.json.decode(record.value, type=Action))
            else:
                self.audits.append(msgspec.json.decode(record.value, type=ActionAudit))
        return True

    def take(self, event: Action | Alert) -> None:
        """One event; the rows are read back from what was written, as after a restart."""
        topic = ACTIONS if isinstance(event, Action) else ALERTS
        store: Store[IncidentRow] = Store(IncidentRow)
        store.load(self._rows.items())
        store.loaded(now_ms=0)
        effects = fold(Batch(topic, 0, [event], [Record(0, 0, None, b"")]), store, plan=self._plan, advice=AdviceBook())
        for key, row in effects.changes.items():
            self._rows[key] = None if row is None else encode_row(row)
        for output in effects.outputs:
            if isinstance(output.value, ActionAudit):
                self.audits.append(output.value)
            elif isinstance(output.value, Incident):
                self.incidents[output.value.incident_id] = output.value
            elif isinstance(output.value, Notification):
                self.notifications.append(output.value)
            if isinstance(output.value, ActionAudit | Incident):
                self._witness.take(output.value)


class AnswerTown:
    """The server, the stage behind it, a client, and a clock that stands until a test moves it."""

    def __init__(self, file: Path) -> None:
        self.now_ms = HOUR_START_MS + MINUTE
        self.loaded = load_answers(file)
        self.plan = load_oncall(file).plan
        self.witness = Witness()
        self.stage = Stage(self.plan, self.witness)
        self.metrics = AnswerMetrics(CollectorRegistry())
        self.client = self.another()
        self.stage.take(high(1))
        (self.notice,) = self.stage.notifications

    def another(self) -> TestClient:
        """Another server beside it: the same file, the same stage, nothing else in common."""
        clock = lambda: self.now_ms  # noqa: E731
        taking = Taking(self.stage, self.witness, now_ms=clock)
        server = AnswerServer(
            Answer(), self.loaded, taking, self.witness, self.metrics, now_ms=clock, read_within_seconds=1.0
        )
        return TestClient(TestServer(server.application()))

    @property
    def incident(self) -> Incident:
        """The one incident."""
        return self.stage.incidents[self.notice.incident_id]

    def offer(self, act: Act, to: str = "duty-1", channel: str = "feishu") -> Offer:
        """What somebody was sent."""
        sent = msgspec.structs.replace(self.notice, to=to, channel=channel)
        offers = offers_of(sent, self.plan, lasts_ms=60 * MINUTE)
        return next(each for each in offers if each.act is act)

    def seal(self, act: Act, to: str = "duty-1", channel: str = "feishu") -> str:
        """The same, as it stands in a link or a button."""
        return self.loaded.keys.seal(self.offer(act, to, channel))

    def counted(self, way: str, outcome: str) -> float:
        """How often a way came to an outcome."""
        return self.metrics.requests.labels(way, outcome)._value.get()


@asynccontextmanager
async def answering(folder: Path, text: str = ONCALL) -> AsyncIterator[AnswerTown]:
    """An answering process."""
    file = folder / "oncall.yaml"
    file.write_text(text, encoding="utf-8")
    town = AnswerTown(file)
    async with town.client:
        yield town


def form_of(page: str) -> str:
    """What the form of a page brings along."""
    found = re.search(r'name="form" value="([^"]+)"', page)
    return found[1] if found else ""


async def confirm(
    client: TestClient | aiohttp.ClientSession, seal: str, *, note: str = "", host: str = "answer.example.com"
) -> tuple[int, str]:
    """Open a link, press the button of its page; status and text of what is told then."""
    headers = {"Host": host}
    async with client.get(f"/a/{seal}", headers=headers) as answer:
        page, cookie = await answer.text(), answer.cookies
    session = {"Cookie": f"tocsin_answer={cookie['tocsin_answer'].value}"} if cookie else {}
    body = {"form": form_of(page), "note": note}
    async with client.post(f"/a/{seal}", data=body, headers=headers | session) as answer:
        return answer.status, await answer.text()


async def confirmed(browser: aiohttp.ClientSession, seal: str) -> int:
    """What a link comes to at a server of this machine; one that has just begun may not have its broker yet."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := (await confirm(browser, seal, host="127.0.0.1"))[0]) == 503:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    return status
