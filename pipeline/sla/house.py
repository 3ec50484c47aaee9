"""House rules for after-sales tickets (S24): what must not happen to a case, whoever handles it.

What one ticket shows by itself `conduct` finds; what only several tickets show together, the stage `links`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.links import Act
from schemas.tickets import TicketStatus

REFILED = "refiled_category"  # a case of quality was filed again as the customer's own wish
UNEXPLAINED_REJECTION = "unexplained_rejection"  # refused, and nobody wrote why
REPEATED_ORDER = "repeated_order"  # several open tickets for one order
BULK_REJECTION = "bulk_rejection"  # one person refused many within minutes
BULK_STATUS = "bulk_status"  # one person stopped the clocks of many within minutes
BULK_OF = {Act.REJECTED: BULK_REJECTION, Act.STOPPED: BULK_STATUS}

STOPPING = frozenset({TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED, TicketStatus.CLOSED})
BULK_COUNT = 10
BULK_WITHIN_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The words of this house: which categories mean quality, which mean whim, which tags mean that it was refused."""

    quality: frozenset[str] = frozenset()
    whim: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "HouseRules":
        """From the section of a file."""
        return cls(**{name: frozenset(written.get(name) or ()) for name in ("quality", "whim", "rejected")})

    def rejects(self, before: tuple[str, ...], tags: tuple[str, ...] | None) -> bool:
        """Whether an event refuses what the customer asked for."""
        return tags is not None and not self.rejected.isdisjoint(tags) and self.rejected.isdisjoint(before)
