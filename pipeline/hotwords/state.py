"""The rows of the stage: a place as it stands now, its stretches of ten minutes, its usual, and who was counted.

A place is a region, or `all`. What was said waits in the row of its place and goes into the large rows eight at a time
or once a minute, so that a large row is not written for each conversation.
"""

import msgspec

from pipeline.hotwords.sketch import Said, Sketch
from pipeline.hotwords.usual import Usual
from pipeline.times import MINUTE_MS
from schemas.vocabulary import Level

STRETCH_MS = 10 * MINUTE_MS
STRETCHES = 6  # make the last hour
ALL = "all"
WAITING_MAX = 8
TAKEN_MAX = 20  # conversations of a place and minute that are read: enough for shares, and a bound for the work
POOL_MAX = 32  # newest quotes of a place, of which examples are taken


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A conversation that is not counted yet."""

    at_ms: int
    said: Said
    terms: tuple[str, ...]
    quote: str


class Quote(msgspec.Struct, frozen=True, array_like=True):
    """What a customer said, masked."""

    at_ms: int
    said: Said
    text: str


class Told(msgspec.Struct, frozen=True, array_like=True):
    """An outbreak that somebody was told of."""

    seen_at_ms: int  # last
    region: str  # of its alert: that it is over is told there
    level: Level


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is small and changes often."""

    minute: int  # since the epoch: how far the place has come
    version: int = 0
    taken: int = 0  # conversations of this minute that were read
    unread: int = 0  # and those of this hour that were not
    waiting: tuple[Waiting, ...] = ()
    stretches: tuple[int, ...] = ()  # numbers since the epoch of those that have a row
    hot: tuple[str, ...] = ()  # as last published
    examples: dict[str, tuple[Quote, ...]] = {}  # of terms that are hot
    outbreaks: dict[str, Told] = {}  # of which somebody was told, and which are not over
    calls: dict[str, tuple[Quote, ...]] = {}  # of the last day: who called for acting together, by cause


class WordsRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the stage."""

    place: Place | None = None
    stretch: Sketch | None = None
    usual: Usual | None = None
    pool: tuple[Quote, ...] = ()
    counted: bytes = b""  # digests of the terms that a conversation has been counted for


def place_key(place: str) -> bytes:
    """Where a place stands."""
    return f"place|{place}".encode()


def stretch_key(place: str, number: int) -> bytes:
    """One stretch of ten minutes."""
    return f"stretch|{place}|{number}".encode()


def usual_key(place: str) -> bytes:
    """What a place says on ordinary days."""
    return f"usual|{place}".encode()


def pool_key(place: str) -> bytes:
    """The newest quotes of a place."""
    return f"pool|{place}".encode()


def counted_key(conversation_id: str) -> bytes:
    """What a conversation has been counted for."""
    return f"counted|{conversation_id}".encode()
