"""The contacts of each customer in the last 72 hours, whatever the channel, and who is told of them.

A conversation says when its customer has come and when its level changes. The first of these is answered, where there
were contacts before it, with what they came to; so each conversation is told once. Rows go 72 hours after the last.
"""

import msgspec
from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint
from pipeline.kpis.tallies import CountingRow, Pending, Tallies, is_tally
from pipeline.places.provinces import UNKNOWN
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.times import DAY_MS, HOUR_MS
from schemas.contacts import Background, BrokenPromise, Contact, CustomerContext, EarlierContact
from schemas.kpis import Kpi, Measure, Measures
from schemas.topics import CONTEXTS, TICKS
from schemas.vocabulary import ChannelClass, Level

REMEMBERED_MS = 72 * 3600 * 1000
MAX_CONTACTS = 24  # of one customer; who comes more often is known well enough
BROKEN_REMEMBERED_MS = 35 * 24 * 3600 * 1000
NAMED = 3  # earlier contacts on a card
STAGE = "customers"
_RATES = ((Kpi.COMPLAINT_RATE_A, Level.EXPLICIT), (Kpi.DISSATISFIED_RATE_A, Level.POTENTIAL))
_CHINA_MS = 8 * HOUR_MS
_DAYS_COUNTED = 4  # 72 hours touch no more of them


