"""Hints: what the agent on the line should know now. Topic `agents.hints`, keyed by agent."""

from schemas.base import Code, EpochMillis, Id, Note, Wire
from schemas.contacts import Background
from schemas.evidence import Codes, EvidenceList, Reasons
from schemas.vocabulary import AlertKind, Level, ThreatGroup


class Hint(Wire, tag="agent.hint/1", frozen=True, kw_only=True):
    """One card for one agent: how far the complaint has come, why, what helps, and what not to say."""

    hint_id: Id
    agent_id: Id
    conversation_id: Id
    level: Level
    reasons: Reasons
    advice: Note  # Chinese
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    advice_en: Note = ""
    keywords: Codes = ()
    evidence: EvidenceList = ()
    customer_type: Code = ""  # emotional, righteous, stubborn, prepared, influential …
    background: Background | None = None  # the customer's earlier contacts, so that nobody has to tell them again
    handling: Note = ""  # how to treat this type; Chinese
    handling_en: Note = ""
    avoid: Note = ""  # what not to say; Chinese
    avoid_en: Note = ""
    next_step: Note = ""  # Chinese
    next_step_en: Note = ""
    kind: AlertKind = AlertKind.LEVEL_RISE  # of the alert that it came with; self_harm: the person first
    never_silenced: bool = False  # as on the alert: shown at once, whatever is muted
    threats: tuple[ThreatGroup, ...] = ()
    alert_id: Code = ""
    ticket_id: Code = (
        ""  # of a hint about a ticket; `conversation_id` is then the ticket's, or this id where it has none
    )
    region: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The hint id."""
        return self.hint_id
