"""The fields of one line: what each may hold, and what is said of one that holds something else.

Values stay the bytes that they are: what a sender spelt in some odd way is not mended on its way to the codec.
"""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from schemas.base import MAX_COUNT, MAX_MILLIS

MAX_PARTITION = 2**31 - 1  # Kafka counts partitions in 32 bits
MAX_OFFSET = MAX_COUNT

Fields = Mapping[str, msgspec.Raw]

_KNOWN = frozenset({"topic", "partition", "offset", "timestamp_ms", "key", "headers", "value", "value_base64"})
_BOM = b"\xef\xbb\xbf"  # editors put it before the first line
_NULL = msgspec.Raw(b"null")
_WORDS: Mapping[type, str] = {str: "a text", int: "a whole number"}

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_headers = msgspec.json.Decoder(dict[str, str] | list[tuple[str, str]] | None).decode


def read_fields(line: bytes) -> Fields:
    """The fields of a line, none of them looked into; raises ValueError where it is no JSON object of known fields."""
    try:
        fields: Fields = _decode_fields(line.removeprefix(_BOM))
    except (ValueError, RecursionError):
        fields = _read_leniently(line)
    for name in fields:
        if name not in _KNOWN:
            shown = name.encode("ascii", "backslashreplace").decode()[:40]
            raise ValueError(f"unknown field {shown}; expected {', '.join(sorted(_KNOWN))}")
    return fields


def _read_leniently(line: bytes) -> Fields:
    """A line whose value is nearly JSON, with NaN or half a character in it: the codec says what that is worth."""
    try:
        fields = json.loads(line.removeprefix(_BOM))
        if isinstance(fields, dict):
            return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in fields.items()}
    except (ValueError, RecursionError):
        pass
    raise ValueError("expected one JSON object")


def topic(fields: Fields) -> str:
    """The name of the topic."""
    name: str = _required(fields, "topic", str)
    return name


def timestamp_ms(fields: Fields) -> int:
    """When the record was written."""
    at_ms: int = _required(fields, "timestamp_ms", int)
    if not 0 <= at_ms <= MAX_MILLIS:
        raise ValueError("timestamp_ms: expected milliseconds since 1970")
    return at_ms


def key(fields: Fields) -> bytes | None:
    """The record key."""
    text = _optional(fields, "key", str)
    return None if text is None else text.encode()


def whole_number(fields: Fields, name: str, highest: int) -> int | None:
    """A number that need not be there."""
    number: int | None = _optional(fields, name, int)
    if number is not None and not 0 <= number <= highest:
        raise ValueError(f"{name}: expected a whole number from 0 to {highest}")
    return number


def value(fields: Fields) -> bytes | None:
    """The value as it stands in the line; null is a record without one."""
    encoded = _optional(fields, "value_base64", str)
    plain = bytes(fields.get("value", _NULL))
    if encoded is None:
        return None if plain == b"null" else plain
    if plain != b"null":
        raise ValueError("expected value or value_base64, not both")
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise ValueError("value_base64: expected base64") from error


def headers(fields: Fields) -> tuple[tuple[str, bytes], ...]:
    """Headers as an object, or as a list of pairs where a name comes twice."""
    try:
        found = _decode_headers(fields.get("headers", _NULL)) or ()
    except ValueError as error:
        raise ValueError("headers: expected an object, or a list of pairs, of texts") from error
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((name, text.encode()) for name, text in pairs)


def _required(fields: Fields, name: str, kind: type) -> Any:
    found = _optional(fields, name, kind)
    if found is None:
        raise ValueError(f"{name}: expected {_WORDS[kind]}")
    return found


def _optional(fields: Fields, name: str, kind: type) -> Any:
    """A field of a kind; None where it is null or not there."""
    try:
        return _decoder(kind)(fields.get(name, _NULL))
    except ValueError as error:
        raise ValueError(f"{name}: expected {_WORDS[kind]}") from error


@cache
def _decoder(kind: type) -> Any:
    return msgspec.json.Decoder(kind | None).decode
