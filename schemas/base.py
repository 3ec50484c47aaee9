"""The ground of every wire type: one base struct and the scalar types with their bounds.

Wire types tolerate unknown fields and grow only by fields with defaults; a field that a reader cannot do without
has no default. Times on the wire are integer milliseconds since the epoch, UTC.
"""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

MAX_ID_CHARS = 128
MAX_TEXT_CHARS = 8_000
MAX_LIST_ITEMS = 100
MAX_RECORD_BYTES = 256 * 1024

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
Code = Annotated[str, Meta(max_length=MAX_ID_CHARS)]  # a short free value of a source system: queue, product
EpochMillis = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]  # up to the last millisecond of the year 9999
Millis = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value on a topic: frozen, keyword-only, fields at their defaults left out."""

    SCHEMA: ClassVar[str] = ""  # the schema id, which is also the CloudEvents type: `call.utterance/1`

    def record_id(self) -> str:
        """The id that makes a repeat of this record recognisable; the CloudEvents `id`."""
        raise NotImplementedError(type(self).__name__)


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """The names a struct type has on the wire."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))
