"""What worker and reading process say to each other: frames of a length and a MessagePack body, over a pipe."""

import struct
from collections.abc import Sequence

import msgspec

from pipeline.conversation.heard import Heard
from schemas.vocabulary import Level

LENGTH = struct.Struct(">I")
LESSONS_KEPT = 4  # both sides forget the oldest beyond: live packs of partitions that are on their way to the next


class Recipe(msgspec.Struct, frozen=True):
    """How to read: the first frame that the worker sends."""

    rules_dir: str | None  # None is the shipped pack
    inquiry_level: Level
    model: str  # as in the settings: `builtin`, `off`, or a path


class Hello(msgspec.Struct, frozen=True):
    """The first frame that comes back: what the process reads by. It is then ready."""

    rules_version: str
    model_version: str  # empty without a model


class Request(msgspec.Struct, frozen=True, tag=True):
    """Texts to be read, and who said each: one character a text, `c` for a customer and `a` for an agent."""

    texts: Sequence[str]
    roles: str
    rules_version: str


class Lesson(msgspec.Struct, frozen=True, tag=True):
    """A rule pack that came through the log; what is asked from now on may be asked by it. Nothing is answered."""

    rules_version: str
    content: bytes


class Reply(msgspec.Struct, frozen=True):
    """What was heard, by the place of the text; None where one could not be read: the asker finds out which."""

    heard: dict[int, Heard] | None


encode = msgspec.msgpack.Encoder().encode


def frame(body: bytes) -> bytes:
    """A body with its length before it."""
    return LENGTH.pack(len(body)) + body
