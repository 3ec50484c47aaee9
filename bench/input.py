"""What the product job reads: dialogues as calls and chats, again and again under new ids, without end.

Real dialogues where `../shared` is beside the clone; the demo's own day where it is not, and the results say which.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.demo.script import records as demo_records
from agents.engine.transactions import partition_of
from bench.feed import Line

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "dialogues_dev.jsonl"
REGIONS = ("110000", "310000", "440000", "510000", "330000", "420000", "710000", "810000")
LANES = 200  # dialogues that run at the same time
TURN_MS = 1_500


def data_name() -> str:
    """Which dialogues are read."""
    return "dialogues_dev" if SHARED.exists() else "demo_day"


def product_lines(prefix: str, partitions: int) -> Iterator[Line]:
    """Events of interleaved dialogues."""
    dialogues = _dialogues()
    started_at_ms = int(time.time() * 1000) - 60_000
    number = 0
    lanes: list[Iterator[Line]] = []
    while True:
        while len(lanes) < LANES:
            dialogue = dialogues[number % len(dialogues)]
            lanes.append(_events(dialogue, number, prefix, partitions, started_at_ms + number))
            number += 1
        still = []
        for lane in lanes:
            line = next(lane, None)
            if line is not None:
                yield line
                still.append(lane)
        lanes = still


def _dialogues() -> list[Mapping[str, Any]]:
    if SHARED.exists():
        return [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    by_conversation: dict[str, list[dict[str, str]]] = {}
    for recorded in demo_records():
        try:
            body = json.loads(recorded.value or b"")
        except ValueError:  # the demo has a broken record in it
            continue
        if "text" in body:
            turns = by_conversation.setdefault(body["conversation_id"], [])
            turns.append({"role": body["role"], "text": body["text"]})
    return [{"turns": turns} for turns in by_conversation.values()]


def _events(
    dialogue: Mapping[str, Any], number: int, prefix: str, partitions: int, started_at_ms: int
) -> Iterator[Line]:
    conversation_id = f"bench-{number}"
    key = conversation_id.encode()
    partition = partition_of(key, partitions)
    is_call = number % 2 == 0
    topic = prefix + ("calls.utterances" if is_call else "chats.messages")
    for turn, said in enumerate(dialogue["turns"]):
        at_ms = started_at_ms + turn * TURN_MS
        body = {
            "event_id": f"{conversation_id}:{turn}",
            "source": "bench",
            "occurred_at": min(at_ms, started_at_ms + 3_600_000),
            "region": REGIONS[number % len(REGIONS)],
            "conversation_id": conversation_id,
            "agent_id": f"agent-{number % 50}",
            "role": said["role"],
            "text": said["text"],
        }
        if is_call:
            body |= {
                "schema": "call.utterance/1",
                "utterance_id": f"u-{turn}",
                "revision": 0,
                "is_final": True,
                "start_ms": turn * TURN_MS,
                "end_ms": turn * TURN_MS + 900,
            }
        else:
            body |= {
                "schema": "chat.message/1",
                "message_id": f"m-{turn}",
                "sender_id": said["role"],
                "channel": "web",
                "content_type": "text",
                "sent_at": at_ms,
            }
        yield Line(topic, partition, key, json.dumps(body, ensure_ascii=False).encode())
