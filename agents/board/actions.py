"""What somebody does on the board, as a record of `alerts.actions`. The board changes nothing itself."""

from typing import Annotated

from msgspec import Meta, Struct

from agents.board.access import Identity
from pipeline.text.redact import redact
from schemas.actions import Action, ActionKind, ActionSource, Silence, Verdict
from schemas.audits import NOTE_CHARS_MAX
from schemas.base import Id


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page or a program asks for. Whoever sends `action_id` twice has acted once."""

    action_id: Id
    action: ActionKind
    region: Id
    incident_id: Id | None = None
    alert_id: Id | None = None
    verdict: Verdict | None = None
    note: Annotated[str, Meta(max_length=NOTE_CHARS_MAX)] | None = None
    silence: Silence | None = None
    silence_id: Id | None = None


def action_of(asked: Asked, who: Identity, *, source: ActionSource, now_ms: int) -> Action:
    """The record; raises ValueError where a part is missing. Who acted is who logged in, whatever was sent."""
    return Action(
        event_id=asked.action_id,
        source=source,
        occurred_at=now_ms,
        action_id=asked.action_id,
        action=asked.action,
        region=asked.region,
        actor=who.name,
        at=now_ms,
        incident_id=asked.incident_id,
        alert_id=asked.alert_id,
        verdict=asked.verdict,
        note=redact(asked.note).text if asked.note else None,
        silence=asked.silence,
        silence_id=asked.silence_id,
    )
