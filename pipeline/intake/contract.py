"""Which fields of an inbound contract a mapping may fill, and what each takes: read off the wire types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import inspect

from pipeline.intake.values import integer_of, millis_of, number_of, text_of, texts_of, truth_of
from schemas import topics
from schemas.events import Event
from schemas.expected import describe
from schemas.topics import Topic

TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (topics.UTTERANCES, topics.MESSAGES, topics.TICKETS, topics.FEEDBACK, topics.AGENT_STATES)
}
_OURS = {"source", "tenant", "ingested_at"}  # said by the source's own description, or by the clock
_MILLISECOND_ENDS = ("_at", "_ms", "_hint", "since", "until")


@dataclass(frozen=True, slots=True)
class Target:
    """One field that can be filled."""

    name: str  # `comment.text` of a field inside another
    is_required: bool
    is_millis: bool
    node: inspect.Type
    read: Callable[[Any], Any]

    @property
    def is_moment(self) -> bool:
        """Whether it is a point in time and no duration."""
        return self.is_millis and not self.name.endswith("_ms")

    @property
    def may_be_empty(self) -> bool:
        """Whether it must be there and an empty text will do: what a picture without a caption says."""
        return self.is_required and isinstance(self.node, inspect.StrType) and not self.node.min_length

    @property
    def expects(self) -> str:
        """What it takes, in words."""
        return describe(self.node)

    def takes(self, value: Any) -> bool:
        """Whether a constant of the file fits."""
        read = self.read(value)
        match self.node:
            case inspect.EnumType(cls=cls):
                return read in {member.value for member in cls}
            case inspect.StrType(max_length=most):
                return read is not None and len(read) <= (most or len(read))
            case _:
                return read is not None


def kinds_of(topic: Topic) -> Mapping[str, type[Event]]:
    """The messages of a topic, by their schema id."""
    return {kind.SCHEMA: kind for kind in topic.messages if issubclass(kind, Event)}


@cache
def targets_of(kind: type[Event]) -> Mapping[str, Target]:
    """Every field of a message that a mapping may fill."""
    info = inspect.type_info(kind)
    found: dict[str, Target] = {}
    for field in info.fields if isinstance(info, inspect.StructType) else ():
        if field.encode_name in _OURS:
            continue
        node = _bare(field.type)
        if isinstance(node, inspect.StructType):
            for inner in node.fields:
                _add(found, f"{field.encode_name}.{inner.encode_name}", inner)
        else:
            _add(found, field.encode_name, field)
    return found


def _add(found: dict[str, Target], name: str, field: inspect.Field) -> None:
    node = _bare(field.type)
    is_millis = isinstance(node, inspect.IntType) and name.endswith(_MILLISECOND_ENDS)
    read = millis_of if is_millis else _reader(node)
    if read is not None:
        is_required = field.required and name != "event_id"
        found[name] = Target(name, is_required, is_millis, node, read)


def _reader(node: inspect.Type) -> Callable[[Any], Any] | None:
    match node:
        case inspect.StrType() | inspect.EnumType():
            return text_of
        case inspect.BoolType():
            return truth_of
        case inspect.IntType():
            return integer_of
        case inspect.FloatType():
            return number_of
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return texts_of
        case _:
            return None


def _bare(node: inspect.Type) -> inspect.Type:
    """A type without its null."""
    if isinstance(node, inspect.UnionType):
        rest = [each for each in node.types if not isinstance(each, inspect.NoneType)]
        return rest[0] if len(rest) == 1 else node
    return node


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`comment.text` and its like as objects inside the event."""
    whole: dict[str, Any] = {}
    for name, value in fields.items():
        outer, dot, inner = name.partition(".")
        if dot:
            whole.setdefault(outer, {})[inner] = value
        else:
            whole[name] = value
    return whole
