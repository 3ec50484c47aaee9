"""The reading process: one tagger, one pipe in, one pipe out. It ends when the worker does."""

import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from agents.product import build_tagger
from agents.reading.wire import LENGTH, LESSONS_KEPT, Hello, Lesson, Recipe, Reply, Request, encode, frame
from pipeline.conversation.heard import ReadsTexts, hear
from pipeline.learned.model import Model
from pipeline.rules.load import parse_pack
from pipeline.rules.parcel import unpack_files
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role

_ROLES = {"c": Role.CUSTOMER, "a": Role.AGENT}


def main() -> None:
    """Serve until the worker closes the pipe, by its own end too."""
    # Who stops the worker may signal the whole group: the worker still needs its readings for the batch it finishes.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not fall into a frame
    with suppress(BrokenPipeError):
        _serve(source, sink)
    os._exit(0)  # nothing here is worth a farewell, and a pipe that nobody reads cannot be flushed


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    body = _receive(source)
    if body is None:
        return
    recipe = msgspec.msgpack.decode(body, type=Recipe)
    rules_dir = None if recipe.rules_dir is None else Path(recipe.rules_dir)
    tagger = build_tagger(rules_dir, recipe.inquiry_level, recipe.model)
    _send(sink, encode(Hello(tagger.pack.version, tagger.model_version)))
    gc.collect()
    gc.freeze()
    own = tagger.pack.version
    taught: dict[str, ReadsTexts] = {}
    decode = msgspec.msgpack.Decoder(Request | Lesson).decode
    while (body := _receive(source)) is not None:
        told = decode(body)
        if isinstance(told, Lesson):
            learn(taught, told, recipe.inquiry_level, model=tagger.scorer.model if tagger.scorer else None)
        else:
            reader = tagger if told.rules_version == own else taught.get(told.rules_version)
            _send(sink, encode(Reply(None) if reader is None else reply(reader, told)))


def learn(taught: dict[str, ReadsTexts], lesson: Lesson, inquiry_level: Level, *, model: Model | None) -> None:
    """Compile a pack, beside the same model; one that cannot be is none, and the worker, which refuses it, asks not."""
    taught.pop(lesson.rules_version, None)
    with suppress(Exception):
        pack = parse_pack(unpack_files(lesson.content))
        taught[lesson.rules_version] = Tagger(pack, inquiry_level=inquiry_level, model=model)
    while len(taught) > LESSONS_KEPT:
        del taught[next(iter(taught))]


def reply(tagger: ReadsTexts, request: Request) -> Reply:
    """What the texts of a request say."""
    try:
        found = hear(request.texts, [_ROLES[role] for role in request.roles], tagger)
    except Exception:  # noqa: BLE001  (the worker reads the batch itself and refuses the one event that cannot be read)
        return Reply(None)
    return Reply({place: heard for place, heard in enumerate(found) if heard is not None})


def _receive(source: BinaryIO) -> bytes | None:
    """The next body; None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = source.read(length)
    return body if len(body) == length else None


def _send(sink: BinaryIO, body: bytes) -> None:
    sink.write(frame(body))
    sink.flush()
