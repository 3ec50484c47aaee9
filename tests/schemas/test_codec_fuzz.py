"""Nothing that can stand on a topic makes the codec raise; everything comes out once, taken or refused."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import codec, topics
from schemas.base import field_names
from schemas.codec import Record
from tests.support.inbound import NOON_MS, utterance

TOPICS = [topic for topic in topics.ALL if topic.messages]
names = st.sampled_from(sorted({name for topic in TOPICS for kind in topic.messages for name in field_names(kind)}))
schema_ids = st.sampled_from(sorted(kind.SCHEMA for topic in TOPICS for kind in topic.messages))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400) | st.just("\x00"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=5), inner, max_size=6),
    max_leaves=8,
)
near_events = st.builds(
    lambda schema, changes: json.dumps(utterance(1) | {"schema": schema} | changes).encode(),
    schema_ids,
    st.dictionaries(names, json_values, max_size=5),
)
duplicate_keys = st.lists(st.tuples(names, json_values), min_size=1, max_size=5).map(
    lambda pairs: b"{" + b",".join(f"{json.dumps(k)}:{json.dumps(v)}".encode() for k, v in pairs) + b"}"
)
values = (
    st.none()
    | st.binary(max_size=40)
    | json_values.map(lambda v: json.dumps(v).encode())
    | near_events
    | duplicate_keys
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "traceparent"]),
        st.sampled_from([b"1.0", b"e-1", b"call.utterance/1", b"asr", b"2025-11-21T04:00:00Z", b"\xff", b"", None,
                         b"application/cloudevents+json", b"application/json"]),
    ),
    max_size=5,
)  # fmt: skip
records = st.builds(
    Record,
    offset=st.integers(0, 2**63 - 1),
    timestamp=st.sampled_from([NOON_MS, -1, 0, None, 2**62]),
    key=st.none() | st.binary(max_size=5) | st.just(b"c-1"),
    value=values,
    headers=headers,
)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@settings(max_examples=40, deadline=None)
@given(batch=st.lists(records, max_size=6))
@example(batch=[Record(0, NOON_MS, b"", b"[" * 100_000)])
@example(batch=[Record(0, NOON_MS, b"", b'{"a":' * 50_000)])
@example(batch=[Record(0, NOON_MS, b"", b'"' + b'\\"' * 60_000 + b"[" * 200)])
@example(batch=[Record(0, NOON_MS, b"", b'{"start_ms":' + b"9" * 200_000 + b"}")])
def test_every_record_comes_out_once(topic, batch):
    """Taken or refused, never lost, never doubled, never an exception; a letter and its bytes can be made."""
    decoded = codec.decode_batch(topic, batch, 0)
    assert len(decoded.events) == len(decoded.records)
    assert len(decoded.records) + len(decoded.refusals) == len(batch)
    for refusal in decoded.refusals:
        assert codec.encode(codec.dead_letter(refusal))
    for event in decoded.events:
        assert codec.encode_record(event)


@settings(max_examples=150, deadline=None)
@given(batch=st.lists(records, min_size=2, max_size=6))
def test_every_record_comes_out_as_it_would_alone(batch):
    """With headers and near misses too, a batch is the sum of its records."""
    decoded = codec.decode_batch(topics.UTTERANCES, batch, 0)
    each = [codec.decode_batch(topics.UTTERANCES, [one], 0) for one in batch]
    assert list(decoded.events) == [event for one in each for event in one.events]
    assert decoded.refusals == [refusal for one in each for refusal in one.refusals]
