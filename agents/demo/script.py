"""The sample day: conversations written as dialogues in `day/*.yaml`, made into the records that real systems send.

`python -m agents.demo.script` writes `day.jsonl`, which `tocsin replay` and `tocsin simulate` read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from agents.demo.clock import moment_ms
from agents.demo.shifts import shift_records
from agents.demo.tickets import ticket_records
from agents.demo.voice import opinions, voice_records
from agents.recording.records import Recorded
from schemas.vocabulary import Level

FOLDER = Path(__file__).parent / "day"
RECORDING = Path(__file__).parent / "day.jsonl"
ROLES = {"客户": "customer", "客服": "agent", "机器人": "bot", "系统": "system"}
PARTIAL = "(未完)"  # what the recogniser heard before the speaker had finished
SECONDS_PER_CHAR = 0.22  # people speak about 270 characters a minute
REGION_FIELDS = ("region", "order_region", "customer_region", "caller_prefix", "site_region")
_NAMED = {"customer": "customer_key", "direction": "direction"}  # as it is written, and on the wire
# What a sender with a broken deployment might send. It becomes a dead letter and stops nobody.
POISON = b'{"event_id": "poison-1", "conversation_id": "call-0844", "text": "\xe6\x88'


@dataclass(frozen=True, slots=True)
class Conversation:
    """One written conversation, and what should come of it."""

    id: str
    begins_ms: int
    level: Level
    region: str  # the province it should be counted for
    shows: str
    written: dict[str, Any]

    @property
    def is_call(self) -> bool:
        """A call has no channel of its own in the script."""
        return "channel" not in self.written


def conversations() -> list[Conversation]:
    """The day's conversations in the order in which they begin."""
    written = [each for path in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load(path.read_text("utf-8"))]
    return sorted(map(_conversation, written), key=lambda each: (each.begins_ms, each.id))


def levels() -> dict[str, Level]:
    """What should come of each conversation and each answer to a questionnaire, by its id."""
    said = {each.id: each.level for each in conversations()}
    return said | {each.id: each.level for each in opinions()}


