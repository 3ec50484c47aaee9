"""SLA clocks: how much of a promise's time is used, and by what. Topic `sla.clocks`, compacted.

One record holds all clocks of a ticket: they change together, and the topic keeps the last record of a key.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Millis, Note, Part, Wire
from schemas.evidence import Codes
from schemas.tickets import Priority, TicketStatus


class GoalKind(StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"  # created -> first public answer of an agent
    NEXT_RESPONSE = "next_response"  # the customer writes -> public answer; anew each time
    EVERY_RESPONSE = "every_response"  # each message of the customer -> public answer; a clock for each
    PERIODIC_UPDATE = "periodic_update"  # one public answer -> the next
    REQUESTER_WAIT = "requester_wait"  # created -> solved, as the customer lives through it
    HANDLE = "handle"  # assigned -> solved
    FIRST_RESOLUTION = "first_resolution"  # created -> first solved; reopening starts nothing
    TOTAL_RESOLUTION = "total_resolution"  # created -> last solved; reopening goes on where it stood
    FIRST_ACTION = "first_action"  # a complaint of a level -> somebody acts


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
    clock: Code = ""
    by: Code = ""
    why: Note = ""  # a code with its object: `status:pending`, `priority:urgent`, `answer`
    event_id: Code = ""  # the ticket event or action that did it; a warning has none, time did it
    elapsed_before: Millis | None = None
    due_before: EpochMillis | None = None
    due_after: EpochMillis | None = None


class SlaClock(Part, frozen=True, kw_only=True):
    """One clock of one ticket as it stands."""

    clock: GoalKind
    target_ms: Millis
    started_at: EpochMillis
    elapsed_ms: Millis  # working time used up to `as_of`
    as_of: EpochMillis
    paused_ms: Millis  # working time that passed while it was paused
    running: bool
    state: ClockState
    calendar: Code = ""
    cycle: Count = 1  # which one it is, of a clock that starts anew
    due_at: EpochMillis | None = None  # none while it stands still
    due_is_estimated: bool = False  # lies beyond the dates of which holidays are known
    stopped_at: EpochMillis | None = None
    breached_at: EpochMillis | None = None
    misses: Count = 0  # of its earlier cycles
    warned_at: Annotated[dict[Code, EpochMillis], Meta(max_length=MAX_LIST_ITEMS)] = {}  # noqa: RUF012  msgspec copies it


class TicketClocks(Wire, tag="sla.clocks/1", frozen=True, kw_only=True):
    """All clocks of one ticket as they stand, with the end of their ledger."""

    ticket_id: Id
    status: TicketStatus
    priority: Priority
    policy: Code
    policy_version: Code
    clocks: Annotated[tuple[SlaClock, ...], Meta(max_length=MAX_LIST_ITEMS)]
    ledger_tail: Annotated[tuple[LedgerEntry, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()
    would_do: Codes = ()  # commands of actions that only try: `assign:task-force`
    findings: Codes = ()  # signs that clocks were parked: `late_pause`, `long_pause` …
    created_at: EpochMillis = 0
    group_id: Code = ""
    assignee_id: Code = ""
    region: Code = ""
    conversation_id: Code = ""
    merged_into: Code = ""
    tenant: Code = "default"
    test: Code = ""
    version: Count = 1  # of this snapshot; the highest counts
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Ticket and version."""
        return f"clocks:{self.ticket_id}:{self.version}"
