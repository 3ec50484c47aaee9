"""Real dialogues as the records of a busy day: calls and chats, revisions, repeats, and poison in between."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.engine.transactions import partition_of
from tests.support.topics import Sent

REGIONS = ("110000", "310000", "440000", "440300", "510000", "710000", "810000", "unknown-code")
STEP_MS = 1_500
POISON = (
    b"not json",
    b"\xff\xfe",
    b"{}",
    b"null",
    b'{"schema": "call.utterance/9"}',
    b'[{"a": 1},{"b": 2}]',
    b'"\\u0000',
    b'{"schema": "call.utterance/1", "text": 7}',
)


def read_dialogues(path: Path) -> list[Mapping[str, Any]]:
    """The dialogues of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def records(
    dialogues: Sequence[Mapping[str, Any]],
    *,
    prefix: str,
    started_at_ms: int,
    partitions: int = 4,
    seed: int = 1,
    poison_share: float = 0.0,
) -> list[Sent]:
    """Every turn as an event, dialogues interleaved; some events twice, some calls with a partial text before."""
    dice = random.Random(seed)
    lanes = [iter(list(_events(number, each, dice, started_at_ms))) for number, each in enumerate(dialogues)]
    found: list[Sent] = []
    while lanes:
        open_lanes = []
        for lane in lanes:
            burst = [event for _, event in zip(range(dice.randint(1, 4)), lane, strict=False)]
            if burst:
                open_lanes.append(lane)
            for topic, body in burst:
                key = body["conversation_id"].encode()
                sent = Sent(
                    prefix + topic,
                    partition_of(key, partitions),
                    key,
                    json.dumps(body, ensure_ascii=False).encode(),
                    body["occurred_at"],
                )
                found.append(sent)
                if dice.random() < 0.02:
                    found.append(sent)
                if dice.random() < poison_share:
                    found.append(sent._replace(value=dice.choice(POISON)))
        lanes = open_lanes
    return found


def _events(
    number: int, dialogue: Mapping[str, Any], dice: random.Random, started_at_ms: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    conversation_id = f"{dialogue['id']}-{number}"
    is_call = number % 2 == 0
    topic = "calls.utterances" if is_call else "chats.messages"
    region = dice.choice(REGIONS)
    at_ms = started_at_ms + dice.randint(0, 60_000)
    for turn, said in enumerate(dialogue["turns"]):
        at_ms += dice.randint(0, 2 * STEP_MS)
        event_id = f"{conversation_id}:{turn}"
        body = {
            "event_id": event_id,
            "source": "dialogues",
            "occurred_at": at_ms,
            "conversation_id": conversation_id,
            "region": region,
            "agent_id": f"agent-{number % 17}",
            **({"customer_key": f"customer-{number % 90}"} if number % 3 else {}),
            "role": said["role"],
            "text": said["text"],
        }
        if not is_call:
            yield (
                topic,
                body
                | {
                    "schema": "chat.message/1",
                    "message_id": event_id,
                    "sender_id": said["role"],
                    "channel": "web",
                    "content_type": "text",
                    "sent_at": at_ms,
                },
            )
            continue
        call = body | {
            "schema": "call.utterance/1",
            "utterance_id": f"u-{turn}",
            "start_ms": turn * STEP_MS,
            "end_ms": turn * STEP_MS + 900,
        }
        if dice.random() < 0.1:
            half = said["text"][: len(said["text"]) // 2]
            yield topic, call | {"event_id": f"{event_id}:p", "text": half, "revision": 0, "is_final": False}
        yield topic, call | {"revision": 1, "is_final": True}
    yield (
        topic,
        {
            "schema": "call.lifecycle/1" if is_call else "chat.lifecycle/1",
            "event_id": f"{conversation_id}:end",
            "source": "dialogues",
            "occurred_at": at_ms + 1,
            "conversation_id": conversation_id,
            "phase": "ended",
        },
    )
