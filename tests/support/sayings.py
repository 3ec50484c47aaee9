"""Alerts with words in them, made up for tests of hot words, and a stage that is cut as a test likes."""

from collections.abc import Sequence
from typing import Any

from agents.stages.hotwords import WORDS
from pipeline.runner import Incoming, Runner
from pipeline.stage import Output
from pipeline.surge.judge import Change
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.evidence import Evidence
from schemas.hotwords import HotWords
from schemas.ticks import Tick
from schemas.topics import ALERTS, TICKS
from schemas.vocabulary import AlertKind, ChannelClass, Level

START_MS = 1_763_697_600_000  # a full hour
MINUTE = 60_000
HOUR = 60 * MINUTE


def saying(number: int, at_ms: int, *quotes: str, **changes: Any) -> Alert:
    """A conversation that complains in these words."""
    evidence = tuple(
        Evidence(
            rule="level.explicit:投诉",
            version="v",
            utterance_id=f"u{number}",
            char_start=0,
            char_end=len(quote),
            text_masked=quote,
        )
        for quote in quotes
    )
    fields: dict[str, Any] = {
        "alert_id": f"level_rise:c{number}:explicit:e{number}",
        "kind": AlertKind.LEVEL_RISE,
        "region": "440000",
        "fingerprint": f"level_rise:c{number}",
        "occurred_at": START_MS + at_ms,
        "emitted_at": START_MS + at_ms,
        "level": Level.EXPLICIT,
        "previous_level": Level.NONE,
        "channel": ChannelClass.VOICE,
        "conversation_id": f"c{number}",
        "customer_key": f"k{number}",
        "evidence": evidence,
    }
    return Alert(**fields | changes)


def tick(at_ms: int) -> Tick:
    """The clock in the log."""
    return Tick(now_ms=START_MS + at_ms)


def quiet_day(first: int = 0, *, an_hour: int = 10, hours: int = 24) -> list[Alert | Tick]:
    """A day of ordinary complaints, which teaches what is usual."""
    ordinary = ("退款一直没到账", "快递丢件了要赔偿", "空调安装师傅态度恶劣")
    events: list[Alert | Tick] = []
    for number in range(an_hour * hours):
        at_ms = number * HOUR // an_hour
        region = ("440000", "310000")[number % 2]
        events.append(saying(first + number, at_ms, ordinary[number % 3], region=region))
    return [*events, tick(hours * HOUR)]


def run(events: Sequence[Alert | Tick], *, most: int = 1_000) -> tuple[list[Output], dict[Any, Any]]:
    """What the stage publishes and keeps, read in batches of at most so many."""
    runner = Runner([WORDS], partition_of=lambda key: 0)
    outputs = list(runner.feed(map(_incoming, range(len(events)), events), most=most))
    return outputs, runner.rows(WORDS)


def hot_words(outputs: Sequence[Output], place: str = "all") -> list[HotWords]:
    """Snapshots of a place."""
    return [each.value for each in outputs if isinstance(each.value, HotWords) and each.value.place == place]


def outbreaks(outputs: Sequence[Output]) -> list[Alert]:
    """Outbreaks that were told."""
    return [each.value for each in outputs if isinstance(each.value, Alert) and Change.RESOLVED not in each.value.tags]


def overs(outputs: Sequence[Output]) -> list[Alert]:
    """Those that were told to be over."""
    return [each.value for each in outputs if isinstance(each.value, Alert) and Change.RESOLVED in each.value.tags]


def _incoming(offset: int, event: Alert | Tick) -> Incoming:
    value, headers = codec.encode_record(event)
    topic = ALERTS if isinstance(event, Alert) else TICKS
    at_ms = event.emitted_at if isinstance(event, Alert) else event.now_ms
    return Incoming(topic, 0, Record(offset, at_ms, b"440000", value, headers))
