"""Boards made up for tests: records of every kind, a server without Kafka, and one that a test may ask over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from agents.board.access import Access
from agents.board.freshness import Facts, Source
from agents.board.hub import Hub
from agents.board.live import Live
from agents.board.reader import wall_ms
from agents.board.readmodel import ReadModel
from agents.board.server import Parts, application
from agents.board.trials import Trials
from agents.oidc.provider import Provider
from agents.settings import Board
from pipeline.rules.load import DEFAULT_PACK
from schemas.actions import Action
from schemas.alerts import Alert
from schemas.evidence import Evidence
from schemas.incidents import Incident, IncidentState, ReasonCode
from schemas.sla_clocks import ClockState, GoalKind, SlaClock, TicketClocks
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import ChannelClass, Level, ReasonGroup
from schemas.windows import ReasonCount, RegionWindow
from tests.support.alerts import HOUR_START_MS, MINUTE, alert


def quoted(number: int, text: str, start: int = 0, end: int = 2, **changes: Any) -> Alert:
    """An alert with the words that made it."""
    evidence = Evidence(
        rule="level.explicit:test",
        version="r1",
        utterance_id="u1",
        char_start=0,
        char_end=2,
        text_masked=text,
        mark_start=start,
        mark_end=end,
    )
    return alert(number, **{"evidence": (evidence,)} | changes)


def window(at_ms: int, **changes: Any) -> RegionWindow:
    """A minute of calls from Guangdong in which two conversations became explicit because of a refund."""
    fields: dict[str, Any] = {
        "region": "440000",
        "channel": ChannelClass.VOICE,
        "window_start": at_ms,
        "window_s": 60,
        "version": 1,
        "counts": (ReasonCount(level=Level.EXPLICIT, reason_l1=ReasonGroup.AFTER_SALES, count=2),),
        "alerts": {Level.EXPLICIT: 2},
        "late": 0,
        "closed": False,
    }
    return RegionWindow(**fields | changes)


def incident(number: int, at_ms: int = 0, **changes: Any) -> Incident:
    """An open incident in Guangdong."""
    fields: dict[str, Any] = {
        "incident_id": f"i{number}",
        "fingerprint": f"f{number}",
        "state": IncidentState.OPEN,
        "level": Level.EXPLICIT,
        "title": "广东 售后处理",
        "regions": ("440000",),
        "reasons": (ReasonGroup.AFTER_SALES,),
        "members": ("a1",),
        "count": 1,
        "opened_at": HOUR_START_MS + at_ms,
        "updated_at": HOUR_START_MS + at_ms,
        "step": 0,
        "reason_code": ReasonCode.FIRST,
    }
    return Incident(**fields | changes)


def clock(due_in_ms: int | None = 10 * MINUTE, **changes: Any) -> SlaClock:
    """A running clock."""
    fields: dict[str, Any] = {
        "clock": GoalKind.FIRST_RESPONSE,
        "target_ms": 60 * MINUTE,
        "started_at": HOUR_START_MS,
        "elapsed_ms": 0,
        "as_of": HOUR_START_MS,
        "due_at": None if due_in_ms is None else HOUR_START_MS + due_in_ms,
        "paused_ms": 0,
        "running": due_in_ms is not None,
        "state": ClockState.ACTIVE,
    }
    return SlaClock(**fields | changes)


def ticket(number: int, *clocks: SlaClock, version: int = 1, findings: tuple[str, ...] = ()) -> TicketClocks:
    """A ticket with its clocks, one unless others are given."""
    return TicketClocks(
        ticket_id=f"t{number}",
        status=TicketStatus.OPEN,
        priority=Priority.NORMAL,
        policy="standard",
        policy_version="1",
        clocks=clocks or (clock(),),
        version=version,
        findings=findings,
        emitted_at=HOUR_START_MS,
    )


class StillReader:
    """What the reader would know, as a test likes it."""

    def __init__(self) -> None:
        now_ms = wall_ms()
        sources = {"calls.utterances": Source(now_ms, 0), "tickets.events": Source()}
        self.facts = Facts(loaded=True, heard_at=now_ms, ticked_at=now_ms, sources=sources)


class Written:
    """Actions that would have gone to Kafka."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.refused: list[Action] = []

    async def write(self, action: Action) -> None:
        """Keep it."""
        self.actions.append(action)

    async def refuse(self, action: Action) -> None:
        """Keep it apart."""
        self.refused.append(action)


class Remembered:
    """One picture for every past moment."""

    def __init__(self) -> None:
        self.model = ReadModel()
        self.asked: list[int] = []

    async def at(self, at_ms: int) -> ReadModel:
        """The picture, and what was asked."""
        self.asked.append(at_ms)
        return self.model


class Served:
    """A board without Kafka, and a client of it."""

    def __init__(self, board: Board, port: int | None) -> None:
        self.model, self.reader, self.hub, self.written = ReadModel(), StillReader(), Hub(), Written()
        self.live = Live(self.model, self.reader, self.hub)  # type: ignore[arg-type]
        self.past = Remembered()
        access = Access(board)
        self.provider = Provider(board.oidc) if board.oidc.is_used else None
        self.trials = Trials(board, DEFAULT_PACK)
        live, written = self.live, self.written
        parts = Parts(board, access, self.model, live, self.hub, written, self.past, self.provider, self.trials)  # type: ignore[arg-type]
        self.client = TestClient(TestServer(application(parts), port=port))

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Status and body, JSON where it is."""
        async with self.client.get(path, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """The same, of a POST."""
        async with self.client.post(path, json=body, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


@asynccontextmanager
async def served(board: Board | None = None, *, port: int | None = None) -> AsyncIterator[Served]:
    """A board that answers while the block runs."""
    it = Served(board or Board(), port)
    try:
        async with it.client:
            yield it
    finally:
        if it.provider is not None:
            await it.provider.close()
