"""Partitions stay where they are, as far as shares stay even, and a number is one worker's on every topic."""

from types import SimpleNamespace

import pytest
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from hypothesis import given
from hypothesis import strategies as st

from agents.engine.assignor import Claim, KeepingAssignor, share_out
from agents.engine.batches import ConsumerThread


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"a": Claim()}, {"a": [0, 1, 2, 3]}, id="alone"),
        pytest.param({"a": Claim(), "b": Claim()}, {"a": [0, 1], "b": [2, 3]}, id="nobody has anything"),
        pytest.param(
            {"b": Claim(1, (0, 1, 2, 3)), "a": Claim()}, {"b": [0, 1], "a": [2, 3]}, id="a second joins: half moves"
        ),
        pytest.param(
            {"c": Claim(2, (0, 3)), "a": Claim(), "b": Claim(2, (1, 2))},
            {"b": [1, 2], "c": [0], "a": [3]},
            id="a third joins: one moves",
        ),
        pytest.param(
            {"c": Claim(3, (0,)), "b": Claim(3, (1, 2))}, {"b": [1, 2], "c": [0, 3]}, id="one leaves: only its own move"
        ),
        pytest.param(
            {"a": Claim(1, (0, 1)), "b": Claim(2, (0, 1, 2, 3))},
            {"b": [0, 1], "a": [2, 3]},
            id="who slept through a round has lost what others were given in it",
        ),
        pytest.param({"a": Claim(1, (0, 7)), "b": Claim(1, (9,))}, {"a": [0, 1], "b": [2, 3]}, id="no such numbers"),
        pytest.param(
            {name: Claim(1, (number,)) for number, name in enumerate("abcd")} | {"e": Claim()},
            {"a": [0], "b": [1], "c": [2], "d": [3], "e": []},
            id="more workers than partitions: one stands by",
        ),
    ],
)  # fmt: skip
def test_four_partitions(claims, expected):
    """Who gets which."""
    assert share_out(range(4), claims) == expected


claims_of_any_kind = st.dictionaries(
    st.text(min_size=1, max_size=3),
    st.builds(Claim, st.integers(0, 3), st.lists(st.integers(0, 12), max_size=12).map(tuple)),
    min_size=1,
    max_size=8,
)


@given(st.integers(0, 12), claims_of_any_kind)
def test_every_number_has_one_owner_and_shares_are_even(count, claims):
    """Whatever members claim, true or not."""
    shares = share_out(range(count), claims)
    assert sorted(number for share in shares.values() for number in share) == list(range(count))
    assert set(shares) == set(claims)
    assert max(map(len, shares.values())) - min(map(len, shares.values())) <= 1


@given(st.integers(1, 24), st.lists(st.booleans(), max_size=12))
def test_a_worker_that_joins_or_leaves_moves_no_more_than_it_must(count, story):
    """Nobody gets a number of a worker that stays, but for the one who has just joined."""
    names = iter(f"w{number:02}" for number in range(99))
    claims = {next(names): Claim()}
    held = share_out(range(count), claims)
    for joins in story:
        before = dict(held)
        if joins or len(held) == 1:
            newcomer = next(names)
            claims = {newcomer: Claim(), **{name: Claim(1, tuple(share)) for name, share in held.items()}}
        else:
            claims = {name: Claim(1, tuple(share)) for name, share in list(held.items())[1:]}
        held = share_out(range(count), claims)
        if len(held) > len(before):
            assert all(set(held[name]) <= set(before[name]) for name in before)
        else:
            assert all(set(held[name]) >= set(before[name]) for name in held)


def test_it_has_all_that_the_client_asks_of_an_assignor():
    """An upgrade that asks for more must fail here."""
    assert AbstractPartitionAssignor.__abstractmethods__ <= set(dir(KeepingAssignor))


def test_the_group_is_joined_once(monkeypatch):
    """Aiokafka sends a JoinGroup for each assignor, every time: with two, workers called each other back for ever."""
    consumer = SimpleNamespace(_client=None)
    monkeypatch.setattr(AIOKafkaConsumerThread, "_create_worker_consumer", lambda _thread, _transport: consumer)
    object.__new__(ConsumerThread)._create_worker_consumer(None)
    (only,) = consumer._partition_assignment_strategy
    assert isinstance(only, KeepingAssignor)


class Topics:
    """What a broker tells of topics."""

    def __init__(self, **counts):
        self._counts = counts

    def partitions_for_topic(self, topic):
        """Its partition numbers, None where there is no such topic."""
        return set(range(self._counts[topic])) if topic in self._counts else None


def test_rounds_of_a_group():
    """Two workers, then a third: each has the same numbers of both topics, and keeps them."""
    topics, workers = ("calls", "ticks"), {name: KeepingAssignor() for name in "xy"}

    def rebalance():
        told = {name: worker.metadata(topics) for name, worker in workers.items()}
        given = workers["x"].assign(Topics(calls=4, ticks=4), told)
        for name, assignment in given.items():
            workers[name].on_assignment(assignment)
        return {name: dict(assignment.assignment) for name, assignment in given.items()}

    assert rebalance() == {"x": {"calls": [0, 1], "ticks": [0, 1]}, "y": {"calls": [2, 3], "ticks": [2, 3]}}
    workers["a"] = KeepingAssignor()
    assert {name: share["calls"] for name, share in rebalance().items()} == {"x": [0, 1], "y": [2], "a": [3]}
    del workers["y"]
    assert {name: share["ticks"] for name, share in rebalance().items()} == {"x": [0, 1], "a": [2, 3]}


@pytest.mark.parametrize(
    "user_data", [b"", b"\xff", b'[1,["a"]]', b"{}"], ids=["nothing", "no text", "no numbers", "no list"]
)
def test_a_member_that_says_nothing_we_know_claims_nothing(user_data):
    """Another version, or somebody else in our group."""
    worker = KeepingAssignor()
    told = worker.metadata(["calls"])
    strange = type(told)(0, ["calls"], user_data)
    given = worker.assign(Topics(calls=2), {"x": told, "y": strange})
    assert {name: assignment.assignment for name, assignment in given.items()} == {
        "x": [("calls", [0])],
        "y": [("calls", [1])],
    }


def test_of_a_topic_that_the_leader_does_not_know_everybody_keeps_what_it_has():
    """A broker that has just come back knows no topics for a moment; that is no reason to give partitions up."""
    asked = []
    workers = {"x": KeepingAssignor(asked.append), "y": KeepingAssignor()}

    def rebalance(cluster):
        told = {name: worker.metadata(["calls"]) for name, worker in workers.items()}
        given = workers["x"].assign(cluster, told)
        for name, assignment in given.items():
            workers[name].on_assignment(assignment)
        return {name: dict(assignment.assignment)["calls"] for name, assignment in given.items()}

    assert rebalance(Topics()) == {"x": [], "y": []}
    assert asked == [["calls"]]
    assert rebalance(Topics(calls=4)) == {"x": [0, 1], "y": [2, 3]}
    assert asked == [["calls"]]
    assert rebalance(Topics()) == {"x": [0, 1], "y": [2, 3]}
    assert asked == [["calls"], ["calls"]]
