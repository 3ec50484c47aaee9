"""However the log is cut into batches, and whatever is repeated in it, conversations come out the same."""

from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import hear_events, heard
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import step
from pipeline.findings import Finding
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch, Output
from schemas.calls import CallPhase
from schemas.chats import ChatPhase
from schemas.codec import Record
from schemas.topics import MESSAGES, UTTERANCES, Topic
from schemas.vocabulary import Role
from tests.support import conversations as made
from tests.support.conversations import LOOKUPS, SECOND

FOUND: dict[str, Finding | None] = {
    "": None,
    "nothing": None,
    "能不能帮我催一下快递": None,
    "displeased": made.DISPLEASED,
    "complains": made.COMPLAINS,
    "regulator": made.REGULATOR,
    "media": made.MEDIA,
    "self harm": made.SELF_HARM,
    "withdraws": made.WITHDRAWS,
    "thanks": made.THANKS,
    "sorry": made.APOLOGISES,
    "forbidden": made.FORBIDDEN,
}


class ByHeart:
    """A tagger that knows its texts by heart."""

    def tag_folded(self, batch, roles):
        """The finding of each text."""
        return [FOUND[text] for text in batch.given]


def _call(draw: st.DrawFn, number: int) -> Any:
    at_ms = draw(st.sampled_from([0, 1, 30, 59, 61, 600, 3_600, 14_400, 20_000])) * SECOND + number * SECOND
    conversation_id = draw(st.sampled_from(["c1", "c2", "c3"]))
    if draw(st.integers(0, 9)) == 0:
        return made.call_phase(number, draw(st.sampled_from(CallPhase)), at_ms, conversation_id=conversation_id)
    revision = draw(st.integers(0, 2))
    return made.utterance(
        number,
        at_ms,
        conversation_id=conversation_id,
        utterance_id=f"u{draw(st.integers(0, 5))}" if revision or draw(st.booleans()) else f"n{number}",
        revision=revision,
        is_final=draw(st.booleans()),
        role=draw(st.sampled_from(Role)),
        text=draw(st.sampled_from(sorted(FOUND))),
        seq=draw(st.none() | st.integers(0, 9)),
        agent_id=draw(st.sampled_from([None, "a1", "a2"])),
        region=draw(st.sampled_from([None, "440000", "110000"])),
    )


def _chat(draw: st.DrawFn, number: int) -> Any:
    at_ms = draw(st.sampled_from([0, 1, 59, 61, 300, 900, 1_800, 4_000])) * SECOND + number * SECOND
    conversation_id = draw(st.sampled_from(["c1", "c2", "c3"]))
    if draw(st.integers(0, 9)) == 0:
        return made.chat_phase(number, draw(st.sampled_from(ChatPhase)), at_ms, conversation_id=conversation_id)
    return made.message(
        number,
        at_ms,
        conversation_id=conversation_id,
        message_id=f"m{draw(st.integers(0, 6))}",
        role=draw(st.sampled_from(Role)),
        text=draw(st.sampled_from(sorted(FOUND))),
        edited=draw(st.booleans()),
        deleted=draw(st.integers(0, 5)) == 0,
        private=draw(st.integers(0, 5)) == 0,
    )


@st.composite
def logs(draw: st.DrawFn) -> tuple[Topic, list[Any]]:
    """A log of one topic: several conversations interleaved, in any order of time."""
    topic, make = draw(st.sampled_from([(UTTERANCES, _call), (MESSAGES, _chat)]))
    return topic, [make(draw, number) for number in range(draw(st.integers(1, 25)))]


def run(topic: Topic, events: list[Any], cuts: set[int]) -> tuple[list[Output], dict[bytes, bytes]]:
    """Fold a log cut at the given places; every batch reads its rows back from the changelog's bytes."""
    changelog: dict[bytes, bytes] = {}
    outputs: list[Output] = []
    borders = [0, *sorted(cut for cut in cuts if 0 < cut < len(events)), len(events)]
    for start, end in pairwise(borders):
        store: Store[Conversation] = Store(Conversation)
        store.load(changelog.items())
        store.loaded(now_ms=0)
        records = [Record(place, events[place].occurred_at + 7, None, b"") for place in range(start, end)]
        said = hear_events(events[start:end], reader=ByHeart())
        effects = fold(Batch(topic, 0, events[start:end], records, said), store, lookups=LOOKUPS)
        outputs += effects.outputs
        for key, row in effects.changes.items():
            assert row is not None
            changelog[key] = encode_row(row)
    return outputs, changelog


@settings(deadline=None)
@given(logs(), st.sets(st.integers(1, 25)))
def test_where_batches_end_makes_no_difference(log, cuts):
    """The same rows, byte for byte, and the same records in the same order."""
    topic, events = log
    assert run(topic, events, cuts) == run(topic, events, set())


@settings(deadline=None)
@given(logs(), st.data())
def test_repeats_change_nothing(log, data):
    """Delivery is at least once: any events come again, anywhere later in the log."""
    topic, events = log
    repeated = list(events)
    for _ in range(data.draw(st.integers(1, 5))):
        source = data.draw(st.integers(0, len(repeated) - 1))
        repeated.insert(data.draw(st.integers(source + 1, len(repeated))), repeated[source])
    once_outputs, once_rows = run(topic, events, set())
    outputs, rows = run(topic, repeated, {3, 7})
    assert rows == once_rows
    assert [output.value.record_id() for output in outputs] == [output.value.record_id() for output in once_outputs]


@settings(deadline=None)
@given(logs())
def test_conversations_do_not_see_each_other(log):
    """Interleaved or one after the other: each conversation's row and records are the same."""
    topic, events = log
    sorted_events = sorted(events, key=lambda event: event.conversation_id)
    _, rows = run(topic, events, set())
    outputs, apart = run(topic, sorted_events, set())
    assert rows == apart
    ids = {output.value.record_id() for output in run(topic, events, set())[0]}
    assert {output.value.record_id() for output in outputs} == ids


@settings(deadline=None)
@given(logs())
def test_a_batch_is_its_events_one_by_one(log):
    """`fold` is `step`, event by event; rows that go in are not changed."""
    topic, events = log
    rows: dict[str, Conversation] = {}
    outputs: list[Output] = []
    for event in events:
        text = getattr(event, "text", "")
        is_read = getattr(event, "role", None) in (Role.CUSTOMER, Role.AGENT) and not getattr(event, "deleted", False)
        known = rows.get(event.conversation_id)
        before = None if known is None else encode_row(known)
        said_here = heard(text, event.role, FOUND[text]) if is_read else None
        row, said = step(known, event, said_here, lookups=LOOKUPS, emitted_at_ms=event.occurred_at + 7)
        assert known is None or encode_row(known) == before
        rows[event.conversation_id] = row
        outputs += said
    folded_outputs, folded_rows = run(topic, events, set())
    assert folded_outputs == outputs
    assert sorted(folded_rows.values()) == sorted(encode_row(row) for row in rows.values())


@settings(deadline=None)
@given(logs())
def test_what_always_holds(log):
    """Ids are unique and records fit their types; scores lie in their bands; rows stay small."""
    from pipeline.conversation.score import BANDS

    topic, events = log
    outputs, rows = run(topic, events, set())
    ids = [output.value.record_id() for output in outputs]
    assert len(ids) == len(set(ids))
    for output in outputs:
        value = output.value
        assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value
    for encoded in rows.values():
        row = msgspec.json.decode(encoded, type=Conversation)
        lowest, highest = BANDS[row.level]
        assert lowest <= row.score <= highest
        assert row.last_at_ms >= row.started_at_ms
        assert len(encoded) < 16_000
