"""Promises: what agents commit themselves to, and what became of it.

Topic `promises.events`, keyed by home: the customer who was promised something, or the conversation where the customer
is not known. Topic `promises`, compacted, keyed by promise.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Note, Part, Wire
from schemas.evidence import Codes
from schemas.vocabulary import ChannelClass


class PromiseKind(StrEnum):
    """What was promised."""

    CALLBACK = "callback"
    ANSWER = "answer"  # to find something out and tell it
    REFUND = "refund"
    SHIP = "ship"  # to send goods: for the first time, again, or others instead
    VISIT = "visit"
    GIFT = "gift"  # something on top: a voucher, points, compensation
    HANDLE = "handle"  # to settle the matter


class Until(StrEnum):
    """How the words say until when."""

    MINUTES = "minutes"
    WORKING_MINUTES = "working_minutes"
    DAYS = "days"  # the day of the words is not counted
    WORKING_DAYS = "working_days"
    DAY = "day"  # so many days from the day of the words: 0 is today
    WEEKDAY = "weekday"  # 1 is this Monday, 8 the next one
    NEXT_WEEKDAY = "next_weekday"  # 1 is the Monday that comes next
    MONTHDAY = "monthday"  # the next date with this day
    DATE = "date"  # month * 100 + day
    MONTH_END = "month_end"  # so many months from now
    VAGUE = "vague"


class When(Part, frozen=True, kw_only=True):
    """Until when, as it was said: it becomes a moment only with the moment of the words, a zone and a calendar."""

    measure: Until = Until.VAGUE
    count: Count = 0
    minute: Count | None = None  # of that day; None is its end
    is_closing: bool = False  # until that day's work ends
    is_half_day_open: bool = False  # an hour from 1 to 6 that may be one of the morning or of the afternoon


class MadePromise(Part, frozen=True, kw_only=True):
    """One promise in one text. Offsets are characters of the text as it came in; the quote is masked."""

    kind: PromiseKind
    when: When
    char_start: Count = 0
    char_end: Count = 0
    quote: Note = ""
    mark_start: Count = 0
    mark_end: Count = 0


Made = Annotated[tuple[MadePromise, ...], Meta(max_length=MAX_LIST_ITEMS)]
Kinds = Annotated[tuple[PromiseKind, ...], Meta(max_length=MAX_LIST_ITEMS)]


class PromiseTo(Part, frozen=True, kw_only=True):
    """Who promised whom, and what it is about."""

    conversation_id: Id
    channel: ChannelClass
    region: Code = ""
    queue: Code = ""
    product: Code = ""
    agent_id: Code = ""
    customer_key: Code = ""
    order_id: Code = ""
    tenant: Code = "default"
    test: Code = ""


class PromisesMade(Wire, tag="promises.made/1", frozen=True, kw_only=True):
    """All promises of one text; of an edited text those that it now makes, which may be none."""

    home: Id  # `customer:k-1`, `conversation:c-1`
    utterance_id: Id
    revision: Count
    to: PromiseTo
    made: Made
    occurred_at: EpochMillis  # when it was said
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Conversation, text and its revision."""
        return f"made:{self.to.conversation_id}:{self.utterance_id}:{self.revision}"


class DeedCause(StrEnum):
    """How we know that something was done."""

    OUTREACH = "outreach"  # we called, and the customer spoke
    RETURN = "return"  # the agent came back to the chat after a while
    AGENT_SAID = "agent_said"
    CUSTOMER_SAID = "customer_said"
    TICKET_COMMENT = "ticket_comment"  # a public one by an agent
    TICKET_SOLVED = "ticket_solved"
    WAIVED = "waived"  # the customer no longer wants it


class PromiseDeed(Wire, tag="promise.deed/1", frozen=True, kw_only=True):
    """Something that keeps promises of these kinds, or ends the waiting for them."""

    home: Id
    deed_id: Id
    cause: DeedCause
    kinds: Kinds
    occurred_at: EpochMillis
    conversation_id: Code = ""  # where it is about one conversation: only what was promised there
    promise_id: Code = ""  # where it is about one promise
    emitted_at: EpochMillis = 0
    order_id: Code = ""  # where it is about one order: not what was promised about another one

    def record_id(self) -> str:
        """Home and deed."""
        return f"deed:{self.home}:{self.deed_id}"


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"  # taken back, replaced by another, or no longer wanted


class Promise(Wire, tag="promise/1", frozen=True, kw_only=True):
    """One promise and where it stands."""

    promise_id: Id
    kind: PromiseKind
    state: PromiseState
    to: PromiseTo
    utterance_id: Id
    said_at: EpochMillis
    due_at: EpochMillis
    version: Count  # counts up with every record of this promise
    is_vague: bool = False  # no time was named: it is due after the time that the settings give
    is_estimated: bool = False  # counted in working days of a year whose holidays nobody knows yet
    warned: Codes = ()  # the shares of its time at which somebody was told
    reason: Code = ""  # why it is kept or released: a deed's cause, `taken_back`, `replaced`
    closed_at: EpochMillis | None = None
    done_at: EpochMillis | None = None  # of a broken one: done after all, too late
    replaced_by: Code = ""
    postponed: Count = 0  # how often it took the place of another one
    quote: Note = ""
    char_start: Count = 0
    char_end: Count = 0
    mark_start: Count = 0
    mark_end: Count = 0
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Promise and version."""
        return f"{self.promise_id}:{self.version}"
