"""One batch of alerts, sayings or ticks: what customers said is counted, and what time has passed is looked at.

Each record is taken by itself, and a place moves only by what is counted in it and by ticks: neither where a batch ends
nor how alerts and sayings interleave makes a difference.
"""

from pipeline.hotwords.passing import Passing
from pipeline.hotwords.said import as_saying, as_waiting, heard_at_ms, is_heard, new_terms, quotes_of
from pipeline.hotwords.state import ALL, WordsRow, counted_key
from pipeline.places.provinces import REGIONS, UNKNOWN
from pipeline.stage import Batch, Effects, Output, Rows
from schemas.alerts import Alert
from schemas.hotwords import Saying
from schemas.ticks import Tick
from schemas.topics import SAYINGS

PLACES = (*REGIONS, ALL)


def fold(batch: Batch, rows: Rows[WordsRow]) -> Effects[WordsRow]:
    """Fold records into the places that they are about. Changes nothing: rows and outputs are returned."""
    passing = Passing(rows, Effects())
    for event in batch.events:
        if isinstance(event, Alert):
            if is_heard(event):
                _take_alert(event, passing)
        elif isinstance(event, Saying):
            passing.take(ALL, as_waiting(event), emitted_at_ms=event.emitted_at)
        elif isinstance(event, Tick):
            for place in PLACES:
                passing.move(place, event.now_ms, emitted_at_ms=event.now_ms)
    return passing.effects


def _take_alert(alert: Alert, passing: Passing) -> None:
    region = alert.region if alert.region in REGIONS else UNKNOWN
    if not passing.has_room(region, heard_at_ms(alert), emitted_at_ms=alert.emitted_at):
        return
    key = counted_key(alert.conversation_id)
    known = passing.get(key)
    quotes = quotes_of(alert)
    terms, counted = new_terms(alert, quotes, known.counted if known is not None else b"")
    if not terms:
        return
    passing.effects.changes[key] = WordsRow(counted=counted)
    saying = as_saying(alert, terms, quotes, region)
    passing.take(region, as_waiting(saying), emitted_at_ms=alert.emitted_at)
    passing.effects.outputs.append(Output(SAYINGS, ALL.encode(), saying))
