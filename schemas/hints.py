"""Hints: what the agent on the line should know now. Topic `agents.hints`, keyed by agent."""

from schemas.base import Code, EpochMillis, Id, Note, Wire
from schemas.evidence import Codes, EvidenceList, Reasons
from schemas.vocabulary import Level


class Hint(Wire, tag="agent.hint/1", frozen=True, kw_only=True):
    """One card for one agent: how far the complaint has come, why, and what helps."""

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
    customer_type: Code = ""
    alert_id: Code = ""
    region: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The hint id."""
        return self.hint_id
