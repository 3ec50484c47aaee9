"""Contacts of one customer over all channels, and what a conversation is told of the earlier ones.

Topics `customers.contacts`, keyed by customer, and `customers.contexts`, keyed by conversation.
"""

from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Part, Wire
from schemas.vocabulary import ChannelClass, Level


class Contact(Wire, tag="customer.contact/1", frozen=True, kw_only=True):
    """A customer has come in a conversation, or that conversation has reached another level."""

    contact_id: Id
    customer_key: Id  # an HMAC, never a raw number
    conversation_id: Id
    episode: Count  # of the conversation: one that is taken up again later is another contact
    channel: ChannelClass
    started_at: EpochMillis
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    level: Level = Level.NONE
    region: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The contact id."""
        return self.contact_id


class BrokenPromise(Wire, tag="customer.promise/1", frozen=True, kw_only=True):
    """A promise to a customer was broken: the next contact is to know it."""

    promise_id: Id
    customer_key: Id
    conversation_id: Id
    occurred_at: EpochMillis  # when it was due
    emitted_at: EpochMillis
    is_settled: bool = False  # it turned out to have been kept, or was done after all
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The promise, and whether it is settled."""
        return f"broken:{self.promise_id}:{self.is_settled}"


class EarlierContact(Part, frozen=True, kw_only=True):
    """One conversation of the same customer, and how far it had come."""

    conversation_id: Id
    channel: ChannelClass
    started_at: EpochMillis
    level: Level = Level.NONE


class Background(Part, frozen=True, kw_only=True):
    """What came before: how many contacts in 72 hours with this one, the highest level of the others, the last few."""

    contacts: Count
    level: Level = Level.NONE
    earlier: Annotated[tuple[EarlierContact, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()  # the newest first
    broken_promises: Count = 0  # what the customer was promised and did not get


class CustomerContext(Wire, tag="customer.context/1", frozen=True, kw_only=True):
    """What a conversation is to know of its customer's earlier contacts."""

    event_id: Id
    conversation_id: Id
    episode: Count
    channel: ChannelClass
    customer_key: Id
    background: Background
    occurred_at: EpochMillis
    emitted_at: EpochMillis

    def record_id(self) -> str:
        """The contact that is answered."""
        return self.event_id
