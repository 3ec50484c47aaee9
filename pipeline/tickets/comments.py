"""What is written in tickets is read like what is written in chats: a comment becomes a message of its own channel."""

from pipeline.conversation.ids import fingerprint
from pipeline.stage import Output
from schemas.chats import ChatChannel, ChatMessage, ContentType
from schemas.tickets import TicketEvent, TicketEventKind
from schemas.topics import MESSAGES
from schemas.vocabulary import Role


def conversation_of(ticket_id: str) -> str:
    """The conversation that a ticket's own text makes up."""
    return fingerprint("ticket", ticket_id)


def as_message(event: TicketEvent, *, written_at_ms: int) -> Output | None:
    """The text of an event as a message; None where it holds none."""
    comment = event.comment
    if comment is not None:
        text, role, is_private = comment.text, comment.author_role, not comment.public
    elif event.event is TicketEventKind.CREATED:
        text, role, is_private = "\n".join(part for part in (event.subject, event.body) if part), Role.CUSTOMER, False
    else:
        return None
    if not text.strip():
        return None
    conversation_id = conversation_of(event.ticket_id)
    message = ChatMessage(
        event_id=fingerprint("ticket", event.event_id),
        source=event.source,
        occurred_at=event.occurred_at,
        tenant=event.tenant,
        ingested_at=written_at_ms or None,
        region=event.region,
        customer_key=event.customer_key or event.requester_key,
        test=event.test,
        order_region=event.order_region,
        customer_region=event.customer_region,
        caller_prefix=event.caller_prefix,
        caller_region=event.caller_region,
        site_region=event.site_region,
        conversation_id=conversation_id,
        message_id=comment.id if comment else "body",
        role=role,
        sender_id=event.actor_id or role.value,
        channel=ChatChannel.TICKET,
        text=text,
        content_type=ContentType.TEXT,
        sent_at=event.occurred_at,
        private=is_private,
        agent_id=event.actor_id or event.assignee_id if role is Role.AGENT else event.assignee_id,
        product=event.product,
        order_id=event.order_id,
    )
    return Output(MESSAGES, conversation_id.encode(), message)
