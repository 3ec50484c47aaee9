"""People beside a running house: they press links, listen at desktops, review findings; and systems call us."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path

import aiohttp

from agents.actions import read_incidents
from agents.broker.config import free_ports
from agents.engine.transactions import partition_of
from agents.recording.follow import follow
from agents.settings import Settings
from agents.verdicts.keep import read_ledger
from pipeline.answers.acts import Act
from pipeline.answers.offers import Offer
from pipeline.answers.seals import Keys
from pipeline.incidents.rulings import group_actor
from pipeline.times import HOUR_MS
from schemas import codec
from schemas.incidents import Incident
from schemas.quality import FindingState, Judgement, ReviewAction, ReviewerRole, ReviewStep, ServiceFinding
from schemas.topics import FINDINGS, REVIEW_ACTIONS, UTTERANCES
from schemas.vocabulary import AlertKind
from tests.support.answers import KEY, confirmed
from tests.support.cluster import Cluster, Worker, until
from tests.support.intake import bearer_request, write_intake
from tests.support.topics import Sent, write_records

HOST = "127.0.0.1"
LISTENS = {
    "answer": "answer_listens",
    "hints": "hints_listens",
    "intake": "intake_listens",
    "verdicts": "ops_listens",
}
ONCALL = f"""
allow_private_hosts: [{HOST}]
channels: {{console: {{kind: console}}}}
chains: {{all: {{steps: [{{tell: ["channel:console"]}}]}}}}
routes: [{{chain: all}}]
answers: {{url: "http://{HOST}", keys: [env:ANSWER_KEY]}}
"""
_STEPS = (
    (ReviewStep.APPEAL, ReviewerRole.AGENT, None),
    (ReviewStep.REJUDGE, ReviewerRole.INSPECTOR, Judgement.OVERTURN),
    (ReviewStep.DECIDE, ReviewerRole.SUPERVISOR, Judgement.OVERTURN),
)


class People:
    """The processes that serve them, started while `beside` a house of these settings, and what they do."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._workers: dict[str, Worker] = {}
        self._ports = dict(zip(LISTENS, free_ports(len(LISTENS)), strict=True))

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Run `tocsin answer`, `hints`, `intake` and `verdicts`."""
        oncall = self._folder / "oncall.yaml"
        oncall.write_text(ONCALL, encoding="utf-8")
        variables = {
            "TOCSIN_BROKER": self._settings.bootstrap,
            "TOCSIN_APPLICATION_ID": self._settings.application_id,
            "TOCSIN_ONCALL_FILE": str(oncall),
            "ANSWER_KEY": KEY,
            "TOCSIN_INTAKE__FILE": str(write_intake(self._folder)),
            **{f"TOCSIN_{name}__PORT": "0" for name in ("ANSWER", "HINTS", "INTAKE")},
        }
        with ExitStack() as stack:
            for name, port in self._ports.items():
                (self._folder / name).mkdir()
                own = variables | {"TOCSIN_OPS__PORT": str(port)}
                cluster = Cluster(self._folder / name, own, command=("-m", "agents.cli", name))
                stack.enter_context(cluster)
                cluster.scale(1)
                (self._workers[name],) = cluster.running()
            yield

    @property
    def metrics(self) -> dict[str, list[str]]:
        """Where Prometheus finds each, by its job."""
        return {f"tocsin-{name}": [f"{HOST}:{port}"] for name, port in self._ports.items()}

    async def are_there(self) -> None:
        """Wait until all of them listen."""

        async def listen() -> bool:
            for each in self._workers.values():
                assert each.is_running, each.log.read_text(encoding="utf-8")
            return all(each.told(LISTENS[name]) for name, each in self._workers.items())

        await until(listen, f"{', '.join(LISTENS)} listen")

    @asynccontextmanager
    async def desktop(self) -> AsyncIterator[None]:
        """An agent's desktop listens to the hints of everybody."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                f"{self._url('hints')}/api/hints/socket", params={"agent": "agent-01", "all": "1"}
            ) as it,
        ):
            reading = asyncio.create_task(_read(it))
            try:
                yield
            finally:
                reading.cancel()

    async def call_in(self) -> None:
        """A ticket system posts a ticket and something that is none; a call system writes what is no call."""
        now_ms = time.time_ns() // 1_000_000
        await write_records(self._settings.bootstrap, [Sent(UTTERANCES.name, 0, b"call-x", b"{", now_ms)])
        async with aiohttp.ClientSession(self._url("intake")) as session:
            for body in ({"items": [{"id": "4711"}]}, {"items": [{"id": None}]}):
                await until(partial(_posted, session, body), "an intake that has its broker")

    async def answer(self) -> None:
        """Whoever is on call takes a conversation's incident and says that the alert was right; it is labelled so."""
        incident = await until(self._incident, "the incident of a conversation")
        async with aiohttp.ClientSession(self._url("answer"), cookie_jar=aiohttp.DummyCookieJar()) as browser:
            for act in (Act.ACK, Act.RIGHT):
                assert await confirmed(browser, _seal(incident, act)) in {200, 202}

        async def labelled() -> bool:
            return bool(list((await read_ledger(self._settings)).labels()))

        await until(labelled, "a label")

    async def review(self) -> None:
        """An agent appeals a finding, an inspector looks again, a supervisor takes it back."""
        finding = await until(self._finding, "a finding")
        now_ms = time.time_ns() // 1_000_000
        steps = [
            ReviewAction(
                event_id=step, source="desk", occurred_at=now_ms, action_id=step, step=step, role=role, at=now_ms,
                conversation_id=finding.conversation_id, finding_id=finding.finding_id, judgement=judgement,
                actor=finding.agent_id if role is ReviewerRole.AGENT else f"{role}-1",
            )
            for step, role, judgement in _STEPS
        ]  # fmt: skip
        key = finding.conversation_id.encode()
        place = partition_of(key, self._settings.partitions)
        sent = [
            Sent(REVIEW_ACTIONS.name, place, key, body, now_ms, tuple(headers))
            for body, headers in map(codec.encode_record, steps)
        ]
        await write_records(self._settings.bootstrap, sent)

    def _url(self, name: str) -> str:
        return self._workers[name].told(LISTENS[name])

    async def _incident(self) -> Incident | None:
        incidents = await read_incidents(self._settings)
        return next((each for each in incidents.values() if AlertKind.LEVEL_RISE in each.incident_id), None)

    async def _finding(self) -> ServiceFinding | None:
        async with follow(self._settings, [FINDINGS], from_start=True) as follower:
            findings: Sequence[ServiceFinding] = [
                seen.decoded() for seen in await follower.until_now() if b'"quality.finding/1"' in seen.value
            ]
        return next((each for each in findings if each.state is FindingState.OPEN and each.agent_id), None)


def _seal(incident: Incident, act: Act) -> str:
    """What a card for the whole group would have behind a button."""
    offer = Offer(
        act=act, incident_id=incident.incident_id, region=incident.regions[0], actor=group_actor("console"),
        channel="console", nonce=f"{act}-1", not_after_ms=incident.opened_at + HOUR_MS,
    )  # fmt: skip
    return Keys([KEY.encode()]).seal(offer)


async def _posted(session: aiohttp.ClientSession, body: object) -> bool:
    """Whether the intake has taken a request, whatever it thinks of it."""
    data, headers = bearer_request(body)
    async with session.post("/in/crm", data=data, headers=headers) as answer:
        return answer.status != HTTPStatus.SERVICE_UNAVAILABLE


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass
