"""A refusal says where and what was expected, and never repeats what was received."""

import base64
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, topics
from schemas.base import field_names
from schemas.calls import Utterance
from schemas.refusal import Fault, unplaced_letter
from schemas.vocabulary import Category
from tests.support.inbound import LEFT_OUT, NOON_MS, PHONE, record, utterance

DAY_MS = 24 * 60 * 60 * 1000
SCHEMAS = "one of call.utterance/1, call.lifecycle/1"
IN_TIME = "a time at most 24 hours after and 30 days before the record's own timestamp"


def refused(body, *, topic=topics.UTTERANCES, **how):
    """The one refusal of the one record."""
    decoded = codec.decode_batch(topic, [record(body, offset=88_120, **how)], 3)
    assert not decoded.events
    (refusal,) = decoded.refusals
    return refusal


@pytest.mark.parametrize(
    ("changes", "category", "path", "expected"),
    [
        pytest.param({"role": PHONE}, "schema", "$.role", "one of customer, agent, bot, system", id="unknown word"),
        pytest.param({"role": 5}, "schema", "$.role", "one of customer, agent, bot, system", id="number for a word"),
        pytest.param({"text": LEFT_OUT}, "schema", "$.text", "text; the field is missing", id="missing"),
        pytest.param({"text": None}, "schema", "$.text", "text", id="null for what is required"),
        pytest.param({"text": [PHONE]}, "schema", "$.text", "text", id="list for text"),
        pytest.param(
            {"event_id": ""}, "schema", "$.event_id", "text of 1 to 128 characters", id="empty id",
        ),
        pytest.param({"event_id": "9" * 129}, "schema", "$.event_id", "text of 1 to 128 characters", id="long id"),
        pytest.param(
            {"start_ms": PHONE}, "schema", "$.start_ms", "an integer from 0 to 253402300799999", id="text for a time",
        ),
        pytest.param(
            {"start_ms": 1.5}, "schema", "$.start_ms", "an integer from 0 to 253402300799999", id="part of one ms",
        ),
        pytest.param(
            {"occurred_at": 10**30}, "schema", "$.occurred_at", "an integer from 0 to 253402300799999", id="huge time",
        ),
        pytest.param(
            {"occurred_at": -1}, "schema", "$.occurred_at", "an integer from 0 to 253402300799999", id="before 1970",
        ),
        pytest.param({"is_final": "true"}, "schema", "$.is_final", "true or false", id="text for a truth value"),
        pytest.param(
            {"confidence": 1.01}, "schema", "$.confidence", "a number from 0.0 to 1.0 or null", id="share above one",
        ),
        pytest.param(
            {"alternatives": [{"text": "a"}, {"text": 5}]}, "schema", "$.alternatives[1].text", "text", id="in a list",
        ),
        pytest.param(
            {"alternatives": [{}]}, "schema", "$.alternatives[0].text", "text; the field is missing",
            id="missing in a list",
        ),
        pytest.param(
            {"alternatives": [{"text": "a"}] * 101}, "schema", "$.alternatives",
            "a list of at most 100 items or null", id="long list",
        ),
        pytest.param(
            {"caller_prefix": PHONE}, "schema", "$.caller_prefix", "text of at most 7 characters or null",
            id="a whole number where seven digits are",
        ),
        pytest.param({"schema": LEFT_OUT}, "schema", "$.schema", f"{SCHEMAS}; the field is missing", id="no schema"),
        pytest.param({"schema": 5}, "schema", "$.schema", SCHEMAS, id="a number for a schema"),
        pytest.param({"schema": f"call.{PHONE}/1"}, "unknown_type", "$.schema", SCHEMAS, id="unknown schema"),
        pytest.param({"schema": ""}, "unknown_type", "$.schema", SCHEMAS, id="empty schema"),
        pytest.param({"schema": "call.utterance/2"}, "unknown_type", "$.schema", SCHEMAS, id="a version to come"),
        pytest.param({"schema": "chat.message/1"}, "unknown_type", "$.schema", SCHEMAS, id="of another topic"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_field(changes, category, path, expected):
    """Category, field path and expectation come from the type."""
    refusal = refused(utterance(1, **changes))
    assert (refusal.category, refusal.path, refusal.expected) == (category, path, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"{", "well-formed JSON in UTF-8", id="cut off"),
        pytest.param(b"", "well-formed JSON in UTF-8", id="empty"),
        pytest.param(b"\x00\x00", "well-formed JSON in UTF-8", id="null bytes"),
        pytest.param(json.dumps(utterance()).encode("utf-16"), "well-formed JSON in UTF-8", id="UTF-16"),
        pytest.param(json.dumps(utterance(), ensure_ascii=False).encode("gbk"), "well-formed JSON in UTF-8", id="GBK"),
        pytest.param(json.dumps(utterance(start_ms=float("nan"))).encode(), "well-formed JSON in UTF-8", id="NaN"),
        pytest.param(json.dumps(utterance(text="\ud800")).encode(), "well-formed JSON in UTF-8", id="lone surrogate"),
        pytest.param(json.dumps(utterance(text="\udc00x")).encode(), "well-formed JSON in UTF-8", id="lone low one"),
        pytest.param(None, "a JSON object; the record has no value", id="a tombstone"),
    ],
)
def test_what_cannot_be_decoded(value, expected):
    """Anything that is not JSON in UTF-8 is of the category decode."""
    refusal = refused(value)
    assert (refusal.category, refusal.path, refusal.expected) == (Category.DECODE, "$", expected)


@pytest.mark.parametrize("value", [b"[]", b"null", b"5", b'"text"', b"true"], ids=bytes.decode)
def test_json_that_is_no_object(value):
    """It can be read, but it is no event."""
    assert refused(value).category is Category.SCHEMA


@pytest.mark.parametrize(
    ("distance_ms", "accepted"),
    [
        pytest.param(DAY_MS, True, id="24 hours ahead"),
        pytest.param(DAY_MS + 1, False, id="a millisecond more"),
        pytest.param(-30 * DAY_MS, True, id="30 days behind"),
        pytest.param(-30 * DAY_MS - 1, False, id="a millisecond earlier"),
    ],
)
@pytest.mark.parametrize("company", [0, 1], ids=["alone", "beside a good one"])
def test_event_time_against_the_record(distance_ms, accepted, company):
    """A clock that is far off is refused before it can move a window."""
    records = [record(utterance(1, occurred_at=NOON_MS + distance_ms)), *[record(utterance(2))] * company]
    decoded = codec.decode_batch(topics.UTTERANCES, records, 0)
    assert len(decoded.events) == accepted + company
    for refusal in decoded.refusals:
        assert (refusal.category, refusal.path) == (Category.TIME_OUT_OF_RANGE, "$.occurred_at")
        assert refusal.expected == IN_TIME


@pytest.mark.parametrize("at_ms", [None, -1, 0], ids=["none", "minus one", "zero"])
def test_a_record_without_a_timestamp_is_not_judged_by_it(at_ms):
    """Where the broker kept no time there is nothing to compare with."""
    assert codec.decode_batch(topics.UTTERANCES, [record(utterance(1), at_ms=at_ms)], 0).events


def test_a_replay_lifts_the_past_limit_only():
    """Old events are what a replay is for; one from the future is wrong in a replay too."""
    records = [
        record(utterance(1, occurred_at=NOON_MS - 400 * DAY_MS)),
        record(utterance(2, occurred_at=NOON_MS + 2 * DAY_MS)),
    ]
    decoded = codec.decode_batch(topics.UTTERANCES, records, 0, lift_past_limit=True)
    assert [event.event_id for event in decoded.events] == ["e-1"]
    assert [refusal.category for refusal in decoded.refusals] == [Category.TIME_OUT_OF_RANGE]


@pytest.mark.parametrize("key", [None, b"", b"c-2", b'"c-1"', b"\xff"], ids=str)
@pytest.mark.parametrize("company", [0, 1], ids=["alone", "beside a good one"])
def test_the_key_is_the_conversation(key, company):
    """A conversation on two partitions would be counted twice; its key decides where it lies."""
    records = [record(utterance(1), key=key), *[record(utterance(2))] * company]
    decoded = codec.decode_batch(topics.UTTERANCES, records, 0)
    assert len(decoded.events) == company
    (refusal,) = decoded.refusals
    assert (refusal.category, refusal.path) == (Category.SCHEMA, "$key")
    assert refusal.expected == "the conversation_id of the body, as UTF-8 text"


def test_it_reads_like_a_sentence():
    """The log line, the dead letter and the command line show the same words."""
    refusal = refused(utterance(1, role="boss"))
    assert str(refusal) == ("calls.utterances[3]@88120 refused: $.role: expected one of customer, agent, bot, system")


def test_the_letter_holds_the_record():
    """What was refused can be taken out of its letter, byte for byte, and sent again."""
    body = json.dumps(utterance(1, role=PHONE)).encode()
    refusal = refused(body, key=b"c-1")
    letter = codec.dead_letter(refusal)
    assert base64.b64decode(letter.bytes_b64) == body
    assert base64.b64decode(letter.key_b64) == b"c-1"
    assert (letter.topic, letter.partition, letter.offset) == ("calls.utterances", 3, 88_120)
    assert (letter.reason, letter.path, letter.at) == (Category.SCHEMA, "$.role", NOON_MS)
    assert letter.size_bytes == len(body)
    assert letter == codec.dead_letter(refusal)
    assert msgspec.json.decode(codec.encode(letter), type=type(letter)) == letter


def test_the_letter_of_nothing():
    """A record without key and value has a letter too."""
    letter = codec.dead_letter(refused(None, key=None, at_ms=None))
    assert (letter.bytes_b64, letter.key_b64, letter.size_bytes, letter.at) == (None, None, 0, 0)


@pytest.mark.parametrize("size", [1_048_588, 30_000_000], ids=["the broker's usual limit", "beyond all limits"])
def test_a_letter_can_always_be_written(size):
    """A letter that its topic refuses would stop the partition for ever."""
    letter = codec.dead_letter(refused(b"[" * size))
    assert len(codec.encode(letter)) < topics.DEADLETTERS.max_message_bytes
    assert letter.size_bytes == size
    assert (len(base64.b64decode(letter.bytes_b64)) == size) == (size < 3_000_000)


def shown(refusal):
    """All that anybody sees of a refusal without unpacking the record."""
    letter = msgspec.structs.replace(codec.dead_letter(refusal), bytes_b64=None, key_b64=None)
    return f"{refusal} {refusal!r} {codec.encode(letter).decode()}"


SECRETS = [
    PHONE,
    [PHONE],
    {PHONE: PHONE},
    f"x - at `$.{PHONE}`",
    "` - at `$.text",
    int(PHONE),
    f"$.alternatives[{PHONE}]",
]


@pytest.mark.parametrize("field", sorted({"schema", *field_names(Utterance)}))
@pytest.mark.parametrize("secret", SECRETS, ids=str)
def test_no_value_is_shown(field, secret):
    """Whatever stands in whatever field, the words of the refusal are ours."""
    decoded = codec.decode_batch(topics.UTTERANCES, [record(utterance(1) | {field: secret}, key=PHONE.encode())], 0)
    for refusal in decoded.refusals:
        assert PHONE not in shown(refusal)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*field_names(Utterance), PHONE]),
        st.recursive(
            st.sampled_from([PHONE, int(PHONE), None, True, -1, 1.5, f"Invalid value - at `$.{PHONE}`"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([PHONE, "text"]), inner),
            max_leaves=4,
        ),
    )
)
def test_no_value_is_shown_of_any_record(changes):
    """The same for records that are wrong in several places."""
    decoded = codec.decode_batch(topics.UTTERANCES, [record(utterance(1) | changes, key=b"c-1")], 0)
    for refusal in decoded.refusals:
        assert PHONE not in shown(refusal)


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        pytest.param(
            {"score": 9, "scale_max": 10},
            "$.scale_min",
            "a number beside a score; the field is missing",
            id="a score without a scale",
        ),
        pytest.param(
            {"kind": "csat", "score": 6, "scale_min": 1, "scale_max": 5},
            "$.score",
            "a number from scale_min to scale_max",
            id="off the scale",
        ),
        pytest.param(
            {"score": 11, "scale_min": 0, "scale_max": 10},
            "$.score",
            "a number from scale_min to scale_max",
            id="eleven of ten",
        ),
        pytest.param({"score": 9, "scale_min": 1, "scale_max": 10}, "$.scale_min", "0 for nps", id="nps from one"),
        pytest.param({"score": 4, "scale_min": 0, "scale_max": 5}, "$.scale_max", "10 for nps", id="nps up to five"),
        pytest.param(
            {"score": 8.5, "scale_min": 0, "scale_max": 10},
            "$.score",
            "a whole number from 0 to 10 for nps",
            id="half a point of nps",
        ),
        pytest.param(
            {"kind": "ces", "score": 5, "scale_min": 5, "scale_max": 5},
            "$.scale_max",
            "a number above scale_min",
            id="a scale of one step",
        ),
        pytest.param({"kind": "review", "stars": 6}, "$.stars", "a number from 0.0 to 5.0 or null", id="six stars"),
    ],
)
def test_a_score_needs_its_scale(body, path, expected):
    """9 of 10 and 9 of 100 are different customers."""
    response = {
        "schema": "feedback.response/1", "event_id": "f-1", "source": "survey", "occurred_at": NOON_MS,
        "survey_id": "s", "response_id": "r", "kind": "nps", "touchpoint": "sms",
    }  # fmt: skip
    refusal = refused(response | body, topic=topics.FEEDBACK)
    assert (refusal.path, refusal.expected) == (path, expected)
    assert codec.decode_batch(
        topics.FEEDBACK, [record(response | {"score": 0, "scale_min": 0, "scale_max": 10})], 0
    ).events


def test_a_body_that_stood_nowhere_is_known_by_its_digest():
    """What came over HTTP has no offset: the same body is the same letter, another body another one."""
    faults = [Fault(Category.SCHEMA, "$.role", "one of customer, agent")] * 7
    first, again, other = (
        unplaced_letter("intake:crm", b"{}", faults, digest=digest, at=NOON_MS) for digest in ("a1", "a1", "b2")
    )
    assert first == again
    assert (first.record_id(), other.record_id()) == ("dead:intake:crm:a1", "dead:intake:crm:b2")
    assert (first.path, first.size_bytes) == ("$.role", 2)
    assert first.error.endswith("; and 2 more")
