"""Who and where: attributes of a conversation, of which the newest wins, and its region, of which the surest wins."""

from pipeline.conversation.said import TEXTS, Event, channel_class
from pipeline.conversation.state import Conversation
from pipeline.places.resolve import PlaceTables, RegionSource, resolve_region
from schemas.calls import Utterance
from schemas.chats import ChatMessage
from schemas.vocabulary import Role


def take_attributes(row: Conversation, event: Event, tables: PlaceTables) -> None:
    """Take over what an event says about its conversation, unless a newer event has spoken."""
    if _is_outdated(row, event):
        return
    if event.customer_key:
        row.customer_key = event.customer_key
    if event.tenant:
        row.tenant = event.tenant
    if event.test:
        row.test = event.test
    if isinstance(event, TEXTS):
        _take_from_text(row, event)
    else:
        row.agent_id = getattr(event, "agent_id", None) or row.agent_id
        row.queue = getattr(event, "queue", None) or row.queue
    if event.region == row.region and row.region_source is RegionSource.FIELD:
        return  # the usual case: the sender says the same again
    located = resolve_region(event, tables)
    if located.source is not RegionSource.UNKNOWN and located.source.distrust <= row.region_source.distrust:
        row.region, row.region_source, row.city = located


def _is_outdated(row: Conversation, event: Event) -> bool:
    """Order by `seq` where the source counts, else by event time."""
    if event.seq is not None:
        if event.seq < row.seq:
            return True
        row.seq = event.seq
    elif event.occurred_at < row.attributes_at_ms:
        return True
    row.attributes_at_ms = max(row.attributes_at_ms, event.occurred_at)
    return False


def _take_from_text(row: Conversation, event: Utterance | ChatMessage) -> None:
    if event.queue:
        row.queue = event.queue
    if event.product:
        row.product = event.product
    if isinstance(event, Utterance):
        if event.agent_id:
            row.agent_id = event.agent_id
        if event.batch:
            row.batch = event.batch
        return
    row.channel = channel_class(event)
    if event.agent_id:
        row.agent_id = event.agent_id
    elif event.role is Role.AGENT:
        row.agent_id = event.sender_id
