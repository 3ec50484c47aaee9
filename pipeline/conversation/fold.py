"""One batch of many conversations: all its texts are read in one pass, and most events cost a few microseconds."""

from collections.abc import Sequence
from copy import copy
from typing import Protocol

from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.said import Event
from pipeline.conversation.state import (
    AGENT,
    CUSTOMER,
    Conversation,
)
from pipeline.conversation.step import advance, open_row
from pipeline.findings import Finding
from pipeline.stage import Batch, Effects, Rows
from schemas.calls import Utterance
from schemas.chats import ChatMessage
from schemas.topics import MESSAGES, UTTERANCES
from schemas.vocabulary import Role

_ROW_KEY_PREFIX = {UTTERANCES.name: b"call:", MESSAGES.name: b"chat:"}


class Reader(Protocol):
    """What reads the texts of a batch."""

    def tag(self, texts: Sequence[str], roles: Sequence[Role]) -> list[Finding | None]:
        """What each text shows; None where it shows nothing."""
        ...


def fold(batch: Batch, rows: Rows[Conversation], *, tagger: Reader, lookups: Lookups) -> Effects[Conversation]:
    """Fold one batch into its conversations. Changes nothing: rows and outputs are returned."""
    prefix = _ROW_KEY_PREFIX.get(batch.topic.name)
    if prefix is None:  # a tick: conversations follow the time of their own events
        return Effects()
    effects: Effects[Conversation] = Effects()
    working: dict[str, Conversation] = {}
    findings = _read(batch.events, tagger)
    for event, record, finding in zip(batch.events, batch.records, findings, strict=True):
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
        advance(row, event, finding, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=effects.outputs)
    for conversation_id, row in working.items():
        effects.changes[prefix + conversation_id.encode()] = row
    return effects


def _read(events: Sequence[Event], tagger: Reader) -> list[Finding | None]:
    """The finding of each event; what bots and systems say, and what was deleted, is not read."""
    places: list[int] = []
    texts: list[str] = []
    roles: list[Role] = []
    for place, event in enumerate(events):
        kind = type(event)
        if kind is not Utterance and (kind is not ChatMessage or event.deleted):  # type: ignore[union-attr]
            continue
        role = event.role  # type: ignore[union-attr]
        text = event.text  # type: ignore[union-attr]
        if text and (role is CUSTOMER or role is AGENT):
            places.append(place)
            texts.append(text)
            roles.append(role)
    findings: list[Finding | None] = [None] * len(events)
    for place, finding in zip(places, tagger.tag(texts, roles), strict=True):
        findings[place] = finding
    return findings
