"""The rows of the measures stage: what was counted on the way, and what was counted already."""

from enum import StrEnum

import msgspec

from pipeline.kpis.tallies import CountingRow
from schemas.agent_states import AgentStateKind


class Work(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one agent is doing."""

    state: AgentStateKind
    since_ms: int
    until_ms: int | None = None


class Birth(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where and when a ticket was created: its sale belongs to the same hour, or it would be of other tickets."""

    region: str
    at_ms: int


class Deed(StrEnum):
    """What is counted once of a ticket, an incident or a promise."""

    CREATED = "created"
    SOLD = "sold"
    ACKNOWLEDGED = "acknowledged"
    SETTLED = "settled"


class MeasuresRow(CountingRow, frozen=True, omit_defaults=True, gc=False):
    """One row: what is pending of a subject, an agent's work, or what was counted of a ticket or an incident."""

    work: Work | None = None
    done: tuple[str, ...] = ()  # deeds, and clocks as `goal@moment`
    birth: Birth | None = None  # of a ticket
