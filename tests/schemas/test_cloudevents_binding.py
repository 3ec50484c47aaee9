"""CloudEvents on Kafka, against the project's own library: it writes and we read, we write and it reads."""

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings import kafka as oracle
from cloudevents.core.v1.event import CloudEvent

from schemas import codec, topics
from schemas.codec import Record
from schemas.examples import EXAMPLES
from schemas.vocabulary import Category
from tests.support.inbound import LEFT_OUT, NOON_MS, record, utterance

ENVELOPE = {"schema": LEFT_OUT, "event_id": LEFT_OUT, "source": LEFT_OUT, "occurred_at": LEFT_OUT}
MODES = [
    pytest.param(oracle.to_binary_event, id="binary"),
    pytest.param(oracle.to_structured_event, id="structured"),
]


def cloud_event(body, **changes):
    """An event of the library around a body."""
    attributes = {
        "id": "e-1",
        "type": "call.utterance/1",
        "source": "asr",
        "time": datetime.fromtimestamp((NOON_MS + 1) / 1000, UTC),
        "datacontenttype": "application/json",
    } | changes
    return CloudEvent({name: value for name, value in attributes.items() if value is not LEFT_OUT}, body)


def written(mode, event, key=b"c-1"):
    """The record that the library makes of an event."""
    message = mode(event)
    return Record(0, NOON_MS, key, message.value, list(message.headers.items()))


def decode(*records):
    """What we make of records."""
    return codec.decode_batch(topics.UTTERANCES, records, 0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("left_out", [ENVELOPE, {}], ids=["envelope outside", "envelope inside as well"])
def test_an_event_of_the_library_is_read(mode, left_out):
    """In either mode, and whether or not the body repeats the envelope, it is the event that plain JSON gives."""
    decoded = decode(written(mode, cloud_event(utterance(1, **left_out))))
    assert decoded.events == decode(record(utterance(1))).events
    assert not decoded.refusals


@pytest.mark.parametrize("said", ["Application/CloudEvents+JSON", "APPLICATION/CLOUDEVENTS+JSON; charset=utf-8"])
def test_the_content_type_may_have_capitals(said):
    """Media types are the same in any case (RFC 9110, 8.3.1)."""
    whole = written(oracle.to_structured_event, cloud_event(utterance(1, **ENVELOPE)))
    decoded = decode(Record(0, NOON_MS, b"c-1", whole.value, [("content-type", said.encode())]))
    assert decoded.events == decode(record(utterance(1))).events


@pytest.mark.parametrize("mode", MODES)
def test_modes_share_a_topic(mode):
    """Plain and CloudEvents records stand beside each other and keep their order."""
    outside = written(mode, cloud_event(utterance(1, **ENVELOPE)))
    decoded = decode(record(utterance(2)), outside, record(utterance(3)))
    assert [event.event_id for event in decoded.events] == ["e-2", "e-1", "e-3"]


@pytest.mark.parametrize("mode", MODES)
def test_two_ids_are_one_too_many(mode):
    """Which of them is the key for duplicates nobody can know."""
    (refusal,) = decode(written(mode, cloud_event(utterance(1), id="e-other"))).refusals
    assert (refusal.category, refusal.path) == (Category.SCHEMA, "$.event_id")
    assert refusal.expected == "the id of the CloudEvent"


@pytest.mark.parametrize("mode", MODES)
def test_attributes_win_for_type_and_source(mode):
    """The sender of the record knows both better than whoever made the body."""
    body = utterance(1, schema="vendor.thing", source="inner")
    (event,) = decode(written(mode, cloud_event(body, source="outer"))).events
    assert (event.SCHEMA, event.source) == ("call.utterance/1", "outer")


@pytest.mark.parametrize("mode", MODES)
def test_the_body_wins_for_its_time(mode):
    """`time` may be when the record was made; `occurred_at` is when it was said."""
    (event,) = decode(written(mode, cloud_event(utterance(1, occurred_at=NOON_MS - 5)))).events
    assert event.occurred_at == NOON_MS - 5


@pytest.mark.parametrize("mode", MODES)
def test_an_unknown_type_is_refused(mode):
    """The type is the schema id."""
    (refusal,) = decode(written(mode, cloud_event(utterance(1, **ENVELOPE), type="vendor.thing"))).refusals
    assert (refusal.category, refusal.path) == (Category.UNKNOWN_TYPE, "$.schema")


@pytest.mark.parametrize("mode", MODES)
def test_a_bad_field_is_named_in_either_mode(mode):
    """The path is that of the body."""
    (refusal,) = decode(written(mode, cloud_event(utterance(1, role="boss", **ENVELOPE)))).refusals
    assert (refusal.path, refusal.expected) == ("$.role", "one of customer, agent, bot, system")


@pytest.mark.parametrize("mode", MODES)
def test_nothing_says_when(mode):
    """Without `time` the body has to say when it occurred."""
    body = utterance(1, **ENVELOPE)
    event = cloud_event(body, time=LEFT_OUT)
    headers = [(name, value) for name, value in mode(event).headers.items() if name != "ce_time"]
    value = mode(event).value
    if mode is oracle.to_structured_event:
        value = json.dumps({k: v for k, v in json.loads(value).items() if k != "time"}).encode()
    (refusal,) = decode(Record(0, NOON_MS, b"c-1", value, headers)).refusals
    assert refusal.path == "$.occurred_at"
    assert refusal.expected.endswith("the field is missing")


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        pytest.param([("ce_specversion", b"0.3")], "$headers.ce_specversion", id="an old version"),
        pytest.param([("ce_specversion", b"1.0"), ("ce_time", b"yesterday")], "$headers.ce_time", id="no time"),
        pytest.param([("ce_time", b"2025-11-21T04:00:00")], "$headers.ce_time", id="no offset"),
        pytest.param([("ce_id", b"\xff")], "$headers", id="not UTF-8"),
        pytest.param([("content-type", b"application/cloudevents+json; charset=UTF-8")], "$.data", id="no data"),
    ],
)
def test_a_broken_envelope(headers, path):
    """It is a fault of decoding: what the sender meant cannot be told."""
    (refusal,) = decode(record(utterance(1, occurred_at=LEFT_OUT), headers=headers)).refusals
    assert (refusal.category, refusal.path) == (Category.DECODE, path)


