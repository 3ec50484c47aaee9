"""When turns begin: often enough, not too often, and those of different partitions apart."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from agents.engine.connection import Pace

PACE = Pace(min_turn_seconds=0.05)
SECONDS = st.floats(0, 1e6)


@given(st.integers(0, 500), SECONDS)
def test_the_next_turn_is_neither_at_once_nor_late(partition, started_at):
    """Half an interval to one and a half after the one before."""
    wait = PACE.next_turn_at(partition, started_at) - started_at
    assert 0.0249 <= wait <= 0.0751


@given(st.integers(0, 500), SECONDS)
def test_a_busy_partition_keeps_its_places(partition, started_at):
    """From its second turn on one interval lies between two."""
    second = PACE.next_turn_at(partition, started_at)
    third = PACE.next_turn_at(partition, second)
    assert abs(third - second - 0.05) < 1e-6


def test_partitions_of_one_worker_begin_apart():
    """No two of four neighbours, wherever they are numbered, within a tenth of the interval."""
    for first in range(60):
        places = sorted(PACE.next_turn_at(first + number, 0.0) % 0.05 for number in range(4))
        assert min(late - early for early, late in itertools.pairwise([*places, places[0] + 0.05])) > 0.005


def test_without_an_interval_turns_follow_at_once():
    """As in a benchmark of throughput."""
    assert Pace(min_turn_seconds=0).next_turn_at(3, 7.0) == 7.0
