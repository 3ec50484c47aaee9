"""SLA clocks: how much of a promise's time is used, and by what. Topic `sla.clocks`, compacted."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, EpochMillis, Id, Millis, Note, Part, Wire


class ClockState(StrEnum):
    """Where a clock stands."""

    ACTIVE = "active"
    ACTIVE_WITH_MISSES = "active_with_misses"
    HIT = "hit"
    MISSED = "missed"
    CANCELLED = "cancelled"


class LedgerKind(StrEnum):
    """What moved a clock."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RESET = "reset"
    POLICY = "policy"
    PRIORITY = "priority"
    CALENDAR = "calendar"
    WARN = "warn"
    BREACH = "breach"
    STOP = "stop"


class LedgerEntry(Part, frozen=True, kw_only=True):
    """One line of a clock's account: what moved it, by whom, and what it was before and after."""

    at: EpochMillis
    kind: LedgerKind
    by: Code = ""
    why: Note = ""
    elapsed_before: Millis | None = None
    due_before: EpochMillis | None = None
    due_after: EpochMillis | None = None


class SlaClock(Wire, tag="sla.clock/1", frozen=True, kw_only=True):
    """One clock of one ticket as it stands, with the end of its ledger."""

    ticket_id: Id
    clock: Id
    policy: Code
    policy_version: Code
    target_ms: Millis
    started_at: EpochMillis
    due_at: EpochMillis
    paused_ms: Millis
    running: bool
    state: ClockState
    warned_at: Annotated[dict[Code, EpochMillis], Meta(max_length=MAX_LIST_ITEMS)]  # share of the target: when
    ledger_tail: Annotated[tuple[LedgerEntry, ...], Meta(max_length=MAX_LIST_ITEMS)]
    breached_at: EpochMillis | None = None
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Ticket, clock and the moment of this snapshot."""
        return f"clock:{self.ticket_id}:{self.clock}:{self.emitted_at}"
