"""What training writes: refused before an hour is spent where it cannot be written, and put in place whole or not."""

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import TocsinError


class OutputError(TocsinError):
    """A file that training is to write cannot be written there; the text says what to write instead."""


def require_output(out: Path, suffix: str, *beside: Path) -> None:
    """Raise an OutputError where `out` is no name for such a file, or its folder cannot take it and those beside."""
    if out.suffix != suffix:
        raise OutputError(f"--out {out}: expected a name that ends in {suffix}")
    if not out.parent.is_dir():
        raise OutputError(f"--out {out}: there is no folder {out.parent}; make it first")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise OutputError(f"--out {out}: nothing may be written to the folder {out.parent}")
    for file in (out, *beside):
        if file.is_dir():
            raise OutputError(f"--out {out}: {file} is a folder")


def write_outputs(contents: Mapping[Path, bytes]) -> None:
    """Write all files beside their places, then put each in its place: a full disk leaves the old ones as they are."""
    places = {file: file.resolve() for file in contents}  # where a link leads to: it stays one
    parts = {file: place.with_name(f".{place.name}.{os.getpid()}.part") for file, place in places.items()}
    try:
        for file, content in contents.items():
            parts[file].write_bytes(content)
        for file, part in parts.items():
            part.replace(places[file])
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
