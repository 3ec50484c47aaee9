"""What is remembered of a conversation with a bot: counts, and the last words of both sides, masked."""

import msgspec

MAX_SAID = 3
MAX_ASKED = 5
MAX_CHARS = 120
MAX_COUNTED = 16


class BotTalk(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How it goes between a bot and a customer. A chat in which neither a bot nor an agent has spoken waits for one."""

    is_on: bool = True  # the bot has the customer; no longer, once an agent speaks or was given the conversation
    person_count: int = 0  # demands for a person
    failed_count: int = 0  # answers in which the bot did not understand
    said: dict[str, str] = {}  # last words of the customer by utterance: an edit replaces them, a deletion takes them
    asked: tuple[str, ...] = ()
    since_ms: int = 0  # when the customer was given back to it; 0 before that
    told_rank: int = -1  # the most urgent hand-over that went out in this episode
    is_awaited: bool = False  # nobody has answered yet: what the customer says is kept until it is known who does
    counted: tuple[str, ...] = ()  # utterances that `person_count` and `failed_count` count, the newest
    asked_by: str = ""  # the utterance of the last of `asked`
