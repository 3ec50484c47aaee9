"""Audits: what became of each action, and of those that were refused. Topic `alerts.audit`, keyed by region."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.actions import ActionKind, ActionSource, Silence, Verdict
from schemas.base import Code, EpochMillis, Id, Wire

NOTE_CHARS_MAX = 1_000


class ActionResult(StrEnum):
    """What became of an action."""

    TAKEN = "taken"
    AWAITS_CONSENT = "awaits_consent"  # a silence holds for a day, and longer when a second person agrees
    UNCHANGED = "unchanged"  # in order, but there was nothing left to do, as for an incident that is resolved
    REPEATED = "repeated"  # it came before: a link that was used, a button that was pressed twice
    EXPIRED = "expired"  # the link or button by which it came is too old
    NOT_ALLOWED = "not_allowed"  # whoever acted may not do this
    SECOND_PERSON = "second_person"  # who began a long silence cannot agree to it as well
    UNKNOWN_INCIDENT = "unknown_incident"  # not, or no longer, an incident of ours


REFUSED = frozenset(
    {
        ActionResult.REPEATED,
        ActionResult.EXPIRED,
        ActionResult.NOT_ALLOWED,
        ActionResult.SECOND_PERSON,
        ActionResult.UNKNOWN_INCIDENT,
    }
)


class ActionAudit(Wire, tag="action.audit/1", frozen=True, kw_only=True):
    """Who did what, by which way, when, and what became of it."""

    action_id: Id
    action: ActionKind
    result: ActionResult
    region: Id
    actor: Id  # a person or a group of the on-call plan, or the name of a token
    source: ActionSource
    at: EpochMillis  # when it was done, by the clock of whoever took it
    incident_id: Code = ""
    alert_id: Code = ""
    verdict: Verdict | None = None
    note: Annotated[str, Meta(max_length=NOTE_CHARS_MAX)] = ""  # masked
    silence: Silence | None = None
    silence_id: Code = ""  # which silence was ended or agreed to

    def record_id(self) -> str:
        """The action and what became of it."""
        return f"{self.action_id}:{self.result}"
