"""Recordings: every line is read or refused with a reason; moving a record in time keeps its distances; pace."""

import base64
from typing import get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.recording.records import Recorded, RecordingError, read_records
from agents.recording.replay import Pace
from schemas.actions import Silence
from schemas.base import EpochMillis
from schemas.topics import ALL

TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
JSON = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | TEXTS, st.lists)
RECORDS = st.builds(
    Recorded,
    topic=TEXTS,
    timestamp_ms=st.integers(0, 253_402_300_799_999),
    key=st.none() | TEXTS.map(str.encode),
    value=st.none() | st.binary() | JSON.map(orjson.dumps) | st.sampled_from([b"null", b'{"a": 1}', b"1e400"]),
    headers=st.dictionaries(TEXTS, TEXTS.map(str.encode)).map(lambda headers: tuple(headers.items())),
)


@given(RECORDS)
def test_a_record_survives_a_line(record: Recorded) -> None:
    """Written and read again it is the same, byte for byte."""
    if record.key is not None or record.value is not None:
        assert Recorded.of_line(record.as_line()) == record


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(b"{", "one JSON object", id="no JSON"),
        pytest.param(b"[]", "one JSON object", id="a list"),
        pytest.param(b'{"topic": 7, "timestamp_ms": 1, "value": 1}', "topic: expected a text", id="topic"),
        pytest.param(b'{"topic": "t", "value": 1}', "timestamp_ms: expected a whole number", id="no timestamp"),
        pytest.param(b'{"topic": "t", "timestamp_ms": true, "value": 1}', "timestamp_ms", id="a bool is no number"),
        pytest.param(b'{"topic": "t", "timestamp_ms": -1, "value": 1}', "milliseconds since 1970", id="before 1970"),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1, "key": 1, "value": 1}', "key: expected a text", id="key"),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1, "value_base64": "%"}', "expected base64", id="base64"),
        pytest.param(
            b'{"topic": "t", "timestamp_ms": 1, "value": 1, "value_base64": "YQ=="}', "not both", id="two values"
        ),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1, "value": 1, "headers": [1]}', "headers", id="headers"),
        pytest.param(
            b'{"topic": "t", "timestamp_ms": 1, "value": 1, "headers": ["ab"]}', "headers", id="text as a pair"
        ),
        pytest.param(
            b'{"topic": "t", "timestamp_ms": 1, "value": 1, "headers": [{"key": "a", "value": "b"}]}',
            "headers",
            id="objects as pairs",
        ),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1, "value": 1, "partition": -1}', "partition", id="partition"),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1, "value": 1, "offset": -1}', "offset", id="offset"),
        pytest.param(
            b'{"topic": "t", "timestamp_ms": 1, "key": "\\ud800", "value": 1}', "key: expected a text", id="half"
        ),
        pytest.param(b'{"topic": "t", "timestamp_ms": 1}', "a key or a value", id="nothing to send"),
        pytest.param(b'{"topic": "t", "timestamp": 1, "value": 1}', "unknown field timestamp", id="a misspelt field"),
    ],
)
def test_a_wrong_line_is_named(line: bytes, expected: str) -> None:
    """File, line and what was expected; blank lines count for the number."""
    with pytest.raises(RecordingError, match=r"day\.jsonl:2: ") as caught:
        list(read_records([b"\n", line], name="day.jsonl"))
    assert expected in str(caught.value)


def test_headers_may_be_pairs() -> None:
    """A name may come twice."""
    line = b'{"topic": "t", "timestamp_ms": 1, "value": 1, "headers": [["a", "1"], ["a", "2"]]}'
    assert Recorded.of_line(line).headers == (("a", b"1"), ("a", b"2"))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b'{"a":  1.50, "a": 12345678901234567890123}', id="odd but JSON"),
        pytest.param(b'"\xff"', id="not UTF-8 inside"),
        pytest.param(b"[" * 900 + b"]" * 900, id="nested deeper than a codec takes"),
        pytest.param(b'{"text": "\\ud800"}', id="half a character"),
        pytest.param(b"[NaN, -Infinity]", id="no numbers of JSON"),
    ],
)
def test_a_value_reaches_the_codec_as_it_stands_in_the_line(value: bytes) -> None:
    """Nothing is mended on the way: the codec judges what Kafka would have carried."""
    line = b'\xef\xbb\xbf {"topic": "t", "timestamp_ms": 1, "value":  ' + value + b" }\r\n"
    assert Recorded.of_line(line).value == value


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        pytest.param(b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}", (), id="nested too deep to write"),
        pytest.param(b'{"occurred_at": 18446744073709551615}', (), id="a time beyond 64 bits"),
        pytest.param(b'{"time": "9999-12-31T23:59:59.999Z"}', (), id="a time after the last year"),
        pytest.param(b'{"time": "0001-01-01T00:00:00"}', (), id="a time before the first year"),
        pytest.param(b"{}", (("ce_time", b"9999-12-31T23:59:59.999Z"),), id="in a header"),
        pytest.param(b'{"text": "\\ud800"}', (), id="half a character"),
    ],
)
@pytest.mark.parametrize("to_ms", [0, 253_402_300_799_999])
def test_what_cannot_be_moved_is_sent_as_it_is(value: bytes, headers, to_ms: int) -> None:
    """No record stops a replay because of the times in it."""
    moved = Recorded("t", 1_000_000, b"k", value, headers).moved_to(to_ms)
    assert moved.timestamp_ms == to_ms
    assert moved.value is not None


