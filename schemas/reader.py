r"""How the records of one topic are read: all of a batch in one call, or one alone, always with the same result.

The values of a batch are joined with a separator, a JSON string, and decoded as one list. A poisoned record must not
reach over its neighbours (`{"x":[{}` … `{}]}`) nor smuggle events in (`{},{}`). The proof that it did not: the text
holds the separator exactly where it was put (counted; no other spelling of it is possible without `\u007`), and the
decoded list holds all of them, one after each event. So each separator was read at the top of the list, and what
stands between two of them is one record and one value.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import Meta

from schemas import cloudevents
from schemas.base import MAX_RECORD_BYTES, Wire
from schemas.events import Event
from schemas.expected import explain
from schemas.records import Headers, Raw
from schemas.refusal import Fault
from schemas.topics import Topic
from schemas.vocabulary import Category

MAX_DEPTH = 100  # levels of nesting; the decoder's own limit moves with the depth of the call

Separator = Literal["~|~|~"]  # only characters from U+0070 to U+007F
_SEPARATOR: Separator = "~|~|~"
_QUOTED = b'"~|~|~"'
_JOINT = b"," + _QUOTED + b","
# A whole string, closed or not, or one bracket; possessive, so that no text makes it go back.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"

_BAD_JSON = Fault(Category.DECODE, "$", "well-formed JSON in UTF-8")
_TOO_DEEP = Fault(Category.DECODE, "$", f"at most {MAX_DEPTH} levels of nesting")
_TOO_LARGE = Fault(Category.TOO_LARGE, "$", f"at most {MAX_RECORD_BYTES} bytes")
_NO_VALUE = Fault(Category.DECODE, "$", "a JSON object; the record has no value")
_NO_OBJECT = Fault(Category.SCHEMA, "$", "a JSON object")


class _Nothing(msgspec.Struct, tag_field="schema", tag=""):
    """Cannot be decoded. A union with it makes msgspec insist on the schema id even where a topic has one message."""

    never: Annotated[int, Meta(ge=1, le=0)]


class Reader:
    """The decoders of one topic."""

    def __init__(self, topic: Topic) -> None:
        self._closed_source = any(issubclass(kind, Event) and kind.CLOSED_SOURCE for kind in topic.messages)
        self.is_inbound = topic.is_inbound
        self._kinds: Mapping[str, type[Wire]] = {kind.SCHEMA: kind for kind in topic.messages}
        kinds = (*topic.messages, _Nothing) if topic.is_inbound else topic.messages
        shape: Any = Union[kinds]  # noqa: UP007  a union made of a tuple has no other spelling
        self._decode_all = msgspec.json.Decoder(list[Union[shape, Separator]]).decode  # noqa: UP007
        self._decode_one = msgspec.json.Decoder(shape).decode

    def read_all(self, records: Sequence[Raw]) -> list[Any] | None:
        """The events of a batch; None when at least one record needs a look of its own."""
        values: list[Any] = [record.value for record in records]
        count = len(values)
        if not count:
            return []
        try:
            text = b"[" + _JOINT.join(values) + b"]"
            if text.count(_QUOTED) != count - 1 or b"\\u007" in text or not _is_plain(values, text):
                return None
            read = self._decode_all(text)
        except (TypeError, ValueError, RecursionError):  # a null value; all that msgspec and UTF-8 have to say
            return None
        if len(read) != 2 * count - 1 or read[1::2].count(_SEPARATOR) != count - 1:
            return None
        events: list[Any] = read[::2]
        if self.is_inbound:
            for event, record in zip(events, records, strict=True):
                if record.headers and not cloudevents.agrees(event, record.headers):
                    return None  # the headers add to the body, or contradict it
        return events

    def read_one(self, record: Raw) -> Any:
        """The event of one record, or the Fault that it has."""
        value = record.value
        if value is None:
            return _NO_VALUE
        if len(value) > MAX_RECORD_BYTES:
            return _TOO_LARGE
        if _depth(value) > MAX_DEPTH:
            return _TOO_DEEP
        value = value.removeprefix(_BOM)
        headers = record.headers if self.is_inbound else ()
        try:
            event = self._decode_one(value)
        except (ValueError, RecursionError):
            return self._read_closely(value, headers)
        return event if cloudevents.agrees(event, headers) else self._read_closely(value, headers)

    def _read_closely(self, value: bytes, headers: Headers) -> Any:
        """Read what does not decode by itself: because the headers hold a part of it, or to say what is wrong."""
        body = _object(value)
        whole = body if isinstance(body, Fault) else cloudevents.join(body, headers, closed_source=self._closed_source)
        if isinstance(whole, Fault):
            return whole
        kind = self._kind(whole.get("schema"))
        if isinstance(kind, Fault):
            return kind
        try:
            return msgspec.convert(whole, kind)
        except msgspec.ValidationError as error:
            return Fault(Category.SCHEMA, *explain(error, kind))

    def _kind(self, name: object) -> type[Wire] | Fault:
        """The type that a schema id stands for on this topic."""
        one_of_these = f"one of {', '.join(self._kinds)}"
        if name is None and not self.is_inbound and len(self._kinds) == 1:
            return next(iter(self._kinds.values()))
        if name is None:
            return Fault(Category.SCHEMA, "$.schema", f"{one_of_these}; the field is missing")
        if not isinstance(name, str):
            return Fault(Category.SCHEMA, "$.schema", one_of_these)
        return self._kinds.get(name) or Fault(Category.UNKNOWN_TYPE, "$.schema", one_of_these)


@cache
def reader_of(topic: Topic) -> Reader:
    """The one reader of a topic."""
    return Reader(topic)


def _object(value: bytes) -> dict[str, Any] | Fault:
    try:
        body = msgspec.json.decode(value)
    except (ValueError, RecursionError):
        return _BAD_JSON
    return body if isinstance(body, dict) else _NO_OBJECT


def _is_plain(values: Sequence[bytes], text: bytes) -> bool:
    """Whether none is too large and none can be nested too deep: counted for all at once, for each only if need be."""
    if max(map(len, values)) > MAX_RECORD_BYTES:
        return False
    objects = text.count(b"{") - len(values) + 1  # that one record can hold at most: each is an object, or no event
    arrays = text.count(b"[") - 1
    if objects + arrays > MAX_DEPTH:  # customers write brackets, too
        arrays = max(map(bytes.count, values, repeat(b"[")))
    return objects + arrays <= MAX_DEPTH or max(map(_brackets, values)) <= MAX_DEPTH


def _brackets(text: bytes) -> int:
    return text.count(b"{") + text.count(b"[")


def _depth(value: bytes) -> int:
    """How deep the brackets outside of strings are nested, counted up to the first level that is too deep."""
    if _brackets(value) <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for token in _BRACKETS.finditer(value):
        if token[0] in b"{[":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif token[0] in b"}]":
            depth -= 1
    return deepest
