"""What of an answer that is sent again is news: a comment that came later or was written anew, or another value."""

from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.feedback.state import Taken
from schemas.feedback import FeedbackResponse


class News(NamedTuple):
    """What an answer says that it did not say before."""

    has_comment: bool = False
    has_value: bool = False


def news_in(response: FeedbackResponse, value: int | None, known: Taken) -> News:
    """Nothing in an event that was read before; what an event leaves out has not changed.

    Rows of an older Tocsin do not know what was said: what comes next for them is taken for what was read then.
    """
    if not known.events or is_recent(known.events, event_hash(response.event_id)):
        return News()
    comment = _comment_hash(response)
    return News(bool(comment) and comment != known.comment, value is not None and value != known.value)


def noted(known: Taken, response: FeedbackResponse, value: int | None) -> Taken:
    """Remember what an event said."""
    hashed = event_hash(response.event_id)
    if is_recent(known.events, hashed):
        return known
    return replace(
        known,
        events=remember(known.events, hashed),
        comment=_comment_hash(response) or known.comment,
        value=known.value if value is None else value,
    )


def _comment_hash(response: FeedbackResponse) -> bytes:
    comment = (response.comment or "").strip()
    return event_hash(comment) if comment else b""
