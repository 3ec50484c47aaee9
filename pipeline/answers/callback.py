"""Callbacks: what a vendor sends when a button is pressed, and what may be found in it.

Each vendor proves itself in its own way. None of that says what may be done: that stands in the seal which the button
brings back, and nobody but us can write one.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

REPLAY_MS = 5 * 60 * 1000  # a call whose time is further from ours than this was recorded
UNREADABLE = (ValueError, RecursionError)  # of JSON: no JSON, no UTF-8, another shape, nested without end


class Call(NamedTuple):
    """One request of a vendor."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    method: str = "POST"


class Refused(StrEnum):
    """Why a call goes no further."""

    FORGED = "forged"
    STALE = "stale"
    UNUSABLE = "unusable"


class Challenge(NamedTuple):
    """The vendor looks whether somebody is here who knows the secret; this is to be answered."""

    body: bytes
    media: str


class Pressed(NamedTuple):
    """Somebody pressed a button."""

    user: str  # as the vendor names them
    seal: str
    card_ref: str = ""  # by which the vendor lets the card be drawn anew once more


class Reply(NamedTuple):
    """What is answered."""

    body: bytes
    media: str = "application/json"


Found = Refused | Challenge | Pressed | None  # None: genuine, but nothing that we asked for


def raw(text: str) -> bytes:
    """A text of a header or a query as the bytes that came; those that are no UTF-8 stand in it as lone surrogates."""
    return text.encode(errors="surrogateescape")


def is_stale(text: str, *, now_ms: int, unit_ms: int) -> bool:
    """Whether a time of the vendor's, in units of so many milliseconds, is too far from ours, or none at all."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        return True
    return abs(int(text) * unit_ms - now_ms) > REPLAY_MS
