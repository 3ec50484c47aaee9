"""House rules for after-sales tickets (S24): what must not happen to a case, whoever handles it.

What one ticket shows by itself `conduct` finds; what only several tickets show together, the stage `links`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.sla.calendar import WorkCalendar
from pipeline.times import MINUTE_MS
from schemas.links import Act
from schemas.tickets import TicketStatus

REFILED = "refiled_category"  # a case of quality was filed again as the customer's own wish
UNEXPLAINED_REJECTION = "unexplained_rejection"  # refused, and nobody wrote why
REPEATED_ORDER = "repeated_order"  # several open tickets for one order
UNSTAFFED_HOURS = "unstaffed_hours"  # in hours that should be staffed a customer waited, and nobody wrote to anybody
BULK_REJECTION = "bulk_rejection"  # one person refused many within minutes
BULK_STATUS = "bulk_status"  # one person stopped the clocks of many within minutes
BULK_OF = {Act.REJECTED: BULK_REJECTION, Act.STOPPED: BULK_STATUS}

UNSTAFFED_AFTER_MINUTES = 30
STOPPING = frozenset({TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED, TicketStatus.CLOSED})
BULK_COUNT = 10
BULK_WITHIN_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Staffing:
    """When somebody has to be there, and how long a customer may find nobody in these hours."""

    calendar: WorkCalendar
    within_ms: int


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The words of this house: which categories mean quality, which mean whim, which tags mean that it was refused."""

    quality: frozenset[str] = frozenset()
    whim: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    staffing: Staffing | None = None

    @classmethod
    def of(cls, written: Mapping[str, Any], calendars: Mapping[str, WorkCalendar]) -> "HouseRules":
        """From the section of a file; the calendar that it names is there."""
        words = {name: frozenset(written.get(name) or ()) for name in ("quality", "whim", "rejected")}
        staffed = written.get("staffed")
        minutes = written.get("answered_within_minutes") or UNSTAFFED_AFTER_MINUTES
        return cls(**words, staffing=Staffing(calendars[staffed], minutes * MINUTE_MS) if staffed else None)

    def rejects(self, before: tuple[str, ...], tags: tuple[str, ...] | None) -> bool:
        """Whether an event refuses what the customer asked for."""
        return tags is not None and not self.rejected.isdisjoint(tags) and self.rejected.isdisjoint(before)
