"""What a field should have been, in words, read off the types and never off the value received.

msgspec's messages quote what came in (`Invalid enum value '138…'`). So only two things are taken from a message: the
field path, each step of which must exist in the type, and the name of a missing field, which must exist as well.
"""

import re
from collections.abc import Iterable
from functools import cache

import msgspec
from msgspec import inspect

from schemas.base import FieldError

_PATH = re.compile(r"`(\$[^`]*)`\Z")  # the path closes a message; a quoted value stands before it
_STEP = re.compile(r"\.(\w+)|\[(\d{1,9})\]|(\[\.\.\.\])")
_MISSING = re.compile(r"\AObject missing required field `(\w+)`")


def explain(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> tuple[str, str]:
    """The path of the field that is wrong, and what belongs there."""
    message = str(error)
    path, node = _walk(message, _type_info(kind))
    if isinstance(error.__cause__, FieldError):
        return f"{path}.{error.__cause__.field}", str(error.__cause__)
    if isinstance(error.__cause__, ValueError):  # raised by our own `__post_init__`, whose texts hold no values
        return path, str(error.__cause__)
    missing = _MISSING.match(message)
    if missing and (field := _field(node, missing[1])) is not None:
        return f"{path}.{field.encode_name}", f"{describe(field.type)}; the field is missing"
    return path, describe(node)


def describe(node: inspect.Type) -> str:  # noqa: C901  a table of types reads best as one
    """A type in words that a sender understands."""
    match node:
        case inspect.EnumType(cls=cls):
            return f"one of {', '.join(str(member.value) for member in cls)}"
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.UnionType(types=types):
            return " or ".join(describe(each) for each in types)
        case inspect.NoneType():
            return "null"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low, le=high):
            return f"an integer{_between(low, high)}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number{_between(low, high)}"
        case inspect.StrType(min_length=low, max_length=high):
            return f"text{_sized(low, high, 'characters')}"
        case inspect.VarTupleType(min_length=low, max_length=high) | inspect.ListType(min_length=low, max_length=high):
            return f"a list{_sized(low, high, 'items')}"
        case inspect.DictType(min_length=low, max_length=high):
            return f"an object{_sized(low, high, 'entries')}"
        case _:
            return "an object"


@cache  # it takes longer than decoding a hundred records
def _type_info(kind: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _walk(message: str, node: inspect.Type) -> tuple[str, inspect.Type]:
    """Follow the path in a message as far as the type knows it."""
    found = _PATH.search(message)
    path = "$"
    for step in _STEP.finditer(found[1] if found else ""):
        name, index, _ = step.groups()
        inner: inspect.Type | None = None
        for each in _members(node):
            if name and (field := _field(each, name)) is not None:
                inner = field.type
            elif index and isinstance(each, inspect.VarTupleType):
                inner = each.item_type
            elif step[3] and isinstance(each, inspect.DictType):
                inner = each.key_type if "`key` in" in message else each.value_type
        if inner is None:
            break
        path, node = path + step[0], inner
    return path, node


def _members(node: inspect.Type) -> Iterable[inspect.Type]:
    return node.types if isinstance(node, inspect.UnionType) else (node,)


def _field(node: inspect.Type, name: str) -> inspect.Field | None:
    fields = node.fields if isinstance(node, inspect.StructType) else ()
    return next((field for field in fields if field.encode_name == name), None)


def _between(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f", at least {low}"
    return "" if high is None else f", at most {high}"


def _sized(low: int | None, high: int | None, unit: str) -> str:
    if low and high is not None:
        return f" of {low} to {high} {unit}"
    if low:
        return f" of at least {low} {unit}"
    return "" if high is None else f" of at most {high} {unit}"
