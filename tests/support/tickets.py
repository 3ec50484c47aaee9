"""Tickets for tests: a pack of policies written as an operator would, and events with little said."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.sla.facts import Fact, fact_of
from pipeline.sla.load import parse_sla
from pipeline.sla.policy import SlaPack
from pipeline.sla.ticket import Ticket, Told, take
from schemas.tickets import Comment, Priority, TicketEvent, TicketEventKind, TicketStatus
from schemas.vocabulary import Role

MINUTE = 60_000
HOUR = 60 * MINUTE
OFFICE = """
calendars:
  office:
    zone: Asia/Shanghai
    hours: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
    holidays: china
  always:
    zone: Asia/Shanghai
    hours: {mon-sun: ["00:00-24:00"]}
"""
STANDARD = (
    OFFICE
    + """
policies:
  urgent:
    zh: 紧急
    match: {priority: [urgent]}
    calendar: always
    pause_on: [pending]
    warn:
      - {at: 0.5, to: [board]}
      - {at: 0.75, to: [handler]}
      - {at: 0.9, to: [handler, administrator]}
    goals:
      first_response: {minutes: {urgent: 20}}
      total_resolution: {minutes: {urgent: 200}}
      first_action: {minutes: {potential: 30, explicit: 10, high_risk: 5}}
  standard:
    zh: 普通
    calendar: office
    pause_on: [pending, on_hold]
    remind_days: 10
    warn:
      - {at: 0.5, to: [board]}
      - {at: 0.75, to: [handler]}
      - {at: 0.9, to: [handler, administrator]}
      - {at: 1.5, to: [handler, administrator]}
    goals:
      first_response: {minutes: {low: 240, normal: 120, high: 60}}
      next_response: {minutes: {low: 240, normal: 120, high: 60}}
      first_resolution: {minutes: {low: 960, normal: 480, high: 480}}
      total_resolution: {minutes: {low: 960, normal: 480, high: 480}}
      first_action: {minutes: {potential: 30, explicit: 10, high_risk: 5}, calendar: always}
"""
)


def pack_of(text: str = STANDARD) -> SlaPack:
    """The policies of one file."""
    return parse_sla([("sla.yaml", text.encode())])


def at(text: str, zone: str = "Asia/Shanghai") -> int:
    """`2026-10-01 09:00` on the wall clock of a zone, in milliseconds since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def ticket_event(
    at_ms: int, kind: str = "updated", *, status: str = "open", priority: str = "normal", **fields: Any
) -> TicketEvent:
    """An event of ticket `T1` unless said otherwise; its id is made of kind and time."""
    told = {"ticket_id": "T1", "event_id": f"{kind}-{at_ms}", "source": "desk"} | fields
    return TicketEvent(
        occurred_at=at_ms,
        event=TicketEventKind(kind),
        status=TicketStatus(status),
        priority=Priority(priority),
        **told,
    )


def comment_event(at_ms: int, role: str, *, public: bool = True, text: str = "", **fields: Any) -> TicketEvent:
    """A comment by somebody."""
    comment = Comment(id=f"c{at_ms}", author_role=Role(role), public=public, text=text)
    return ticket_event(at_ms, "commented", comment=comment, **fields)


def facts_of(events: Iterable[TicketEvent]) -> list[Fact]:
    """The facts of some events."""
    return [fact_of(event, region="", written_at_ms=0) for event in events]


def taken(events: Iterable[TicketEvent], pack: SlaPack, ticket: Ticket | None = None) -> Told:
    """A ticket after some events, in the order given, and everything that was told on the way."""
    told = Told(ticket or Ticket(), ())
    for fact in facts_of(events):
        step = take(told.ticket, fact, pack, max_ledger=1_000)
        told = Told(step.ticket, told.notices + step.notices)
    return told
