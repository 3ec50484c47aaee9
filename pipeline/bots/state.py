"""What is remembered of a conversation with a bot: counts, and the last words of both sides, masked."""

import msgspec

MAX_SAID = 3
MAX_ASKED = 5
MAX_CHARS = 120


class BotTalk(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How it goes between a bot and a customer. Only conversations in which a bot has spoken have one."""

    is_on: bool = True  # the bot has the customer; no longer, once an agent speaks or was given the conversation
    person_count: int = 0  # demands for a person
    failed_count: int = 0  # answers in which the bot did not understand
    said: dict[str, str] = {}  # last words of the customer by utterance: an edit replaces them, a deletion takes them
    asked: tuple[str, ...] = ()
    since_ms: int = 0  # when the customer was given back to it; 0 before that
    told_rank: int = -1  # the most urgent hand-over that went out in this episode
