"""What is written in answers and reviews is read like a chat: a comment becomes a message of its own channel."""

from pipeline.conversation.ids import fingerprint
from pipeline.feedback.state import conversation_of, name_of
from pipeline.stage import Output
from schemas.chats import ChatChannel, ChatMessage, ContentType
from schemas.feedback import FeedbackResponse
from schemas.topics import MESSAGES
from schemas.vocabulary import Role


def as_message(response: FeedbackResponse, *, written_at_ms: int, is_first: bool = True) -> Output | None:
    """The comment of an answer as a message; None where it holds none.

    One that comes later is a message of its own: nobody says whether it replaces the first or is added to it (追评).
    """
    text = response.comment or ""
    if not text.strip():
        return None
    conversation_id = conversation_of(response.source, response.response_id)
    message = ChatMessage(
        event_id=fingerprint("feedback", name_of(response.source, response.event_id)),
        source=response.source,
        occurred_at=response.occurred_at,
        tenant=response.tenant,
        ingested_at=written_at_ms or None,
        region=response.region,
        customer_key=response.customer_key,
        customer_tier=response.customer_tier,
        test=response.test,
        order_region=response.order_region,
        customer_region=response.customer_region,
        caller_prefix=response.caller_prefix,
        caller_region=response.caller_region,
        site_region=response.site_region,
        conversation_id=conversation_id,
        message_id="comment" if is_first else fingerprint("comment", response.event_id),
        role=Role.CUSTOMER,
        sender_id=response.customer_key or Role.CUSTOMER.value,
        channel=ChatChannel.FEEDBACK,
        text=text,
        content_type=ContentType.TEXT,
        sent_at=response.occurred_at,
        product=response.product,
    )
    return Output(MESSAGES, conversation_id.encode(), message)
