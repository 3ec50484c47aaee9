"""The conversations stage: calls and chats in, tags, alerts and hints out. `pipeline.conversation` decides."""

from datetime import timedelta
from functools import partial
from typing import Any

from pipeline.conversation.ruled import Ruleset, fold_ruled
from pipeline.conversation.state import Conversation
from pipeline.rulebook import Rulebook
from pipeline.stage import Stage
from schemas.topics import (
    ALERTS,
    CONTACTS,
    CONTEXTS,
    FINDINGS,
    HANDOVERS,
    HINTS,
    MESSAGES,
    PROMISE_EVENTS,
    RULES_PACKS,
    RULES_STATES,
    TAGGED,
    TICKS,
    UTTERANCES,
)

EXPIRE_AFTER = timedelta(hours=24)


def conversations_stage(rulebook: Rulebook[Ruleset]) -> Stage[Any]:
    """The stage with the rules it begins with. Ticks tell what was left out in silence, and let rows expire."""
    return Stage(
        name="conversations",
        sources=(UTTERANCES, MESSAGES, CONTEXTS, RULES_PACKS, TICKS),
        row=Conversation,
        outputs=(TAGGED, ALERTS, HINTS, FINDINGS, HANDOVERS, CONTACTS, PROMISE_EVENTS, RULES_STATES),
        decide=partial(fold_ruled, rulebook=rulebook),
        expire_after=EXPIRE_AFTER,
        control=rulebook.control,
    )
