"""A rule pack as one value that fits a record: its files by name, packed. What comes out is checked like any file."""

import zlib
from collections.abc import Iterable

import msgspec

from pipeline.rules.problems import Problem, RulePackError
from schemas.rules import MAX_CONTENT_BYTES

MAX_PACK_BYTES = 4 * 1024 * 1024  # unpacked; what unfolds to more is no rule pack
_NAME = "rule pack"


def pack_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files of a pack that was read without a problem, as one value; raises RulePackError where it is too large."""
    raw = msgspec.json.encode({name: data.decode() for name, data in files})
    content = zlib.compress(raw, 9)
    if len(raw) > MAX_PACK_BYTES or len(content) > MAX_CONTENT_BYTES:
        what = f"takes {len(content)} bytes, packed; at most {MAX_CONTENT_BYTES} fit a record, so take words out"
        raise RulePackError([Problem(_NAME, 0, "", what)])
    return content


def unpack_files(content: bytes) -> list[tuple[str, bytes]]:
    """The files of a packed value; raises RulePackError where it is none."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(content, MAX_PACK_BYTES)
        if not unpacker.eof:
            raise RulePackError([Problem(_NAME, 0, "", f"is cut off, or unfolds to more than {MAX_PACK_BYTES} bytes")])
        return [(name, text.encode()) for name, text in msgspec.json.decode(raw, type=dict[str, str]).items()]
    except (zlib.error, ValueError) as error:
        what = f"is not what `tocsin rules push` writes ({type(error).__name__})"
        raise RulePackError([Problem(_NAME, 0, "", what)]) from error
