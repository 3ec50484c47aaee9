"""Inbound records made up for tests: a good call event, and what to change about it."""

import json
from typing import Any

from schemas.codec import Record

NOON_MS = 1_763_697_600_000
LEFT_OUT = object()
PHONE = "13800138000"  # stands for whatever a customer says; must never be seen outside the raw bytes


def utterance(number: int = 0, **changes: Any) -> dict[str, Any]:
    """The body of one call event; a change to LEFT_OUT takes the field away."""
    body = {
        "schema": "call.utterance/1",
        "event_id": f"e-{number}",
        "source": "asr",
        "occurred_at": NOON_MS + number,
        "conversation_id": f"c-{number % 7}",
        "utterance_id": f"u-{number}",
        "revision": 0,
        "is_final": True,
        "role": "customer",
        "text": "再不解决我就要投诉了",
        "start_ms": 1_000 * number,
        "end_ms": 1_000 * number + 900,
    } | changes
    return {name: value for name, value in body.items() if value is not LEFT_OUT}


def record(
    body: Any, *, offset: int = 0, headers: Any = (), key: Any = LEFT_OUT, at_ms: int | None = NOON_MS
) -> Record:
    """A body, as bytes or as a value, as a record with the key that belongs to it."""
    value = body if isinstance(body, bytes) or body is None else json.dumps(body, ensure_ascii=False).encode()
    if key is LEFT_OUT:
        key = str(body.get("conversation_id", "")).encode() if isinstance(body, dict) else b"c-0"
    return Record(offset=offset, timestamp=at_ms, key=key, value=value, headers=headers)
