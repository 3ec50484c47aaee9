"""A body as it came over the wire: read as JSON within limits, or what is wrong with it."""

from typing import Any

import msgspec

from schemas.refusal import Fault
from schemas.vocabulary import Category

_BOM = b"\xef\xbb\xbf"


def read_body(data: bytes, *, depth_max: int) -> dict[str, Any] | Fault:
    """The JSON object in `data`, nested at most `depth_max` deep."""
    try:
        document = msgspec.json.decode(data.removeprefix(_BOM))
    except RecursionError:
        return _too_deep(depth_max)
    except ValueError:  # all that msgspec and UTF-8 have to say
        return Fault(Category.DECODE, "$", "well-formed JSON in UTF-8")
    if not isinstance(document, dict):
        return Fault(Category.SCHEMA, "$", "a JSON object")
    level: list[Any] = [document]
    for _ in range(depth_max):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return document
    return _too_deep(depth_max)


def _inside(value: Any) -> list[Any]:
    """The objects and lists directly inside one."""
    members = value.values() if isinstance(value, dict) else value
    return [each for each in members if isinstance(each, dict | list)]


def _too_deep(depth_max: int) -> Fault:
    return Fault(Category.DECODE, "$", f"at most {depth_max} levels of nesting")
