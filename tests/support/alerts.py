"""Alerts made up for tests of windows, and a fold that is cut as a test likes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pipeline.regions.fold import fold
from pipeline.regions.state import RegionRow
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch, Output
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.evidence import Reason
from schemas.ticks import Tick
from schemas.topics import ALERTS, TICKS
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup
from schemas.windows import RegionWindow

HOUR_START_MS = 1_763_697_600_000  # a full hour
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

REFUND = Reason(l1=ReasonGroup.AFTER_SALES, l2="refund")
ATTITUDE = Reason(l1=ReasonGroup.SERVICE, l2="attitude")


def alert(number: int, at_ms: int = 0, **changes: Any) -> Alert:
    """A call from Guangdong became explicit because of a refund."""
    fields: dict[str, Any] = {
        "alert_id": f"level_rise:c{number}:explicit:e{number}",
        "kind": AlertKind.LEVEL_RISE,
        "region": "440000",
        "fingerprint": f"level_rise:c{number}",
        "occurred_at": HOUR_START_MS + at_ms,
        "emitted_at": HOUR_START_MS + at_ms,
        "level": Level.EXPLICIT,
        "previous_level": Level.NONE,
        "channel": ChannelClass.VOICE,
        "reasons": (REFUND,),
    }
    return Alert(**fields | changes)


def tick(at_ms: int) -> Tick:
    """The clock in the log."""
    return Tick(now_ms=HOUR_START_MS + at_ms)


def run(events: Sequence[Any], cuts: set[int] | None = None) -> tuple[list[RegionWindow], dict[bytes, bytes]]:
    """Windows published and rows kept. Alerts and ticks are batches of their own; alerts are also cut at `cuts`."""
    changelog: dict[bytes, bytes | None] = {}
    outputs: list[Output] = []
    for start, end in pairwise(_borders(events, cuts or set())):
        topic = TICKS if isinstance(events[start], Tick) else ALERTS
        store: Store[RegionRow] = Store(RegionRow)
        store.load(changelog.items())
        store.loaded(now_ms=0)
        records = [Record(place, HOUR_START_MS + place, None, b"") for place in range(start, end)]
        effects = fold(Batch(topic, 0, events[start:end], records), store)
        outputs += effects.outputs
        for key, row in effects.changes.items():
            changelog[key] = None if row is None else encode_row(row)
    return [output.value for output in outputs], {key: row for key, row in changelog.items() if row is not None}


def _borders(events: Sequence[Any], cuts: set[int]) -> list[int]:
    changes = {place for place in range(1, len(events)) if type(events[place]) is not type(events[place - 1])}
    return sorted({0, len(events), *changes, *(cut for cut in cuts if cut < len(events))})
