"""Every message: read back as it was written, open for fields to come, closed where it is closed."""

import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec, topics
from schemas.base import field_names
from schemas.events import Event
from schemas.examples import EXAMPLES
from schemas.vocabulary import Level
from tests.support.wire_values import wire_values

KINDS = [kind for topic in topics.ALL for kind in topic.messages]
INBOUND = [kind for kind in KINDS if issubclass(kind, Event)]


def by_schema(kind):
    """A kind's id in a test's name."""
    return kind.SCHEMA


@pytest.mark.parametrize("kind", KINDS, ids=by_schema)
def test_schema_ids_have_a_version(kind):
    """`noun/1`, with dots and no spaces; it is the CloudEvents type as well."""
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)*/[1-9]\d*", kind.SCHEMA)


def test_schema_ids_are_unique():
    """A schema id stands for one type on one topic."""
    assert len({kind.SCHEMA for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=by_schema)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_value_is_read_back_as_it_was_written(kind, data):
    """Encoding and decoding is no change, whatever the value."""
    value = data.draw(wire_values(kind))
    assert msgspec.json.decode(codec.encode(value), type=kind) == value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.SCHEMA)
def test_a_field_to_come_is_skipped(example):
    """A reader of today takes a record of tomorrow."""
    body = msgspec.to_builtins(example) | {"field_to_come": {"deep": [1, "x", None]}}
    assert msgspec.json.decode(msgspec.json.encode(body), type=type(example)) == example


@pytest.mark.parametrize("kind", INBOUND, ids=by_schema)
def test_an_optional_inbound_field_may_be_null(kind):
    """Many senders write null for what they do not know."""
    example = next(each for each in EXAMPLES if type(each) is kind)
    optional = {field.encode_name for field in msgspec.structs.fields(kind) if not field.required}
    body = msgspec.to_builtins(example)
    needed = {"score", "verdict", "silence"} & set(body)  # one field asks for another
    body |= dict.fromkeys(optional - needed - {"scale_min", "scale_max"})
    assert isinstance(msgspec.json.decode(msgspec.json.encode(body), type=kind), kind)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.SCHEMA)
def test_a_value_cannot_be_changed(example):
    """What is decided may rest on a value that was read."""
    with pytest.raises(AttributeError):
        setattr(example, field_names(type(example))[0], "changed")


def test_record_ids_are_unique_among_the_examples():
    """Every message has an id that a repeat of it has too."""
    assert len({example.record_id() for example in EXAMPLES}) == len(EXAMPLES) == len(KINDS)


def test_levels_on_the_wire():
    """The four words that others compare with."""
    assert [level.value for level in Level] == ["none", "potential", "explicit", "high_risk"]
    assert [level.rank for level in Level] == [0, 1, 2, 3]
