"""Incidents: alerts that belong together, and how far they have been dealt with. Topic `incidents`, compacted."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.actions import Verdict
from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Note, Wire
from schemas.vocabulary import Level, ReasonGroup

MAX_MEMBERS = 200  # beyond it only the count grows


class IncidentState(StrEnum):
    """How far an incident has come."""

    OPEN = "open"
    ACKED = "acked"
    RESOLVED = "resolved"
    CLOSED = "closed"


class ReasonCode(StrEnum):
    """Why somebody was told, or shown."""

    FIRST = "first"
    LEVEL_RAISED = "level_raised"
    NEW_MEMBERS = "new_members"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    ACK_EXPIRED = "ack_expired"
    # Of these nobody is told; cards that stand somewhere say so.
    ACKED = "acked"
    JUDGED = "judged"
    SILENCED = "silenced"
    SILENCE_ENDED = "silence_ended"


class Incident(Wire, tag="incident/1", frozen=True, kw_only=True):
    """One incident as it stands."""

    incident_id: Id
    fingerprint: Id
    state: IncidentState
    level: Level
    title: Note
    regions: Annotated[tuple[Code, ...], Meta(max_length=MAX_LIST_ITEMS)]
    reasons: Annotated[tuple[ReasonGroup, ...], Meta(max_length=MAX_LIST_ITEMS)]
    members: Annotated[tuple[Id, ...], Meta(max_length=MAX_MEMBERS)]  # alert ids
    count: Count
    opened_at: EpochMillis
    updated_at: EpochMillis
    step: Count
    reason_code: ReasonCode
    acked_by: Code = ""
    ack_expires_at: EpochMillis | None = None
    owner: Code = ""
    verdict: Verdict | None = None  # the last one
    silenced_by: Code = ""
    inhibited_by: Note = ""  # the matter that a larger incident mutes, such as `surge:logistics`
    test: Code = ""

    def record_id(self) -> str:
        """The incident and the moment of this snapshot."""
        return f"{self.incident_id}:{self.updated_at}"
