"""Tickets as the records of a busy day: most are due within the next minutes, some are paused, answered, sent twice."""

import random
from collections.abc import Iterator
from typing import Any

from agents.engine.transactions import partition_of
from schemas import codec
from tests.support.promise_stream import order_of
from tests.support.tickets import MINUTE, comment_event, ticket_event
from tests.support.topics import Sent

TARGET = 30 * MINUTE  # of an urgent ticket's first response in the shipped policies
WORDS = ("什么时候能好", "太失望了", "再不给我退款我就打12315投诉你们")
SHARES = (0.75, 0.9, 1.0)


def ticket_records(
    count: int, *, prefix: str, now_ms: int, within_ms: int, partitions: int = 4, seed: int = 1
) -> list[Sent]:
    """Events of so many tickets, each of which comes to a warning or a breach within the span from now."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        share = dice.choice(SHARES)
        due_ms = now_ms + int(within_ms * number / count)
        for event in _events(number, due_ms - int(TARGET * share), dice, now_ms):
            key = event.ticket_id.encode()
            sent = Sent(
                prefix + "tickets.events", partition_of(key, partitions), key, codec.encode(event), event.occurred_at
            )
            found += [sent, sent] if dice.random() < 0.1 else [sent]
    return found


def _events(number: int, created_ms: int, dice: random.Random, now_ms: int) -> Iterator[Any]:
    ticket_id = f"ticket-{number}"
    about = {"ticket_id": ticket_id, "priority": "urgent", "region": dice.choice(("440000", "310000"))}
    about["conversation_id"] = f"c-{ticket_id}"
    about["order_id"] = order_of(number)
    yield ticket_event(created_ms, "created", status="new", event_id=f"{ticket_id}:0", **about)
    if dice.random() < 0.5:
        assignee = f"agent-{dice.randint(0, 9)}"
        moment = min(created_ms + MINUTE, now_ms)
        yield ticket_event(moment, "assigned", event_id=f"{ticket_id}:1", assignee_id=assignee, **about)
    if dice.random() < 0.2:
        moment = min(created_ms + 2 * MINUTE, now_ms)
        yield comment_event(moment, "customer", event_id=f"{ticket_id}:2", text=dice.choice(WORDS), **about)
