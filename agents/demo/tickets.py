"""The sample day's tickets: written in `tickets.yaml`, made into the records of a ticket system, with policies."""

from pathlib import Path
from typing import Any

import orjson
import yaml

from agents.demo.clock import moment_ms
from agents.recording.records import Recorded
from pipeline.stage import SETTLING_MS
from pipeline.times import MINUTE_MS
from schemas import codec
from schemas.ticks import Tick
from schemas.topics import TICKS

FILE = Path(__file__).with_name("tickets.yaml")
POLICIES = Path(__file__).with_name("sla.yaml")
_OUR_OWN = frozenset({"at", "ago", "says"})  # of an event as it is written


def ticket_ids() -> list[str]:
    """The day's tickets."""
    return [ticket["id"] for ticket in _written()]


def ticket_records() -> list[Recorded]:
    """Every event of every ticket, at its moment of the day."""
    return [_record(ticket, number, event) for ticket in _written() for number, event in enumerate(ticket["events"])]


def settled_clock(now_ms: int, partitions: int) -> list[Recorded]:
    """Ticks of a while ago: the clock of a fresh cluster wakes nobody before it has run for two minutes."""
    at_ms = now_ms - SETTLING_MS - 10_000
    body = codec.encode(Tick(now_ms=at_ms, reason="timer"))
    return [Recorded(TICKS.name, at_ms, str(number).encode(), body, partition=number) for number in range(partitions)]


def _written() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def _record(ticket: dict[str, Any], number: int, event: dict[str, Any]) -> Recorded:
    at_ms = moment_ms(event["at"])
    said = {name: value for name, value in event.items() if name not in _OUR_OWN}
    if "says" in event:
        said["comment"] = {
            "id": f"{ticket['id']}-c{number}",
            "author_role": "agent",
            "public": True,
            "text": event["says"],
        }
    body = {
        "schema": "ticket.event/1",
        "event_id": f"{ticket['id']}-{number}",
        "source": "demo-desk",
        "occurred_at": at_ms - int(event.get("ago", 0) * MINUTE_MS),
        "ticket_id": ticket["id"],
        **ticket["about"],
        **said,
    }
    return Recorded("tickets.events", at_ms, ticket["id"].encode(), orjson.dumps(body))
