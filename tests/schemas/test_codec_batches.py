"""A batch comes out as its records would alone: no bad record moves, hides, doubles or changes a good one."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, topics
from schemas.codec import Record
from schemas.vocabulary import Category
from tests.support.inbound import NOON_MS, record, utterance

GOOD = json.dumps(utterance(1), ensure_ascii=False).encode()
OPEN, CLOSE = GOOD[:-1] + b',"x":[{}', b"{}]}"

# Pieces that, put side by side by the joining of a batch, could be read as something else.
FRAGMENTS = [
    GOOD,
    GOOD[1:],
    GOOD[:-1],
    OPEN,
    CLOSE,
    b",",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{}",
    b'"',
    b'\\"',
    b'"~|~|~"',
    b',"~|~|~",',
    rb'"\u007e|~|~"',
    b'"~|~|~',
    b'~|~|~"',
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x00",
    b"null",
    b"0",
    b'{"x":"',
    b'"}',
]


def decode(records, topic=topics.UTTERANCES):
    """What the codec makes of records on one partition."""
    return codec.decode_batch(topic, records, 3)


def alone(records):
    """What it makes of each of them by itself."""
    each = [decode([one]) for one in records]
    return (
        [event for decoded in each for event in decoded.events],
        [kept for decoded in each for kept in decoded.records],
        [refusal for decoded in each for refusal in decoded.refusals],
    )


bodies = st.lists(st.sampled_from(FRAGMENTS), min_size=0, max_size=4).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(bodies, st.just(GOOD), st.none()), max_size=12))
def test_neighbours_never_matter(values):
    """Whatever stands beside a record, it is taken or refused as it would be alone."""
    records = [record(value, offset=offset, key=b"c-1") for offset, value in enumerate(values)]
    events, kept, refusals = decode(records)
    assert (list(events), list(kept), refusals) == alone(records)
    assert len(events) == len(kept)
    assert sorted([each.offset for each in kept] + [each.offset for each in refusals]) == list(range(len(records)))


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([OPEN, GOOD, CLOSE, GOOD + b"," + GOOD + b"," + GOOD], id="swallowed, and the count made good"),
        pytest.param([OPEN, GOOD, CLOSE, GOOD + b',"~|~|~",' + GOOD], id="swallowed, with forged separators"),
        pytest.param(
            [OPEN, GOOD, CLOSE, GOOD + rb',"\u007e|~|~",' + GOOD + rb',"~|~|\u007E",' + GOOD],
            id="swallowed, with separators in another spelling",
        ),
        pytest.param([GOOD + b"," + GOOD, GOOD], id="two in one"),
        pytest.param([GOOD[:-1] + b',"x":"', GOOD, b'"}'], id="inside a string"),
        pytest.param([b"1],[2", GOOD], id="the list closed and opened"),
        pytest.param([b"", GOOD], id="nothing"),
        pytest.param([b'"~|~|~"', GOOD], id="a separator as a record"),
        pytest.param([b"null", GOOD, b"[]", b"0", b'"x"'], id="JSON, but no object"),
    ],
)
def test_an_attack_takes_only_itself(values):
    """Records made to reach over their neighbours are refused; each good one comes out once, beside its record."""
    records = [record(value, offset=offset, key=b"c-1") for offset, value in enumerate(values)]
    decoded = decode(records)
    assert [kept.value for kept in decoded.records] == [value for value in values if value == GOOD]
    assert {event.event_id for event in decoded.events} == {"e-1"}
    assert len(decoded.events) + len(decoded.refusals) == len(values)


def test_one_bad_record_among_many():
    """In a batch of hundreds only the bad ones are missing, and order is kept."""
    bad = {0, 63, 64, 200, 499}
    records = [
        record(b"{broken" if number in bad else utterance(number), offset=number, key=b"c-%d" % (number % 7))
        for number in range(500)
    ]
    decoded = decode(records)
    assert [event.utterance_id for event in decoded.events] == [f"u-{n}" for n in range(500) if n not in bad]
    assert [each.offset for each in decoded.records] == [n for n in range(500) if n not in bad]
    assert [(each.offset, each.category) for each in decoded.refusals] == [(n, Category.DECODE) for n in sorted(bad)]


def test_an_empty_batch():
    """Nothing in, nothing out."""
    assert decode([]) == ([], [], [])


def test_both_messages_of_a_topic():
    """Utterances and lifecycle events of calls share their topic and their order."""
    ended = utterance(2, schema="call.lifecycle/1", phase="ended")
    decoded = decode([record(utterance(1)), record(ended), record(utterance(3))])
    assert [type(event).__name__ for event in decoded.events] == ["Utterance", "CallLifecycle", "Utterance"]


@pytest.mark.parametrize("levels", [98, 101, 400, 5_000, 60_000])
def test_nesting_is_limited_wherever_it_is_decoded(levels):
    """How deep a record may be nested is our number, not what is left of the interpreter's stack."""
    deep = GOOD[:-1] + b',"x":' + b"[" * levels + b"]" * levels + b"}"
    decoded = decode([record(GOOD, key=b"c-1"), record(deep, key=b"c-1"), record(GOOD, key=b"c-1")])
    assert len(decoded.events) == (3 if levels < 100 else 2)
    assert [each.expected for each in decoded.refusals] == ["at most 100 levels of nesting"] * (levels > 100)


def test_brackets_in_a_text_are_no_nesting():
    """A customer may write as many brackets as they like."""
    body = utterance(1, text='[哼][怒]{\\"' * 500)
    decoded = decode([record(body), record(utterance(2))])
    assert len(decoded.events) == 2


def test_many_alternatives_are_no_nesting():
    """Lists beside each other do not add up."""
    body = utterance(1, alternatives=[{"text": str(n), "confidence": 0.5} for n in range(100)])
    decoded = decode([record(body), record(utterance(2))])
    assert len(decoded.events) == 2
    assert len(decoded.events[0].alternatives) == 100


def test_a_byte_order_mark_is_forgiven():
    """Some senders cannot help it, and it changes nothing."""
    decoded = decode([record(b"\xef\xbb\xbf" + GOOD, key=b"c-1"), record(GOOD, key=b"c-1")])
    assert decoded.events[0] == decoded.events[1]


def test_a_long_text_is_taken_and_a_large_record_is_not():
    """Text is cut later, by the tagger, who says so; a record has a limit in bytes."""
    long, huge = utterance(1, text="气" * 9_000), utterance(1, text="气" * 90_000)
    decoded = decode([record(long), record(huge), record(utterance(2))])
    assert [len(event.text) for event in decoded.events] == [9_000, 10]
    assert [each.category for each in decoded.refusals] == [Category.TOO_LARGE]


@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 + 1])
def test_the_limit_of_a_record(size):
    """The last byte that fits, and the first that does not."""
    value = GOOD + b" " * (size - len(GOOD))
    assert len(decode([record(value, key=b"c-1")]).events) == (size == 256 * 1024)


def test_topics_of_ours_need_no_schema_id():
    """On a topic with one message that we write ourselves the id may be missing: a tick is `{now_ms}`."""
    decoded = decode([Record(0, NOON_MS, b"0", b'{"now_ms": 5}'), Record(1, NOON_MS, b"0", b"{}")], topics.TICKS)
    assert [tick.now_ms for tick in decoded.events] == [5]
    assert [refusal.path for refusal in decoded.refusals] == ["$.now_ms"]