class Known(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One contact."""

    conversation_id: str
    episode: int
    contact: EarlierContact
    region: str = UNKNOWN
    worst: Level = Level.NONE  # what it came to at its height

    @property
    def is_counted(self) -> bool:
        """Whether the customer has come; nobody calls by answering a questionnaire or by what a ticket says."""
        return self.contact.channel not in {ChannelClass.FEEDBACK, ChannelClass.TICKET}


class Counted(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One day of a customer as the figures have it: where and when it was counted, and the worst that it came to."""

    at_ms: int
    region: str
    worst: Level = Level.NONE


class Customer(CountingRow, frozen=True, omit_defaults=True, gc=False):
    """The contacts of one customer in the order in which they were heard of; or what was counted of a region."""

    contacts: tuple[Known, ...] = ()
    broken: tuple[str, ...] = ()  # promises to this customer that were broken since the last contact
    counted: tuple[Counted, ...] = ()  # the newest days


def fold(batch: Batch, rows: Rows[Customer]) -> Effects[Customer]:
    """Fold contacts into their customers; at ticks, forget who has not come for long."""
    effects: Effects[Customer] = Effects()
    tallies = Tallies(rows, effects, _counting)
    if batch.topic is TICKS:
        for tick in batch.events:
            _forget(tick.now_ms, rows, effects)
            tallies.tell(tick.now_ms, stage=STAGE, partition=batch.partition)
        return effects
    for contact in batch.events:
        key = f"{contact.tenant}|{contact.test}|{contact.customer_key}".encode()  # drills keep to themselves
        before = effects.newest(key, rows) or Customer()
        if isinstance(contact, BrokenPromise):
            effects.changes[key] = _disappointed(before, contact)
            continue
        after = _take(before, contact, effects.outputs)
        effects.changes[key] = after if contact.test else _count(before, after, contact, tallies)
    tallies.settle()
    return effects


def _forget(now_ms: int, rows: Rows[Customer], effects: Effects[Customer]) -> None:
    effects.changes.update(dict.fromkeys(key for key in rows.due(now_ms) if not is_tally(key)))


def _count(before: Customer, after: Customer, contact: Contact, tallies: Tallies[Customer]) -> Customer:
    """Count a customer once a day, where and when the first contact was; and once more when that day gets worse.

    Once counted, a day stays where it is, though a region may be known later or a contact that began earlier come
    late: its `n` may be told already, and a complaint is a share of the customers among whom it was counted.
    """
    day = _day(contact.started_at)
    now = _day_of(after, day)
    if now is None:
        return after
    # A row without its days was written before they were kept, when the contacts alone said what was counted.
    was = next((each for each in before.counted if _day(each.at_ms) == day), None) or _day_of(before, day)
    if was is not None:
        now = replace(was, worst=max(was.worst, now.worst, key=lambda level: level.rank))
    if was != now:
        measures = _measures(None if was is None else was.worst, now.worst)
        tallies.add(f"region:{now.region}", measures, at_ms=now.at_ms, emitted_at_ms=contact.emitted_at)
    others = [each for each in after.counted if _day(each.at_ms) != day]
    return replace(after, counted=(*others, now)[-_DAYS_COUNTED:])


def _measures(was: Level | None, now: Level) -> Measures:
    """What a day adds that has come to a level; `was` is None where it was not counted yet."""
    measures: Measures = {}
    for kpi, level in _RATES:
        is_it, was_it = now.rank >= level.rank, was is not None and was.rank >= level.rank
        measures[kpi] = Measure(n=int(was is None), total=1000 * (is_it - was_it))
    return measures


def _day_of(customer: Customer, day: int) -> Counted | None:
    """What the contacts of a day come to, where and when the first of them was; None without one."""
    contacts = [each for each in customer.contacts if each.is_counted and _day(each.contact.started_at) == day]
    if not contacts:
        return None
    first = min(contacts, key=lambda each: each.contact.started_at)
    worst = max((each.worst for each in contacts), key=lambda level: level.rank)
    return Counted(first.contact.started_at, first.region, worst)


def _day(at_ms: int) -> int:
    """The calendar day of a moment, in China."""
    return (at_ms + _CHINA_MS) // DAY_MS


def _disappointed(row: Customer, promise: BrokenPromise) -> Customer:
    """The customer with a promise that was broken, or settled after all; the next contact is told how many."""
    broken = tuple(each for each in row.broken if each != promise.promise_id)
    if promise.is_settled:
        return replace(row, broken=broken)
    wake_at_ms = max(row.wake_at_ms, promise.emitted_at + BROKEN_REMEMBERED_MS)
    return replace(row, broken=(*broken, promise.promise_id)[-MAX_CONTACTS:], wake_at_ms=wake_at_ms)


def _take(row: Customer, contact: Contact, outputs: list[Output]) -> Customer:
    """The customer with one more contact, or with a contact at another level."""
    said = EarlierContact(
        conversation_id=contact.conversation_id,
        channel=contact.channel,
        started_at=contact.started_at,
        level=contact.level,
    )
    earlier_worst = next((each.worst for each in row.contacts if _names(each, contact)), Level.NONE)
    worst = max(earlier_worst, contact.level, key=lambda level: level.rank)
    known = Known(contact.conversation_id, contact.episode, said, contact.region or UNKNOWN, worst)
    others = [each for each in row.contacts if not _names(each, contact)]
    is_new = len(others) == len(row.contacts)
    if is_new:
        earlier = [
            each.contact
            for each in others
            if each.is_counted and 0 <= contact.started_at - each.contact.started_at <= REMEMBERED_MS
        ]
        if earlier or row.broken:
            context = _context(contact, earlier, is_counted=known.is_counted, broken_promises=len(row.broken))
            outputs.append(Output(CONTEXTS, contact.conversation_id.encode(), context))
        contacts = (*others, known)
    else:
        contacts = tuple(each if each in others else known for each in row.contacts)
    newest_ms = max(each.contact.started_at for each in contacts)
    kept = [each for each in contacts if newest_ms - each.contact.started_at <= REMEMBERED_MS]
    wake_at_ms = max(row.wake_at_ms, contact.emitted_at + REMEMBERED_MS)
    broken = () if is_new else row.broken
    return replace(row, contacts=tuple(kept[-MAX_CONTACTS:]), broken=broken, wake_at_ms=wake_at_ms)


def _names(known: Known, contact: Contact) -> bool:
    return known.conversation_id == contact.conversation_id and known.episode == contact.episode


def _counting(pending: Pending, wake_at_ms: int) -> Customer:
    return Customer(pending=pending, wake_at_ms=wake_at_ms)


def _context(
    contact: Contact, earlier: list[EarlierContact], *, is_counted: bool, broken_promises: int
) -> CustomerContext:
    newest_first = sorted(earlier, key=lambda each: (-each.started_at, each.conversation_id))
    return CustomerContext(
        event_id=fingerprint("context", contact.contact_id),
        conversation_id=contact.conversation_id,
        episode=contact.episode,
        channel=contact.channel,
        customer_key=contact.customer_key,
        background=Background(
            contacts=max(len(earlier) + is_counted, 1),
            level=max((each.level for each in earlier), key=lambda level: level.rank, default=Level.NONE),
            earlier=tuple(newest_first[:NAMED]),
            broken_promises=broken_promises,
        ),
        occurred_at=contact.occurred_at,
        emitted_at=contact.emitted_at,
    )
