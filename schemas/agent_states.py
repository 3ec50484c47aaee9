"""Agent states: who is ready, talking, writing up, away. Topic `agents.states`; optional."""

from enum import StrEnum

from schemas.base import Code, EpochMillis, Id
from schemas.events import Event


class AgentStateKind(StrEnum):
    """What an agent is doing."""

    READY = "ready"
    TALKING = "talking"
    ACW = "acw"  # after-call work: it counts as occupied
    BREAK = "break"
    OFFLINE = "offline"


class AgentState(Event, tag="agent.state/1", frozen=True, kw_only=True):
    """One agent is in one state since a moment."""

    agent_id: Id
    state: AgentStateKind
    since: EpochMillis
    until: EpochMillis | None = None
    queue: Code | None = None
