"""Texts of the user's own for the rule commands: one a line, or JSON lines with `text`."""

from pathlib import Path

import orjson

from schemas.base import MAX_TEXT_CHARS


def read_corpus(file: Path) -> list[str]:
    """The texts of a file; empty lines and JSON without a text are passed over."""
    texts = []
    for line in file.read_bytes().splitlines():
        text = line.decode("utf-8", "replace").strip()
        if text.startswith("{"):
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                value = {"text": text}
            given = value.get("text")
            text = given if isinstance(given, str) else ""
        if text:
            texts.append(text[:MAX_TEXT_CHARS])
    return texts