def records() -> list[Recorded]:
    """Every record of the day in the order of arrival, a broken one among them."""
    day = [record for each in conversations() for record in _records(each)]
    middle_ms = sorted(record.timestamp_ms for record in day)[len(day) // 2]
    day.append(Recorded("calls.utterances", middle_ms, b"call-0844", POISON))
    day += [*ticket_records(), *voice_records(), *shift_records()]
    return sorted(day, key=lambda record: record.timestamp_ms)


def _conversation(written: dict[str, Any]) -> Conversation:
    code = next((written[name] for name in REGION_FIELDS if name in written), "")
    return Conversation(
        id=written["id"],
        begins_ms=moment_ms(written["at"]),
        level=Level(written["level"]),
        region=f"{code[:2]}0000" if code else "unknown",
        shows=written["shows"],
        written=written,
    )


def _records(conversation: Conversation) -> list[Recorded]:
    written = conversation.written
    turns = [_turn(line) for line in written["says"].strip().splitlines()]
    found = [_lifecycle(conversation, "started", conversation.begins_ms)]
    elapsed_ms, number, revision = 2_000, 0, 0
    for role, text, is_final in turns:
        spoken_ms = 1_000 + int(len(text) * SECONDS_PER_CHAR * 1000)
        at_ms = conversation.begins_ms + elapsed_ms + spoken_ms
        said = {"role": role, "text": text, "is_final": is_final, "revision": revision}
        timing = {"start_ms": elapsed_ms, "end_ms": elapsed_ms + spoken_ms}
        make = _utterance if conversation.is_call else _message
        found.append(make(conversation, number, {**said, **timing}, at_ms))
        number, revision = (number + 1, 0) if is_final else (number, revision + 1)
        elapsed_ms += spoken_ms + 800 if is_final else 400
    if "repeat" in written:  # at-least-once senders do this
        found.append(found[written["repeat"]])
    found.append(_lifecycle(conversation, "ended", conversation.begins_ms + elapsed_ms + 2_000))
    late = written.get("late")
    if late is not None:
        found[late["turn"]] = _delayed(found[late["turn"]], late["minutes"] * 60_000)
    ago_ms = int(written.get("ago", 0) * 60_000)
    return [_delayed(record, ago_ms) for record in found] if ago_ms else found


def _turn(line: str) -> tuple[str, str, bool]:
    speaker, _, text = line.strip().partition(": ")
    return ROLES[speaker.removesuffix(PARTIAL)], text, not speaker.endswith(PARTIAL)


def _envelope(conversation: Conversation, event_id: str, at_ms: int) -> dict[str, Any]:
    written = conversation.written
    regions = {name: written[name] for name in REGION_FIELDS if name in written}
    source = "demo-telephony" if conversation.is_call else "demo-chat"
    known = {"customer_key": f"c-{conversation.id}"}
    known |= {name: written[key] for key, name in _NAMED.items() if key in written}
    return {
        "event_id": event_id, "source": source, "occurred_at": at_ms, "conversation_id": conversation.id,
        **regions, **known,
    }  # fmt: skip


def _lifecycle(conversation: Conversation, phase: str, at_ms: int) -> Recorded:
    body = _envelope(conversation, f"{conversation.id}-{phase}", at_ms) | {"phase": phase}
    for name in REGION_FIELDS[1:]:
        body.pop(name, None)  # a lifecycle event knows no more than the region
    return _record(conversation, "lifecycle", body, at_ms)


def _utterance(conversation: Conversation, number: int, said: dict[str, Any], at_ms: int) -> Recorded:
    body = _envelope(conversation, f"{conversation.id}-{number}-{said['revision']}", at_ms) | said
    body |= {"utterance_id": f"{conversation.id}-u{number}", **_desk(conversation)}
    return _record(conversation, "utterance", body, at_ms)


def _message(conversation: Conversation, number: int, said: dict[str, Any], at_ms: int) -> Recorded:
    body = _envelope(conversation, f"{conversation.id}-{number}", at_ms)
    body |= {"message_id": f"{conversation.id}-m{number}", "role": said["role"], "text": said["text"]}
    body |= {"sender_id": f"{conversation.id}-{said['role']}", "channel": conversation.written["channel"]}
    body |= {"content_type": "text", "sent_at": at_ms, **_desk(conversation)}
    return _record(conversation, "message", body, at_ms)


def _desk(conversation: Conversation) -> dict[str, str]:
    return {"queue": conversation.written["queue"], "agent_id": f"agent-{int(conversation.id[-2:]) % 12 + 1:02}"}


def _record(conversation: Conversation, kind: str, body: dict[str, Any], at_ms: int) -> Recorded:
    """A call's events wear their envelope as CloudEvents headers, a chat's in the body: both are accepted."""
    topic = "calls.utterances" if conversation.is_call else "chats.messages"
    schema = f"{'call' if conversation.is_call else 'chat'}.{kind}/1"
    headers: tuple[tuple[str, bytes], ...] = ()
    if conversation.is_call:
        attributes = {"specversion": "1.0", "id": body["event_id"], "source": body["source"], "type": schema}
        headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items())
    body = {"schema": schema, **body}
    return Recorded(topic, at_ms, conversation.id.encode(), orjson.dumps(body), headers)


def _delayed(record: Recorded, by_ms: int) -> Recorded:
    """The same event, said earlier than it arrived."""
    body = orjson.loads(record.value or b"")
    body["occurred_at"] -= by_ms
    return Recorded(record.topic, record.timestamp_ms, record.key, orjson.dumps(body), record.headers)


def main() -> None:
    """Write the recording anew."""
    RECORDING.write_bytes(b"".join(record.as_line() for record in records()))


if __name__ == "__main__":
    main()