def test_other_headers_mean_nothing():
    """Tracing and the like pass by."""
    headers = [("traceparent", b"00-1"), ("content-type", b"application/json"), ("empty", None)]
    assert decode(record(utterance(1), headers=headers)).events == decode(record(utterance(1))).events


def test_an_action_keeps_the_source_of_its_body():
    """Where an action was taken is one of a few words; the CloudEvent's source is a system's name."""
    example = next(each for each in EXAMPLES if each.SCHEMA == "alert.action/1")
    headers = [("ce_specversion", b"1.0"), ("ce_id", example.event_id.encode()), ("ce_source", b"/desk/board")]
    at_ms = example.occurred_at
    decoded = codec.decode_batch(topics.ACTIONS, [Record(0, at_ms, b"440000", codec.encode(example), headers)], 0)
    assert decoded.events == [example]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.SCHEMA)
def test_the_library_reads_what_we_write(example):
    """Every message of ours is a CloudEvent in binary mode."""
    value, headers = codec.encode_record(example)
    event = oracle.from_kafka_event(oracle.KafkaMessage(headers=dict(headers), key=None, value=value))
    assert event.get_id() == example.record_id()
    assert event.get_type() == example.SCHEMA
    assert event.get_source() == "tocsin"
    assert event.get_data() == json.loads(value)
    body = json.loads(value)
    times = {body[name] for name in ("emitted_at", "occurred_at", "updated_at", "now_ms", "at") if name in body}
    assert round(event.get_time().timestamp() * 1000) in times


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.name)
def test_we_read_what_we_write(topic):
    """Our own records come back through our own codec, headers and all."""
    for example in EXAMPLES:
        if type(example) not in topic.messages or topic.is_inbound:
            continue
        value, headers = codec.encode_record(example)
        assert codec.decode_batch(topic, [Record(0, NOON_MS, b"k", value, headers)], 0).events == [example]