def test_times_move_together() -> None:
    """What lay five minutes before the record still does; durations stay; so do the attributes' times."""
    value = {"occurred_at": 700_000, "sent_at": 999_000, "start_ms": 5, "text": "1000000", "ingested_at": None}
    structured = {"data": {"occurred_at": 700_000}, "time": "1970-01-01T00:11:40+00:00"}
    moved = Recorded("t", 1_000_000, None, orjson.dumps(value)).moved_to(3_000_000)
    assert orjson.loads(moved.value) == {**value, "occurred_at": 2_700_000, "sent_at": 2_999_000}
    moved = Recorded(
        "t", 1_000_000, None, orjson.dumps(structured), (("ce_time", b"1970-01-01T00:11:40Z"), ("ce_id", b"x"))
    ).moved_to(3_000_000)
    assert orjson.loads(moved.value) == {"data": {"occurred_at": 2_700_000}, "time": "1970-01-01T00:45:00+00:00"}
    assert moved.headers == (("ce_time", b"1970-01-01T00:45:00+00:00"), ("ce_id", b"x"))


@pytest.mark.parametrize("value", [b"{broken", b"\xff", b"[1]", b"7", None, b""], ids=repr)
def test_what_is_no_object_is_not_touched(value: bytes | None) -> None:
    """Poison stays poison, a tombstone a tombstone."""
    assert Recorded("t", 1, b"k", value).moved_to(99).value == value


@pytest.mark.parametrize(
    ("pace", "expected"),
    [
        pytest.param(Pace(), [0, 1, 1, 101], id="as recorded"),
        pytest.param(Pace(speed=10), [0, 0.1, 0.1, 10.1], id="ten times as fast"),
        pytest.param(Pace(speed=0), [0, 0, 0, 0], id="as fast as possible"),
        pytest.param(Pace(events_per_second=4), [0, 0.25, 0.5, 0.75], id="steady"),
        pytest.param(Pace(longest_gap_seconds=9), [0, 1, 1, 10], id="silence cut"),
        pytest.param(Pace(speed=2, longest_gap_seconds=9), [0, 0.5, 0.5, 5], id="silence cut, then faster"),
    ],
)
def test_pace(pace: Pace, expected: list[float]) -> None:
    """When each record is due; one that is older than its neighbour waits for nobody."""
    records = [Recorded("t", at_ms) for at_ms in (5_000, 6_000, 5_500, 106_000)]
    assert [due for due, _ in pace.due(records)] == pytest.approx(expected)


def test_bytes_that_are_no_json_are_kept_in_base64() -> None:
    """The recording shows them as such."""
    line = orjson.loads(Recorded("t", 1, b"k", b"\xff{").as_line())
    assert base64.b64decode(line["value_base64"]) == b"\xff{"


def test_every_time_of_an_inbound_event_moves() -> None:
    """Whatever a sender may say of time is known by its name, also inside a silence."""
    times = {"now_ms"} | {
        name
        for message in (Silence, *(each for topic in ALL if topic.is_inbound for each in topic.messages))
        for name, kind in get_type_hints(message, include_extras=True).items()
        if kind in (EpochMillis, EpochMillis | None) and not name.endswith("_ms")  # durations are numbers like times
    }
    assert times >= {"occurred_at", "answered_at", "since", "starts_at", "not_after"}
    value = dict.fromkeys(times, 700_000) | {"silence": dict.fromkeys(times, 700_000)}
    moved = Recorded("t", 1_000_000, None, orjson.dumps(value)).moved_to(3_000_000)
    expected = dict.fromkeys(times, 2_700_000)
    assert orjson.loads(moved.value) == expected | {"silence": expected}
