"""What a conversation is told of its customer's earlier contacts: kept, shown, and counted in its score."""

from copy import copy

from pipeline.conversation.announce import Cause
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import rejudge
from pipeline.stage import Batch, Effects, Rows
from schemas.contacts import CustomerContext
from schemas.vocabulary import ChannelClass


def take_contexts(batch: Batch, rows: Rows[Conversation], *, lookups: Lookups) -> Effects[Conversation]:
    """Fold what is told into the conversations that it is about; what has been forgotten meanwhile is told in vain."""
    effects: Effects[Conversation] = Effects()
    for context in batch.events:
        key = row_key(context)
        row = effects.changes[key] if key in effects.changes else rows.get(key)
        if row is None or row.episode != context.episode or row.customer_key != context.customer_key:
            continue
        row = effects.changes[key] = copy(row)
        row.background = context.background
        if row.traces:
            rejudge(row, Cause(context, None, None, (), context.emitted_at), lookups=lookups, outputs=effects.outputs)
    return effects


def row_key(context: CustomerContext) -> bytes:
    """The key of the conversation's row."""
    prefix = b"call:" if context.channel is ChannelClass.VOICE else b"chat:"
    return prefix + context.conversation_id.encode()
