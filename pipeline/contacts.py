"""The contacts of each customer in the last 72 hours, whatever the channel, and who is told of them.

A conversation says when its customer has come and when its level changes. The first of these is answered, where there
were contacts before it, with what they came to; so each conversation is told once. Rows go 72 hours after the last.
"""

import msgspec

from pipeline.conversation.ids import fingerprint
from pipeline.stage import Batch, Effects, Output, Rows
from schemas.contacts import Background, Contact, CustomerContext, EarlierContact
from schemas.topics import CONTEXTS, TICKS

REMEMBERED_MS = 72 * 3600 * 1000
MAX_CONTACTS = 24  # of one customer; who comes more often is known well enough
NAMED = 3  # earlier contacts on a card


class Known(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One contact."""

    conversation_id: str
    episode: int
    contact: EarlierContact


class Customer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The contacts of one customer in the order in which they were heard of."""

    contacts: tuple[Known, ...] = ()
    wake_at_ms: int = 0  # to be forgotten


def fold(batch: Batch, rows: Rows[Customer]) -> Effects[Customer]:
    """Fold contacts into their customers; at ticks, forget who has not come for long."""
    effects: Effects[Customer] = Effects()
    if batch.topic is TICKS:
        for tick in batch.events:
            effects.changes.update(dict.fromkeys(rows.due(tick.now_ms)))
        return effects
    for contact in batch.events:
        key = f"{contact.tenant}|{contact.test}|{contact.customer_key}".encode()  # drills keep to themselves
        row = effects.changes[key] if key in effects.changes else rows.get(key)
        effects.changes[key] = _take(row or Customer(), contact, effects.outputs)
    return effects


def _take(row: Customer, contact: Contact, outputs: list[Output]) -> Customer:
    """The customer with one more contact, or with a contact at another level."""
    said = EarlierContact(
        conversation_id=contact.conversation_id,
        channel=contact.channel,
        started_at=contact.started_at,
        level=contact.level,
    )
    known = Known(contact.conversation_id, contact.episode, said)
    others = [each for each in row.contacts if not _is_same(each, known)]
    if len(others) == len(row.contacts):
        earlier = [
            each.contact for each in others if 0 <= contact.started_at - each.contact.started_at <= REMEMBERED_MS
        ]
        if earlier:
            outputs.append(Output(CONTEXTS, contact.conversation_id.encode(), _context(contact, earlier)))
        contacts = (*others, known)
    else:
        contacts = tuple(each if each in others else known for each in row.contacts)
    newest_ms = max(each.contact.started_at for each in contacts)
    kept = [each for each in contacts if newest_ms - each.contact.started_at <= REMEMBERED_MS]
    return Customer(tuple(kept[-MAX_CONTACTS:]), max(row.wake_at_ms, contact.emitted_at + REMEMBERED_MS))


def _is_same(one: Known, other: Known) -> bool:
    return one.conversation_id == other.conversation_id and one.episode == other.episode


def _context(contact: Contact, earlier: list[EarlierContact]) -> CustomerContext:
    newest_first = sorted(earlier, key=lambda each: (-each.started_at, each.conversation_id))
    return CustomerContext(
        event_id=fingerprint("context", contact.contact_id),
        conversation_id=contact.conversation_id,
        episode=contact.episode,
        channel=contact.channel,
        customer_key=contact.customer_key,
        background=Background(
            contacts=len(earlier) + 1,
            level=max((each.level for each in earlier), key=lambda level: level.rank),
            earlier=tuple(newest_first[:NAMED]),
        ),
        occurred_at=contact.occurred_at,
        emitted_at=contact.emitted_at,
    )
