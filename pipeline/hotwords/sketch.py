"""Who says what how often, in bounded memory: the most frequent terms with counts that are never too high.

The counts are those of Misra and Gries: where there is no room, every count gives way by as much as makes room. A count
is too low by at most `missed`, and `missed` is at most the sum of all counts ever taken divided by the room plus one;
two sketches add up to one with the same promise. Of the customers who said a term the sixteen with the lowest digests
are kept: below sixteen that is who they are, and two such samples tell how many customers two terms share.

Where nobody knows the customer, a conversation has a digest of its own above all others: it gives way to known ones in
a sample, and only several of them count as a customer.
"""

from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import TypeVar

import msgspec

from schemas.vocabulary import ChannelClass, Level

SAMPLE = 16
UNKNOWN = 1 << 32  # digests from here on are of conversations whose customer is not known
# Of those, so many count as one customer: whose line drops comes again, and again. A sample of them is three customers.
COUNT_AS_ONE = 5
REGIONS_MAX = 4

Of = TypeVar("Of")


class Said(msgspec.Struct, frozen=True, array_like=True):
    """One conversation that says something: what it adds to each of its terms."""

    customer: int  # of `customer_of`
    region: str
    channel: ChannelClass
    level: Level


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """One term."""

    count: int
    customers: tuple[int, ...]  # a sample, in order
    regions: tuple[str, ...]  # the first few
    channels: tuple[ChannelClass, ...]
    level: Level


class Sketch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Terms of some time."""

    conversations: int = 0
    missed: int = 0
    tallies: dict[str, Tally] = {}


EMPTY = Sketch()


def digest(customer: str) -> int:
    """A number of 32 bits that stands for a customer; the same in every process."""
    return int.from_bytes(blake2b(customer.encode(), digest_size=4).digest())


def customer_of(customer_key: str, conversation_id: str) -> int:
    """Who speaks in a conversation, as a number; without a key it may be anybody."""
    return digest(customer_key) if customer_key else UNKNOWN + digest(conversation_id)


def speaker_of(customer: int) -> int:
    """Whose quote it is among those that are shown: unknown customers may all be the same."""
    return min(customer, UNKNOWN)


def different(customers: Collection[int]) -> int:
    """How many customers these are at least; of unknown ones nobody can say, and it takes several of them for one."""
    known = sum(customer < UNKNOWN for customer in customers)
    return known + (len(customers) - known) // COUNT_AS_ONE


def counted(sketch: Sketch, said: Iterable[tuple[Said, Iterable[str]]], *, room: int) -> Sketch:
    """The sketch with some conversations more; each counts once for each of its terms."""
    tallies = dict(sketch.tallies)
    conversations = sketch.conversations
    for who, terms in said:
        conversations += 1
        one = Tally(1, (who.customer,), (who.region,), (who.channel,), who.level)
        for term in terms:
            known = tallies.get(term)
            tallies[term] = one if known is None else _sum(known, one)
    return _fitted(conversations, sketch.missed, tallies, room)


def merged(sketches: Iterable[Sketch], *, room: int) -> Sketch:
    """Several sketches as one."""
    tallies: dict[str, Tally] = {}
    conversations = missed = 0
    for sketch in sketches:
        conversations += sketch.conversations
        missed += sketch.missed
        for term, tally in sketch.tallies.items():
            known = tallies.get(term)
            tallies[term] = tally if known is None else _sum(known, tally)
    return _fitted(conversations, missed, tallies, room)


def likeness(one: Tally, other: Tally) -> float:
    """Which share of the customers of either term said both (Jaccard), as their samples tell; 0 to 1."""
    union = sorted({*one.customers, *other.customers})[:SAMPLE]
    both = {*one.customers} & {*other.customers}
    return sum(customer in both for customer in union) / len(union) if union else 0.0


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.count + other.count,
        tuple(sorted({*one.customers, *other.customers})[:SAMPLE]),
        _joined(one.regions, other.regions)[:REGIONS_MAX],
        _joined(one.channels, other.channels),
        max(one.level, other.level, key=lambda level: level.rank),
    )


def _joined(one: tuple[Of, ...], other: tuple[Of, ...]) -> tuple[Of, ...]:
    return one if one == other else tuple(dict.fromkeys((*one, *other)))


def _fitted(conversations: int, missed: int, tallies: dict[str, Tally], room: int) -> Sketch:
    if len(tallies) > room:
        counts = sorted((tally.count for tally in tallies.values()), reverse=True)
        lost = counts[room]  # the highest count that has no room
        tallies = {
            term: msgspec.structs.replace(tally, count=tally.count - lost)
            for term, tally in tallies.items()
            if tally.count > lost
        }
        missed += lost
    return Sketch(conversations, missed, tallies)
