"""A conversation says that its customer has come, and how far it has come since; `pipeline.contacts` listens.

Only conversations that know their customer take part; for all others nothing happens here.
"""

from pipeline.conversation.ids import record_id
from pipeline.conversation.promised import outreach
from pipeline.conversation.said import Event
from pipeline.conversation.state import Conversation
from pipeline.stage import Output
from schemas.calls import Direction
from schemas.contacts import Contact
from schemas.topics import CONTACTS


def first_contact(row: Conversation, event: Event, *, emitted_at_ms: int) -> list[Output]:
    """The customer speaks: that is a contact, or where it was us who called, something that may keep a promise."""
    if getattr(event, "direction", None) is Direction.OUT:
        return outreach(row, event, emitted_at_ms=emitted_at_ms)
    row.is_contact_told = True
    return [contact(row, event.conversation_id, event.event_id, event.occurred_at, emitted_at_ms=emitted_at_ms)]


def contact(row: Conversation, conversation_id: str, cause: str, occurred_at_ms: int, *, emitted_at_ms: int) -> Output:
    """Where a conversation stands, for whoever knows its customer."""
    value = Contact(
        contact_id=record_id("contact", conversation_id, f"{row.episode}:{row.level}:{cause}"),
        customer_key=row.customer_key,
        conversation_id=conversation_id,
        episode=row.episode,
        channel=row.channel,
        started_at=row.started_at_ms,
        occurred_at=occurred_at_ms,
        emitted_at=emitted_at_ms,
        level=row.level,
        region=row.region,
        tenant=row.tenant,
        test=row.test,
    )
    return Output(CONTACTS, row.customer_key.encode(), value)
