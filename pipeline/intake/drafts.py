"""A draft: the fields of an event as an adapter found them, not yet checked; and how it becomes a record.

Here, and nowhere else, are the envelope made, customers' ids turned into keys, and the contract checked. So no adapter
and no mapping can pass a raw customer id on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from pipeline.intake.people import CustomerKeys
from pipeline.intake.values import text_of
from pipeline.places.numbers import at_home
from schemas.base import MAX_ID_CHARS, MAX_RECORD_BYTES
from schemas.codec import AHEAD_MS, BEHIND_MS, encode
from schemas.events import Event
from schemas.expected import explain
from schemas.refusal import Fault
from schemas.topics import Topic
from schemas.vocabulary import Category, Role

_CUSTOMERS = ("customer_key", "requester_key")
_PREFIX_CHARS = 7  # as the contract wants it; a number that is no longer may be whole, and an extension is a person


@dataclass(slots=True)
class Draft:
    """One event to be: the contract's fields by name, and where in the body each was looked for."""

    topic: Topic
    kind: type[Event]
    fields: dict[str, Any] = field(default_factory=dict)
    came_from: dict[str, str] = field(default_factory=dict)
    expects: dict[str, str] = field(default_factory=dict)  # by name, where words of ours help more than the contract's

    def put(self, name: str, value: Any, came_from: str = "") -> None:
        """Fill a field; what is None stays out."""
        if came_from:
            self.came_from[name] = came_from
        if value is not None:
            self.fields[name] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What holds for every event of one body."""

    source: str
    digest: str  # hex SHA-256 of the body: a retry has the same
    received_ms: int
    keys: CustomerKeys
    namespace: str  # of the source's customer ids
    tenant: str = "default"
    lift_past_limit: bool = False


class Mapped(NamedTuple):
    """A record that is ready to be sent: plain JSON, for as a CloudEvent its source would be us."""

    topic: Topic
    key: bytes
    value: bytes
    event: Event


def tell_apart(drafts: Sequence[Draft | Fault]) -> None:
    """Give events that share the sender's id, such as the sentences of one call's body, ids of their own.

    Readers would take all but the first for repeats. The place in the body makes the difference, so that a body sent
    again has the same ids; an event that stands twice in every field stays a repeat.
    """
    taken: set[str] = set()
    given: dict[tuple[str, str], str] = {}
    for position, draft in enumerate(drafts):
        own_id = text_of(draft.fields.get("event_id")) if isinstance(draft, Draft) else None
        if isinstance(draft, Fault) or not own_id:
            continue
        same = (own_id, repr((draft.kind.SCHEMA, draft.fields)))
        if same not in given:
            while own_id in taken:
                own_id = f"{own_id}:{position}"
            taken.add(own_id)
            given[same] = own_id
        draft.fields["event_id"] = given[same]


def finish(draft: Draft, arrival: Arrival, *, position: int) -> Mapped | Fault:
    """The draft as a record; or which field is wrong, what belongs there, and where it was looked for.

    `position` is the draft's place in its body: it tells events apart that bring no id of their own.
    """
    fields = draft.fields
    own_id = text_of(fields.get("event_id")) or f"{arrival.digest[:32]}:{position}"
    fields["event_id"] = bounded_id(arrival.source, own_id)
    fields |= {"source": arrival.source, "tenant": arrival.tenant, "ingested_at": arrival.received_ms}
    _hide_customers(fields, arrival)
    try:
        event = msgspec.convert(fields, draft.kind)
    except msgspec.ValidationError as error:
        path, expected = explain(error, draft.kind)
        expected = draft.expects.get(path.removeprefix("$."), expected)
        return Fault(Category.SCHEMA, path, f"{expected}{_filled_from(path, draft.came_from)}")
    ahead_ms = event.occurred_at - arrival.received_ms
    if ahead_ms > AHEAD_MS or (-ahead_ms > BEHIND_MS and not arrival.lift_past_limit):
        expected = "a time at most 24 hours ahead and 30 days ago"
        return Fault(
            Category.TIME_OUT_OF_RANGE, "$.occurred_at", expected + _filled_from("$.occurred_at", draft.came_from)
        )
    value = encode(event)
    if len(value) > MAX_RECORD_BYTES:
        return Fault(Category.TOO_LARGE, "$", f"at most {MAX_RECORD_BYTES} bytes in one event")
    return Mapped(draft.topic, _key(draft.topic, event), value, event)


def bounded_id(*parts: str) -> str:
    """Parts as one id; what would be too long ends in its hash."""
    whole = ":".join(parts)
    if len(whole) <= MAX_ID_CHARS:
        return whole
    return f"{whole[:60]}:{sha256(whole.encode()).hexdigest()[:32]}"


def _hide_customers(fields: dict[str, Any], arrival: Arrival) -> None:
    for name in _CUSTOMERS:
        if name in fields:
            fields[name] = arrival.keys.key(arrival.namespace, fields[name])
    if "sender_id" in fields and fields.get("role") == Role.CUSTOMER:
        fields["sender_id"] = arrival.keys.key(arrival.namespace, fields["sender_id"]) or "unknown"
    if "caller_prefix" in fields:
        fields["caller_prefix"] = _caller_prefix(text_of(fields["caller_prefix"]) or "")


def _caller_prefix(number: str) -> str | None:
    """What tells a city and no person, in the form in which the region is looked up."""
    digits_count = sum(each in "0123456789" for each in number)
    return at_home(number)[:_PREFIX_CHARS] or None if digits_count >= _PREFIX_CHARS else None


def _filled_from(path: str, came_from: Mapping[str, str]) -> str:
    place = came_from.get(path.removeprefix("$.").partition("[")[0])
    return f"; it is filled from {place}" if place else ""


def _key(topic: Topic, event: Event) -> bytes:
    if topic.key_field:
        return str(getattr(event, topic.key_field)).encode()
    about = getattr(event, "related_conversation_id", None) or event.customer_key or event.event_id
    return str(about).encode()
