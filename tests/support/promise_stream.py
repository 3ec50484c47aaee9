"""Promises as the records of a busy day: due within the next minutes, some kept by a call, some said twice.

Some of their customers complain in another call that names nothing but the order: its ticket is to move.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

from agents.engine.transactions import partition_of
from tests.support.inbound import utterance
from tests.support.tickets import MINUTE
from tests.support.topics import Sent

SPAN = 120 * MINUTE  # of what is promised
PROMISE = "您放心，两小时内给您回电话。"
THREAT = "再不给我退款我就打12315投诉你们"
SHARES = (0.75, 0.9, 1.0)


def promise_records(
    count: int, *, prefix: str, now_ms: int, within_ms: int, partitions: int = 4, seed: int = 1
) -> list[Sent]:
    """Calls with so many promises, each of which comes to a warning or its end within the span from now."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        point_ms = now_ms + int(within_ms * number / count)
        for body in _calls(number, point_ms - int(SPAN * dice.choice(SHARES)), dice, now_ms):
            key = body["conversation_id"].encode()
            value = json.dumps(body, ensure_ascii=False).encode()
            sent = Sent(
                prefix + "calls.utterances", partition_of(key, partitions), key, value, int(body["occurred_at"])
            )
            found += [sent, sent] if dice.random() < 0.1 else [sent]
    return found


def order_of(number: int) -> str:
    """The order of a ticket or of a complaint about it."""
    return f"order-{number}"


def _calls(number: int, said_ms: int, dice: random.Random, now_ms: int) -> Iterator[dict[str, Any]]:
    customer = {"customer_key": f"promised-{number}"} if dice.random() < 0.8 else {}
    about = {"region": "440000", "agent_id": f"agent-{number % 7}", **customer}
    name = f"promise-{number}"
    yield utterance(
        conversation_id=name, event_id=f"{name}:0", occurred_at=said_ms, role="agent", text=PROMISE, **about
    )
    if customer and dice.random() < 0.3:
        yield utterance(
            conversation_id=f"{name}-back",
            event_id=f"{name}:1",
            occurred_at=now_ms,
            text="你好",
            direction="out",
            **about,
        )
    if dice.random() < 0.3:
        yield utterance(
            conversation_id=f"{name}-again", event_id=f"{name}:2", occurred_at=now_ms, text=THREAT, region="440000",
            order_id=order_of(number),
        )  # fmt: skip
