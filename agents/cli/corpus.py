"""Texts of the user's own for the rule commands: one a line, or JSON lines with `text`."""

from codecs import BOM_UTF8
from pathlib import Path

import orjson

from pipeline.errors import TocsinError
from schemas.base import MAX_TEXT_CHARS


class CorpusError(TocsinError):
    """A line is no text; the error says which and what to do. Judged as rubbish, a pack would look clean."""


def read_corpus(file: Path) -> list[str]:
    """The texts of a file; empty lines and JSON without a text are passed over."""
    texts = []
    for number, line in enumerate(file.read_bytes().removeprefix(BOM_UTF8).splitlines(), start=1):
        text = _decoded(line, place=f"{file}:{number}").strip()
        if text.startswith("{"):
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                value = {"text": text}
            given = value.get("text")
            text = given if isinstance(given, str) else ""
        if text:
            texts.append(text[:MAX_TEXT_CHARS])
    return texts


def _decoded(line: bytes, *, place: str) -> str:
    """A line as text; UTF-16 may well be bytes that UTF-8 has too, but for its zeros."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CorpusError(f"{place}: expected UTF-8; save the file as UTF-8")
    return text
