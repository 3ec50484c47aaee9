"""Crossings: what one partition's incidents have to know of another's. Topic `incidents.crossings`.

Incidents live with their region. What mutes a matter in every region, and how many complaints one agent has had
wherever their customers live, goes through the log to the partition of each region, or of the agent.
"""

from schemas.base import Code, EpochMillis, Id, Note, Wire
from schemas.evidence import Reasons


class Inhibition(Wire, tag="incident.inhibition/1", frozen=True, kw_only=True):
    """An incident of another region began to mute something in this one, or ended."""

    region: Id  # where it is muted
    mutes: Note  # the matter, as `inhibited_by` of an incident names it
    incident_id: Id
    is_open: bool
    emitted_at: EpochMillis
    test: Code = ""

    def record_id(self) -> str:
        """The incident, the region, and whether it began or ended."""
        return f"inhibition:{self.incident_id[:80]}:{self.region}:{self.is_open}"


class AgentComplaint(Wire, tag="agent.complaint/1", frozen=True, kw_only=True):
    """A conversation with an agent became a complaint."""

    agent_id: Id
    alert_id: Id
    conversation_id: Code
    region: Code
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    queue: Code = ""
    reasons: Reasons = ()
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The alert."""
        return f"agent:{self.alert_id}"
