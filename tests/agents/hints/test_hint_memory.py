"""What a desktop that comes back is told, and whether it is told that something is missing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.hints.memory import KEPT_MS, Kept, Memory, Place, place_of

NOW_MS = 1_763_697_600_000


def kept(offset, agent_id="a", *, partition=0, at_ms=NOW_MS):
    """A hint at a place."""
    return Kept(Place(partition, offset), agent_id, b"{}", is_drill=False, emitted_at_ms=at_ms)


@settings(deadline=None)
@given(st.lists(st.sampled_from("ab"), max_size=30), st.integers(1, 12), st.integers(-1, 30), st.sampled_from("ab"))
def test_nothing_is_missing_unless_it_says_so(agents, kept_max, last, agent):
    """Whatever was kept and forgotten: all hints after the last one that was seen, or the word that some are gone."""
    memory = Memory(kept_max=kept_max)
    memory.begin(0, 0)
    for offset, agent_id in enumerate(agents):
        memory.keep(kept(offset, agent_id), now_ms=NOW_MS)
    wanted = [offset for offset, agent_id in enumerate(agents) if agent_id == agent and offset > last]
    missed = memory.since(agent, Place(0, last))
    told = [each.place.offset for each in missed.hints]
    assert told == wanted[len(wanted) - len(told) :]
    assert missed.has_gap or told == wanted
    assert len(memory) <= kept_max


def test_what_is_old_is_forgotten():
    """A quarter of an hour, to the millisecond; agents without hints leave nothing behind."""
    memory = Memory()
    memory.begin(0, 5)
    memory.keep(kept(5), now_ms=NOW_MS)
    memory.keep(kept(6, "b", at_ms=NOW_MS + KEPT_MS), now_ms=NOW_MS + KEPT_MS)
    assert len(memory.all_of("a")) == 1
    memory.keep(kept(7, "b", at_ms=NOW_MS + KEPT_MS + 1), now_ms=NOW_MS + KEPT_MS + 1)
    assert memory.all_of("a") == []
    assert memory.since("a", Place(0, 4)).has_gap
    assert not memory.since("a", Place(0, 5)).has_gap


def test_a_place_in_another_partition_is_no_place_of_ours():
    """The topic got other partitions: everything that is known is sent, and that something may be missing."""
    memory = Memory()
    memory.begin(0, 0)
    memory.keep(kept(3), now_ms=NOW_MS)
    missed = memory.since("a", Place(7, 900))
    assert [each.place.offset for each in missed.hints] == [3]
    assert missed.has_gap


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("0.12", Place(0, 12), id="ours"),
        pytest.param("", None, id="nothing"),
        pytest.param("12", None, id="no partition"),
        pytest.param("0.-1", None, id="negative"),
        pytest.param("0.1.2", None, id="three parts"),
        pytest.param("０.1", None, id="full-width"),
        pytest.param("1." + "9" * 40, None, id="no offset is so large"),
    ],
)
def test_only_our_own_ids_are_places(text, place):
    """An id is `partition.offset`."""
    assert place_of(text) == place


def test_what_others_were_sent_is_no_gap():
    """Whoever saw the own last hint misses nothing, however many of others' hints were forgotten since."""
    memory = Memory(kept_max=1)
    memory.begin(0, 0)
    for offset, agent_id in enumerate("abb"):
        memory.keep(kept(offset, agent_id), now_ms=NOW_MS)
    assert memory.since("a", Place(0, 0)) == ([], False)
    assert memory.since("c", Place(0, 0)) == ([], False)
    assert memory.since("b", Place(0, 0)).has_gap
    assert memory.since("a", Place(1, 9)).has_gap


def test_of_whom_hints_were_forgotten_is_bounded():
    """Of agents beyond the bound it is no longer known whose hint it was: then it may have been anybody's."""
    memory = Memory(kept_max=1, agents_max=2)
    memory.begin(0, 0)
    for offset, agent_id in enumerate("abcd"):
        memory.keep(kept(offset, agent_id), now_ms=NOW_MS)
    assert memory.since("e", Place(0, -1)).has_gap
    assert not memory.since("e", Place(0, 0)).has_gap
    assert memory.since("b", Place(0, 0)).has_gap
