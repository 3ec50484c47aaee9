"""The ground of every wire type: one base struct and the scalar types with their bounds.

Wire types tolerate unknown fields and grow only by fields with defaults; a field that a reader cannot do without
has no default. An optional field of an inbound type may be absent or null, which is the same. Times on the wire are
integer milliseconds since the epoch, UTC, under the names of `docs/reference/schemas` (`occurred_at`, no unit).
"""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

MAX_ID_CHARS = 128
MAX_TEXT_CHARS = 8_000  # the tagger cuts here and says so; a longer text is no reason to refuse a record
MAX_LIST_ITEMS = 100
MAX_RECORD_BYTES = 256 * 1024
MAX_MILLIS = 253_402_300_799_999  # the last millisecond of the year 9999
MAX_COUNT = 2**53  # beyond it a reader in JavaScript sees another number

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Code = Annotated[str, Meta(max_length=MAX_ID_CHARS)]  # a short free value of a source system: queue, product
Note = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]  # text written by a person or by us, never cut by us
EpochMillis = Annotated[int, Meta(ge=0, le=MAX_MILLIS)]
Millis = Annotated[int, Meta(ge=0, le=MAX_MILLIS)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Score = Annotated[int, Meta(ge=0, le=100)]


class FieldError(ValueError):
    """A field breaks a rule that its type cannot tell: its name, and what belongs there, never the value."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(expected)
        self.field = field


class _SchemaId:
    """Reads the schema id off the struct's tag, so that it is written once."""

    def __get__(self, instance: object, owner: type[msgspec.Struct]) -> str:
        tag = owner.__struct_config__.tag
        return tag if isinstance(tag, str) else ""


# gc=False: a value from the wire cannot be part of a cycle, and the collector need not walk 130,000 of them a second.
class Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", gc=False):
    """A value on a topic: frozen, keyword-only, fields at their defaults left out, the schema id in `schema`."""

    SCHEMA: ClassVar[_SchemaId] = _SchemaId()  # also the CloudEvents type: `call.utterance/1`

    def record_id(self) -> str:
        """The id that makes a repeat of this record recognisable; the CloudEvents `id`."""
        message = f"{type(self).__name__} is never a record by itself"
        raise TypeError(message)


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A value inside a wire value; it has no schema id of its own."""


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """The names a struct type has on the wire."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))
