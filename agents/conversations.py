"""The conversations stage: calls and chats in, tags, alerts and hints out. `pipeline.conversation` decides."""

from datetime import timedelta
from functools import partial

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import Reader, hear_events
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation
from pipeline.stage import Stage
from schemas.topics import ALERTS, HINTS, MESSAGES, TAGGED, TICKS, UTTERANCES

EXPIRE_AFTER = timedelta(hours=24)


def conversations_stage(tagger: Reader, *, lookups: Lookups) -> Stage[Conversation]:
    """The stage with the rules it is to go by. Ticks only let forgotten conversations expire; they decide nothing."""
    return Stage(
        name="conversations",
        sources=(UTTERANCES, MESSAGES, TICKS),
        row=Conversation,
        outputs=(TAGGED, ALERTS, HINTS),
        decide=partial(fold, lookups=lookups),
        read=partial(hear_events, reader=tagger),
        expire_after=EXPIRE_AFTER,
    )
