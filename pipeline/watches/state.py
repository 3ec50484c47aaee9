"""What the rules of a pack remember of one conversation: a part of its row, bounded, no text but short quotes."""

import msgspec

from pipeline.watches.waits import Wait
from schemas.vocabulary import Role

MAX_SEEN = 48  # of all conditions together
FIRST_SEEN, NEWEST_SEEN = 5, 3  # of one condition: the first ones for `hit: n`, the newest for what is recent
MAX_SAID = 12  # sentences of each of the two who speak: `repeats` counts as far
MAX_FAILED = 4
MAX_KEPT = 8
MAX_PLACED = 16  # turns; a text is corrected soon after it was said


class Seen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A turn met a condition; where in its text, and a masked quote of it."""

    key: str  # of `Condition`
    utterance_id: str
    at_ms: int
    turn: int  # counted from 1; a corrected text keeps the number and the time of its first version
    role: Role = Role.CUSTOMER
    start: int = 0
    end: int = 0
    quote: str = ""
    mark_start: int = 0
    mark_end: int = 0
    began_ms: int = 0  # of a silence: when it began, before the turn that ended it

    @property
    def from_ms(self) -> int:
        """When what was seen began."""
        return self.began_ms or self.at_ms


class Placed(msgspec.Struct, frozen=True, gc=False):
    """Where a turn stands in its conversation, in case that its text is corrected later: it stays there."""

    utterance_id: str
    number: int
    at_ms: int


class SaidBefore(msgspec.Struct, frozen=True, gc=False):
    """The sketch of a sentence, for rules about repetition."""

    role: Role
    utterance_id: str
    sketch: bytes


class EveryTurn(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Whether every turn so far has met a condition: it has unless somebody failed. Begun with the first turn."""

    key: str
    failed: tuple[str, ...] = ()  # utterances
    has_turns: bool = True  # one at least was asked


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A rule that fired because of an earlier utterance, in case that utterance is revised."""

    rule: str
    seen: Seen


class Watched(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All that the rules remember of the running episode of a conversation."""

    seen: tuple[Seen, ...] = ()
    waits: tuple[Wait, ...] = ()
    said: tuple[SaidBefore, ...] = ()
    every: tuple[EveryTurn, ...] = ()
    kept: tuple[Kept, ...] = ()
    placed: tuple[Placed, ...] = ()  # the newest turns
    has_agent: bool = False  # what is due from an agent's first words on is waited for, or was


def place_of(watched: Watched | None, utterance_id: str) -> Placed | None:
    """Where an utterance stands, where it was heard before and is not long ago."""
    placed = () if watched is None else watched.placed
    return next((each for each in placed if each.utterance_id == utterance_id), None)


def remembered(seen: tuple[Seen, ...], new: Seen) -> tuple[Seen, ...]:
    """With one more; of each condition the first and the newest stay, and of all together a bounded number."""
    same = [each for each in seen if each.key == new.key]
    if len(same) >= FIRST_SEEN + NEWEST_SEEN:
        seen = tuple(each for each in seen if each is not same[FIRST_SEEN])
    elif len(seen) >= MAX_SEEN:
        firsts = {each.key: each for each in reversed(seen)}
        gone = next((each for each in seen if firsts[each.key] is not each), seen[0])
        seen = tuple(each for each in seen if each is not gone)
    return (*seen, new)


def unquoted(watched: Watched, utterance_id: str) -> Watched:
    """What is remembered of a deleted text, without its words."""
    bare = {"start": 0, "end": 0, "quote": "", "mark_start": 0, "mark_end": 0}
    return msgspec.structs.replace(
        watched,
        seen=tuple(
            msgspec.structs.replace(each, **bare) if each.utterance_id == utterance_id else each
            for each in watched.seen
        ),
        kept=tuple(
            msgspec.structs.replace(each, seen=msgspec.structs.replace(each.seen, **bare))
            if each.seen.utterance_id == utterance_id
            else each
            for each in watched.kept
        ),
    )
