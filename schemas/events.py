"""The envelope that every inbound event wears (`event_id`, `source`, `occurred_at` …) and where it comes from."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.base import MAX_COUNT, Code, EpochMillis, Id, Wire


class Event(Wire, frozen=True, kw_only=True):
    """What all inbound events have in common."""

    CLOSED_SOURCE: ClassVar[bool] = False  # `source` is one of a few values, and not the sender's to name

    event_id: Id  # unique per event: a repeat of it is the same event
    source: Id  # the system that sent it
    occurred_at: EpochMillis  # event time; windows use only this
    tenant: Code | None = "default"
    type: Code | None = None  # the business type; absent, the schema's name
    ingested_at: EpochMillis | None = None
    seq: Annotated[int, Meta(ge=0, le=MAX_COUNT)] | None = None  # within one conversation or ticket
    region: Code | None = None  # a province code of GB/T 2260, or a city's, which counts for its province
    region_source: Code | None = None
    customer_key: Code | None = None  # an HMAC, never a raw number
    customer_tier: Code | None = None  # how the company ranks the customer: vip, gold
    test: Code | None = None  # id of a drill

    def record_id(self) -> str:
        """The event id."""
        return self.event_id


class LocatedEvent(Event, frozen=True, kw_only=True):
    """An event that brings what a region can be derived from where the sender names none."""

    order_region: Code | None = None
    customer_region: Code | None = None
    caller_prefix: Annotated[str, Meta(max_length=7)] | None = None  # seven digits tell a city and no person
    caller_region: Code | None = None
    site_region: Code | None = None
