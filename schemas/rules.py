"""Rule packs on their way to workers, and what partitions made of them. Topics `rules.packs` and `rules.states`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Note, Part, Wire

MAX_CONTENT_BYTES = 180 * 1024  # packed; in base64 it still fits a record that every reader of ours takes


class Slot(StrEnum):
    """What a pack is for; the key on the topic."""

    LIVE = "live"  # texts are judged by it
    SHADOW = "shadow"  # reads the same texts beside the live one and is only counted
    PREVIOUS = "previous"  # was live before: what a roll-back returns to; stages pass it over


class RulesPack(Wire, tag="rules.pack/1", frozen=True, kw_only=True):
    """One pack for one slot, whole: who reads the newest record of a slot knows all there is to know."""

    slot: Slot
    version: Code  # the hash of the content; empty without content
    content: Annotated[bytes, Meta(max_length=MAX_CONTENT_BYTES)]  # empty: the worker's own pack is live, or no shadow
    at: EpochMillis
    pushed_by: Code
    note: Note = ""

    def record_id(self) -> str:
        """The slot, and when it was filled."""
        return f"rules:{self.slot}:{self.at}"


class RefusedRules(Part, frozen=True, kw_only=True):
    """A pack that was not taken, and why: each problem with its file and line."""

    slot: Slot
    version: Code
    problems: Annotated[tuple[Note, ...], Meta(max_length=MAX_LIST_ITEMS)]


class Disagreement(Part, frozen=True, kw_only=True):
    """An event on which the live and the shadow pack disagree."""

    event_id: Id
    live: Code
    shadow: Code


class ShadowCount(Part, frozen=True, kw_only=True):
    """What the shadow pack said of the texts that the live one judged."""

    texts: Count = 0
    failed: Count = 0  # texts on which the shadow pack broke
    levels: Annotated[dict[str, Count], Meta(max_length=16)] = {}  # noqa: RUF012  by level: `none/potential`
    newest: Annotated[tuple[Disagreement, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()  # the last to differ


class RulesState(Wire, tag="rules.state/1", frozen=True, kw_only=True):
    """Which packs a partition goes by, since when; the last word on a partition is the newest record."""

    partition: Count
    live: Code  # versions
    at: EpochMillis  # of the push or the tick that is answered here
    shadow: Code = ""
    pushed_at: EpochMillis = 0  # of the push that the partition read last
    pushed_by: Code = ""
    refused: RefusedRules | None = None  # the last push, if it was not taken
    counted: ShadowCount | None = None  # while there is a shadow pack

    def record_id(self) -> str:
        """The partition and the moment."""
        return f"rules:{self.partition}:{self.at}"
