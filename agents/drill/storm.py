"""The storm: calls, chats and tickets that nobody had, in sentences of our own, each marked as a drill.

The same name and size give the same storm. A conversation's id says its place among how many, so that a report needs
nothing but what came of it. Who complains in so many words has a ticket, which has the conversation's id, is answered
and is solved: no clock of a drill runs on when the drill is over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agents.recording.records import Recorded
from pipeline.errors import TocsinError
from schemas import codec
from schemas.calls import Utterance
from schemas.chats import ChatChannel, ChatMessage, ContentType
from schemas.tickets import Comment, Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.topics import MESSAGES, TICKETS, UTTERANCES
from schemas.vocabulary import Level, Role

SOURCE = "tocsin-drill"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# What ten conversations in a row come to; checked against the shipped rules by a test.
LEVELS = (
    Level.NONE,
    Level.POTENTIAL,
    Level.EXPLICIT,
    Level.NONE,
    Level.POTENTIAL,
    Level.HIGH_RISK,
    Level.EXPLICIT,
    Level.POTENTIAL,
    Level.NONE,
    Level.EXPLICIT,
)
COMPLAINING = sum(level is not Level.NONE for level in LEVELS)
TICKETED = sum(level.rank >= Level.EXPLICIT.rank for level in LEVELS)
_TURNS = 3  # of a conversation, and so many events of a ticket
SAID = {
    Level.NONE: ("您好，帮我查一下订单到哪里了", "请问发票什么时候开", "我想改一下收货地址"),
    Level.POTENTIAL: ("等了半天没人理我", "东西坏得这么快，太失望了", "以后再也不来你们家买了"),
    Level.EXPLICIT: ("我要投诉你们，今天必须给我退款", "叫你们领导来，我要投诉", "我要投诉，上次投诉到现在没结果"),
    Level.HIGH_RISK: ("再不处理我就打12315举报你们", "明天我就找记者曝光你们", "不解决我就去法院起诉你们"),
}
_GREETING = "您好，请问有什么可以帮您"
_ANSWER = "非常抱歉给您带来不便，我马上为您处理"
_REGIONS = ("440000", "310000", "110000", "330000", "510000")
_AGENTS = 20
_ID = re.compile(r"drill-(?P<name>[a-z0-9-]+)-(?P<number>\d+)-of-(?P<conversations>\d+)")


class DrillError(TocsinError):
    """The drill cannot be held as it was asked for."""


class Place(NamedTuple):
    """Which conversation of a storm one is, and of how many."""

    number: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Storm:
    """How many conversations, and how many of them complain in a minute."""

    name: str
    conversations: int
    alerts_per_minute: float
    regions: tuple[str, ...] = _REGIONS

    def __post_init__(self) -> None:
        """Raise where the name would not do as a part of ids."""
        if not NAME.fullmatch(self.name):
            raise DrillError("a drill's name has up to 40 of a-z, 0-9 and dashes")

    @property
    def events_per_second(self) -> float:
        """At which pace the events are sent."""
        events = _TURNS * (len(LEVELS) + TICKETED)
        return self.alerts_per_minute / 60 * events / COMPLAINING

    def records(self, *, started_at_ms: int) -> Iterator[Recorded]:
        """Every event; the sender gives them the times of the sending."""
        for number in range(self.conversations):
            level = level_of(number)
            said = SAID[level][number // len(LEVELS) % len(SAID[level])]
            turns = ((Role.AGENT, _GREETING), (Role.CUSTOMER, said), (Role.AGENT, _ANSWER))
            speak = _utterance if number % 2 else _message
            for place, (role, text) in enumerate(turns):
                yield speak(self, number, place, role, text, started_at_ms)
            if has_ticket(number):
                yield from _ticket(self, number, started_at_ms)

    def conversation_id(self, number: int) -> str:
        """The id of one conversation."""
        return f"drill-{self.name}-{number}-of-{self.conversations}"


def level_of(number: int) -> Level:
    """What a conversation of a storm is to come to, by its number."""
    return LEVELS[number % len(LEVELS)]


def has_ticket(number: int) -> bool:
    """Whether somebody of a conversation complains in so many words."""
    return level_of(number).rank >= Level.EXPLICIT.rank


def place_of(conversation_id: str, name: str) -> Place | None:
    """Which conversation of the named drill an id is; None for any other."""
    found = _ID.fullmatch(conversation_id)
    return Place(int(found["number"]), int(found["conversations"])) if found and found["name"] == name else None


def _utterance(storm: Storm, number: int, place: int, role: Role, text: str, at_ms: int) -> Recorded:
    name = storm.conversation_id(number)
    event = Utterance(
        event_id=f"{name}-{place}",
        source=SOURCE,
        occurred_at=at_ms,
        conversation_id=name,
        utterance_id=f"u{place}",
        revision=0,
        is_final=True,
        role=role,
        text=text,
        start_ms=place * 4_000,
        end_ms=place * 4_000 + 3_000,
        agent_id=f"drill-agent-{number % _AGENTS}",
        customer_key=f"drill-customer-{number}",
        region=storm.regions[number % len(storm.regions)],
        test=storm.name,
    )
    return Recorded(UTTERANCES.name, at_ms, name.encode(), codec.encode(event))


def _message(storm: Storm, number: int, place: int, role: Role, text: str, at_ms: int) -> Recorded:
    name, agent = storm.conversation_id(number), f"drill-agent-{number % _AGENTS}"
    event = ChatMessage(
        event_id=f"{name}-{place}",
        source=SOURCE,
        occurred_at=at_ms,
        conversation_id=name,
        message_id=f"m{place}",
        role=role,
        sender_id=agent if role is Role.AGENT else f"drill-customer-{number}",
        channel=ChatChannel.OTHER,
        text=text,
        content_type=ContentType.TEXT,
        sent_at=at_ms,
        agent_id=agent,
        customer_key=f"drill-customer-{number}",
        region=storm.regions[number % len(storm.regions)],
        test=storm.name,
    )
    return Recorded(MESSAGES.name, at_ms, name.encode(), codec.encode(event))


def _ticket(storm: Storm, number: int, at_ms: int) -> Iterator[Recorded]:
    """Opened, answered, solved."""
    name = storm.conversation_id(number)
    answer = Comment(id=f"{name}-answer", author_role=Role.AGENT, public=True, text=_ANSWER)
    happened = (
        (TicketEventKind.CREATED, TicketStatus.NEW, None),
        (TicketEventKind.COMMENTED, TicketStatus.OPEN, answer),
        (TicketEventKind.STATUS_CHANGED, TicketStatus.SOLVED, None),
    )
    for place, (kind, status, comment) in enumerate(happened):
        event = TicketEvent(
            event_id=f"{name}-ticket-{place}",
            source=SOURCE,
            occurred_at=at_ms,
            ticket_id=name,
            event=kind,
            status=status,
            priority=Priority.HIGH if level_of(number) is Level.HIGH_RISK else Priority.NORMAL,
            comment=comment,
            assignee_id=f"drill-agent-{number % _AGENTS}",
            requester_key=f"drill-customer-{number}",
            conversation_id=name,
            region=storm.regions[number % len(storm.regions)],
            test=storm.name,
        )
        yield Recorded(TICKETS.name, at_ms, name.encode(), codec.encode(event))
