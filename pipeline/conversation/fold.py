"""One batch of many conversations: what its texts say goes into their rows, and most events cost a few microseconds."""

from collections.abc import Sequence
from copy import copy

from pipeline.conversation.context import take_contexts
from pipeline.conversation.heard import Heard
from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.silence import ring_rules
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import advance, open_row
from pipeline.quality.attending import ring
from pipeline.stage import Batch, Effects, Rows
from schemas.ticks import Tick
from schemas.topics import CONTEXTS, MESSAGES, UTTERANCES

_ROW_KEY_PREFIX = {UTTERANCES.name: b"call:", MESSAGES.name: b"chat:"}


def fold(batch: Batch, rows: Rows[Conversation], *, lookups: Lookups) -> Effects[Conversation]:
    """Fold one batch into its conversations. Changes nothing: rows and outputs are returned."""
    if batch.topic is CONTEXTS:
        return take_contexts(batch, rows, lookups=lookups)
    prefix = _ROW_KEY_PREFIX.get(batch.topic.name)
    effects: Effects[Conversation] = Effects()
    if prefix is None:
        for tick in batch.events if lookups.service.judges_silence else ():
            _ring(tick, rows, effects, lookups)
        return effects
    working: dict[str, Conversation] = {}
    readings: Sequence[Heard | None] = batch.readings or ()
    for event, record, heard in zip(batch.events, batch.records, readings, strict=True):
        conversation_id = event.conversation_id
        hashed = event_hash(event.event_id)
        row = working.get(conversation_id)
        if row is None:
            known = rows.get(prefix + conversation_id.encode())
            if known is not None and is_recent(known.recent, hashed):
                continue
            row = working[conversation_id] = open_row(event) if known is None else copy(known)
        elif is_recent(row.recent, hashed):
            continue
        row.recent = remember(row.recent, hashed)
        emitted_at_ms = record.timestamp
        if emitted_at_ms is None or emitted_at_ms < 0:
            emitted_at_ms = 0
        advance(row, event, heard, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=effects.outputs)
    for conversation_id, row in working.items():
        effects.changes[prefix + conversation_id.encode()] = row
    return effects


def _ring(tick: Tick, rows: Rows[Conversation], effects: Effects[Conversation], lookups: Lookups) -> None:
    """Look at the conversations in which something may have been left out in silence. A tick decides nothing else."""
    now_ms = tick.now_ms
    for key in rows.due(now_ms):
        known = effects.changes.get(key) or rows.get(key)
        if known is None or not known.wake_at_ms or known.wake_at_ms > now_ms:
            continue
        row = effects.changes[key] = copy(known)
        conversation_id = key.partition(b":")[2].decode()
        ring(row, conversation_id, lookups=lookups, now_ms=now_ms, outputs=effects.outputs)
        ring_rules(row, conversation_id, lookups=lookups, now_ms=now_ms, outputs=effects.outputs)
