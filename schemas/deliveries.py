"""Deliveries: what to tell whom, and what became of it. Topics `notifications` and `receipts`, keyed by channel."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Millis, Note, Part, Wire
from schemas.cards import Card


class BudgetClass(StrEnum):
    """Which share of a channel's budget a message may use."""

    DIGEST = "digest"
    NORMAL = "normal"
    RESERVED = "reserved"


class Result(StrEnum):
    """What became of a notification."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED_TEMP = "failed_temp"
    FAILED_PERM = "failed_perm"
    BUNDLED = "bundled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


class Outcome(StrEnum):
    """How one attempt to deliver ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    UNAUTHORISED = "unauthorised"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    BUNDLED = "bundled"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    NO_INCIDENT = "no_incident"  # the alert opens none, and there was none that it could join
    RECORD_ONLY = "record_only"  # its incident is kept, and its route tells nobody
    NOBODY = "nobody"  # the step meant nobody who can be reached
    NO_CARD = "no_card"  # nothing stands there that could be drawn anew


class Receiver(Part, frozen=True, kw_only=True):
    """Whom to tell where. Telephone numbers and the like are known only to whoever delivers."""

    channel: Id
    to: Id  # a person of the on-call plan, or `group`


class Notification(Wire, tag="notification/1", frozen=True, kw_only=True):
    """One message to one receiver on one channel; after `not_after` it is no news."""

    notification_id: Id
    channel: Id
    to: Id
    incident_id: Id
    step: Count
    budget_class: BudgetClass = msgspec.field(name="class")
    dedup_key: Id
    card: Card
    not_after: EpochMillis
    region: Code = ""  # actions on the incident are keyed by it
    alternatives: Annotated[tuple[Receiver, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()  # tried in turn
    emitted_at: EpochMillis = 0
    test: Code = ""
    redraws: bool = False  # no news: the card that the receiver has of the incident is drawn anew
    card_ref: Code = ""  # by which to draw it anew, once, where a press on the card brought that
    stands_for: Annotated[tuple[Receiver, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()  # whom it would tell in earnest

    def record_id(self) -> str:
        """The notification id."""
        return self.notification_id


class Receipt(Wire, tag="receipt/1", frozen=True, kw_only=True):
    """What one attempt came to, with the vendor's own code."""

    notification_id: Id
    result: Result
    reason: Outcome
    attempt: Count
    latency_ms: Millis
    at: EpochMillis
    vendor_code: Code = ""
    channel: Code = ""
    to: Code = ""  # a person of the on-call plan, or `group`
    incident_id: Code = ""
    muted_by: Note = ""  # of what was silenced or inhibited: the silence, or what a larger incident mutes
    bundle_id: Code = ""  # the message in which several were told, or were to be
    redraws: bool = False  # a card was drawn anew: nobody was paged
    card_ref: Code = ""  # the vendor's name of the card, by which it can be drawn anew

    def record_id(self) -> str:
        """The notification and the attempt."""
        return f"{self.notification_id}:{self.attempt}"
