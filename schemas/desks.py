"""Desks: what all tickets of one desk show together. Topics `tickets.desk` (what a ticket tells it) and `tickets.hot`.

A desk is a tenant's: the people who answer its tickets.
"""

from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Part, Wire
from schemas.evidence import Codes


class DeskTopics(Wire, tag="desk.topics/1", frozen=True, kw_only=True):
    """A ticket was opened, or came to belong to a topic to which it had not belonged; once for a ticket and topic."""

    desk: Id
    ticket_id: Id
    is_opened: bool
    topics: Codes = ()  # `category:exchange`, `tag:vip`, `product:sku-1`, `reason:refund`
    customer: Code = ""  # the customer's key; the ticket's id where nobody knows who asked
    occurred_at: EpochMillis
    cause_id: Code = ""  # the event or alert that said so
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Ticket and cause."""
        return f"desk.topics:{self.ticket_id}:{self.cause_id}"


class DeskWait(Wire, tag="desk.wait/1", frozen=True, kw_only=True):
    """A customer begins to wait for somebody at the desk, or somebody there has written or ended it."""

    desk: Id
    ticket_id: Id
    is_waiting: bool
    occurred_at: EpochMillis
    cause_id: Code = ""
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Ticket and cause."""
        return f"desk.wait:{self.ticket_id}:{self.cause_id}"


class HotTopic(Part, frozen=True, kw_only=True):
    """A topic that takes a clearly larger share of the tickets than it usually does at this hour."""

    topic: Code
    tickets: Count
    customers: Count  # different ones, up to 64
    usual_share: float  # of the tickets at the same hours of the last seven days
    rise: float  # its share now by its usual share
    score: float  # rise × ln(1 + tickets)
    is_new: bool = False  # it was not hot in the window before


class HotTickets(Wire, tag="tickets.hot/1", frozen=True, kw_only=True):
    """The hot topics of a desk in one window of event time, the hottest first; none where it has cooled down."""

    desk: Id
    window_start: EpochMillis
    window_s: Count
    tickets: Count  # that were opened in the window
    topics: Annotated[tuple[HotTopic, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Desk and window."""
        return f"hot:{self.desk}:{self.window_start}"
