"""Who and where: attributes of a conversation, of which the newest wins, and its region, of which the surest wins.

An older event still tells what nobody has told: one clock that is ahead, or words that come after the end, must not
leave an alert without its region and its people.
"""

from pipeline.conversation.said import Event, agent_of, channel_class
from pipeline.conversation.state import MAX_AGENTS, Conversation
from pipeline.places.resolve import PlaceTables, RegionSource, resolve_region
from schemas.calls import Utterance
from schemas.chats import ChatMessage


def take_attributes(row: Conversation, event: Event, tables: PlaceTables) -> None:
    """Take over what an event says about its conversation; where a newer event has spoken, only what is unknown."""
    if _is_outdated(row, event):
        _fill_gaps(row, event, tables)
        return
    if event.customer_key and event.customer_key != row.customer_key:  # for the first time, or it was somebody else
        row.customer_key, row.is_contact_told, row.background = event.customer_key, False, None
    if event.customer_tier:
        row.customer_tier = event.customer_tier
    if event.tenant:
        row.tenant = event.tenant
    if event.test:
        row.test = event.test
    if type(event) is Utterance:
        _take_from_utterance(row, event)
    elif type(event) is ChatMessage:
        _take_from_message(row, event)
    else:
        _pass_on(row, agent_of(event), event.occurred_at)
        row.queue = getattr(event, "queue", None) or row.queue
    if event.region == row.region and row.region_source is RegionSource.FIELD:
        return  # the usual case: the sender says the same again
    located = resolve_region(event, tables)
    if located.source is not RegionSource.UNKNOWN and located.source.distrust <= row.region_source.distrust:
        row.region, row.region_source, row.city = located


def _fill_gaps(row: Conversation, event: Event, tables: PlaceTables) -> None:
    for name in _MAY_BE_UNKNOWN:
        if not getattr(row, name):
            setattr(row, name, getattr(event, name, None) or "")
    row.agent_id = row.agent_id or agent_of(event)
    if type(event) is ChatMessage:
        row.channel = channel_class(event)
    if row.region_source is RegionSource.UNKNOWN:
        row.region, row.region_source, row.city = resolve_region(event, tables)


_MAY_BE_UNKNOWN = ("customer_key", "customer_tier", "test", "queue", "product", "batch", "order_id")


def _is_outdated(row: Conversation, event: Event) -> bool:
    """Order by `seq` where the source counts, else by event time."""
    seq, at_ms = event.seq, event.occurred_at
    if seq is None:
        if at_ms < row.attributes_at_ms:
            return True
        row.attributes_at_ms = at_ms
        return False
    if seq < row.seq:
        return True
    row.seq = seq
    row.attributes_at_ms = max(row.attributes_at_ms, at_ms)
    return False


def _take_from_utterance(row: Conversation, event: Utterance) -> None:
    if event.queue:
        row.queue = event.queue
    if event.product:
        row.product = event.product
    _pass_on(row, event.agent_id, event.occurred_at)
    if event.batch:
        row.batch = event.batch
    if event.order_id:
        row.order_id = event.order_id


def _take_from_message(row: Conversation, event: ChatMessage) -> None:
    if event.queue:
        row.queue = event.queue
    if event.product:
        row.product = event.product
    row.channel = channel_class(event)
    if event.order_id:
        row.order_id = event.order_id
    _pass_on(row, agent_of(event), event.occurred_at)


def _pass_on(row: Conversation, agent_id: str | None, at_ms: int) -> None:
    """Whoever is named has the conversation from now on; what was left out before is still the one's who had it."""
    if not agent_id or agent_id == row.agent_id:
        return
    if row.agent_id:
        row.earlier_agents = (*row.earlier_agents, (row.agent_id, at_ms))[-MAX_AGENTS:]
    row.agent_id = agent_id
