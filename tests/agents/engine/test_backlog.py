"""What waits for a stage: in order, nothing lost or doubled, and no longer than the stage is patient."""

import math

from hypothesis import given
from hypothesis import strategies as st

from agents.engine.backlog import Backlog
from schemas.codec import Record

CALLS, CHATS = "calls.utterances", "chats.messages"


def records(*offsets: int) -> list[Record]:
    """Records at these offsets."""
    return [Record(offset, 0, b"k", b"v") for offset in offsets]


def test_without_patience_what_comes_is_due_at_once():
    """The stage takes a turn whenever its partition does."""
    backlog = Backlog(0)
    assert not backlog.is_due(now=5.0, most=100)
    backlog.add(CALLS, records(1), now=5.0)
    assert backlog.is_due(now=5.0, most=100)


def test_the_first_record_decides_when_a_patient_stage_is_due():
    """Later ones are its company and make nobody wait anew."""
    backlog = Backlog(0.25)
    backlog.add(CALLS, records(1), now=10.0)
    backlog.add(CHATS, records(7), now=10.2)
    assert (backlog.due_at, backlog.is_due(now=10.2, most=100)) == (10.25, False)
    assert backlog.is_due(now=10.25, most=100)


def test_a_full_turn_waits_for_no_company():
    """So many records of one topic are company enough."""
    backlog = Backlog(60)
    backlog.add(CALLS, records(1, 2), now=0.0)
    assert not backlog.is_due(now=0.0, most=3)
    backlog.add(CALLS, records(3), now=0.0)
    assert backlog.is_due(now=0.0, most=3)


def test_what_was_taken_waits_no_more():
    """And nothing that waits for nothing is ever due."""
    backlog = Backlog(0.25)
    backlog.add(CALLS, records(1, 2), now=0.0)
    assert (backlog.count(CALLS), backlog.count(CHATS)) == (2, 0)
    assert dict(backlog.take()) == {CALLS: records(1, 2)}
    assert (backlog.count(CALLS), backlog.due_at, dict(backlog.take())) == (0, math.inf, {})


@given(st.lists(st.tuples(st.sampled_from([CALLS, CHATS]), st.integers(1, 4), st.booleans()), max_size=30))
def test_every_record_is_taken_once_and_in_order(steps):
    """However additions and turns alternate."""
    backlog = Backlog(0.25)
    given_, taken = {CALLS: [], CHATS: []}, {CALLS: [], CHATS: []}
    for topic, count, takes in steps:
        new = records(*range(len(given_[topic]), len(given_[topic]) + count))
        given_[topic] += new
        backlog.add(topic, new, now=0.0)
        for each, found in backlog.take().items() if takes else ():
            taken[each] += found
    for each, found in backlog.take().items():
        taken[each] += found
    assert taken == given_
