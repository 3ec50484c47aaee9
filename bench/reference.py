"""The reference job (design: engine.md 6): what every stream system measured for this project had to do.

Call events of about 230 bytes, ten in a hundred with a phrase in them. Decode JSON, match 3,000 phrases in one pass,
write a tagged event for each match, count per region × level × minute in durable state; all of it exactly once.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import ahocorasick_rs
import msgspec

from pipeline.stage import Batch, Effects, Output, Rows, Stage
from schemas.base import Wire
from schemas.codec import Decoded, Raw, decode_batch
from schemas.topics import TICKS, Topic

PHRASE_COUNT = 3_000
MATCH_SHARE = 0.1
REGIONS = tuple(f"{number}0000" for number in range(11, 45))
LEVELS = ("potential", "explicit", "high_risk")
# Han characters by code point: phrases of four that mean nothing and overlap with no real word list.
_HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 2_000)]


def phrases() -> list[str]:
    """The 3,000 phrases, always the same."""
    dice = random.Random(6)
    return ["".join(dice.choices(_HAN, k=4)) for _ in range(PHRASE_COUNT)]


class Event(msgspec.Struct):
    """The fields that the job reads."""

    conversation_id: str
    occurred_at: int
    region: str
    text: str


class Matched(Wire, frozen=True, tag="reference.match/1"):
    """One event with a phrase in it."""

    conversation_id: str
    region: str
    level: str
    phrase: int
    emitted_at: int | None

    def record_id(self) -> str:
        """One match for each event."""
        return f"{self.conversation_id}:{self.emitted_at}"


class Count(msgspec.Struct):
    """Events of one region, level and minute."""

    count: int


EVENTS = Topic("reference.events", "conversation_id", ())
MATCHES = Topic("reference.matches", "conversation_id", (Matched,))


def events(count: int, *, seed: int = 7, started_at_ms: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Key, value and time of `count` events; a thousand a second of event time from `started_at_ms`."""
    dice = random.Random(seed)
    words = phrases()
    filler = "".join(chr(code) for code in range(0x6000, 0x6000 + 400))
    for number in range(count):
        start = dice.randrange(350)
        text = filler[start : start + 24]
        if dice.random() < MATCH_SHARE:
            text = text[:10] + dice.choice(words) + text[10:]
        key = f"call-{number % 20_000:05d}"
        at = started_at_ms + number
        value = {
            "event_id": f"{key}-{number}",
            "conversation_id": key,
            "role": "customer",
            "region": dice.choice(REGIONS),
            "text": text,
            "occurred_at": at,
        }
        yield key.encode(), msgspec.json.encode(value), at


_decode_list = msgspec.json.Decoder(list[Event]).decode


def decode(topic: Topic, records: Sequence[Raw], partition: int) -> Decoded:
    """The whole batch in one call; the job's input is its own, so nothing in it is bad."""
    if topic is TICKS:
        return decode_batch(topic, records, partition)
    return Decoded(_decode_list(b"[" + b",".join([record.value or b"" for record in records]) + b"]"), records, [])


def reference_stage() -> Stage[Count]:
    """The job as a stage."""
    automaton = ahocorasick_rs.AhoCorasick(phrases(), implementation=ahocorasick_rs.Implementation.ContiguousNFA)

    def decide(batch: Batch, rows: Rows[Count]) -> Effects[Count]:
        if batch.topic is TICKS:  # read so that the last offsets are committed: a turn takes them along
            return Effects()
        found: Sequence[Event] = batch.events
        texts = [event.text for event in found]
        joined = "\n".join(texts)
        effects: Effects[Count] = Effects()
        counts: Counter[bytes] = Counter()
        index, end = 0, len(texts[0])
        for phrase, start, _ in automaton.find_matches_as_indexes(joined):
            while start >= end:
                index += 1
                end += 1 + len(texts[index])
            event = found[index]
            level = LEVELS[phrase % 3]
            value = Matched(
                conversation_id=event.conversation_id,
                region=event.region,
                level=level,
                phrase=phrase,
                emitted_at=batch.records[index].timestamp,
            )
            effects.outputs.append(Output(MATCHES, event.conversation_id.encode(), value))
            counts[f"{event.region}:{level}:{event.occurred_at // 60_000}".encode()] += 1
        for key, count in counts.items():
            row = rows.get(key)
            effects.changes[key] = Count(count if row is None else row.count + count)
        return effects

    stage: Stage[Any] = Stage("reference", (EVENTS, TICKS), Count, (MATCHES,), decide, decode=decode)
    return stage
