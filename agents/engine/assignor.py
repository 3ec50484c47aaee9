"""Which worker gets which partition numbers: everybody keeps what it has, as far as shares stay even.

Taking a partition over means reading its rows back, so what need not move does not. Kafka's range would give a number
of every topic to the same worker too, but by the order of member ids, which are drawn by lot: a worker that joins or is
started again could move every partition of everybody. Kafka's own sticky assignor tears numbers apart: partition 3 of
one topic here and of another there, and two owners of one number fence each other for ever.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata


class Claim(NamedTuple):
    """What a worker was given last, and in which round; who slept through a round claims by an older one."""

    round: int = 0
    numbers: tuple[int, ...] = ()


def share_out(numbers: Iterable[int], claims: Mapping[str, Claim]) -> dict[str, list[int]]:
    """Numbers by member: shares differ by one at most, and as few numbers move as that allows."""
    free = set(numbers)
    least, more = divmod(len(free), len(claims))
    kept = {}
    for member in sorted(claims, key=lambda member: (-claims[member].round, member)):
        kept[member] = sorted(free.intersection(claims[member].numbers))
        free.difference_update(kept[member])
    by_most = sorted(kept, key=lambda member: (-len(kept[member]), member))
    bounds = {member: least + (place < more) for place, member in enumerate(by_most)}
    for member, bound in bounds.items():
        free.update(kept[member][bound:])
        del kept[member][bound:]
    left = iter(sorted(free))
    for member, bound in bounds.items():
        kept[member] += [next(left) for _ in range(bound - len(kept[member]))]
    return {member: sorted(share) for member, share in kept.items()}


class KeepingAssignor:
    """Gives one member the same partition numbers of every topic. One instance for each consumer.

    aiokafka's own assignors are classes that nobody instantiates; of ours it needs the same four names.
    """

    name = "tocsin-keep"
    version = 0

    def __init__(self, ask_for: Callable[[Collection[str]], None] = lambda _topics: None) -> None:
        self._ask_for = ask_for  # told of topics whose partitions nobody knows
        self._claim = Claim()

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """What this member tells when it joins: what it reads, and what it has."""
        return ConsumerProtocolMemberMetadata(self.version, list(topics), msgspec.json.encode(self._claim))

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Remember what was given, for the next time somebody joins."""
        self._claim = _claim_in(assignment.user_data)

    def assign(
        self, cluster: Any, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Called on whichever member leads the group. Of a topic that it does not know everybody keeps what it has."""
        claims = {member: _claim_in(metadata.user_data) for member, metadata in members.items()}
        claimed = {number for claim in claims.values() for number in claim.numbers}
        topics = sorted({topic for metadata in members.values() for topic in metadata.subscription})
        known = {topic: cluster.partitions_for_topic(topic) for topic in topics}
        if unknown := [topic for topic, there in known.items() if not there]:
            self._ask_for(unknown)
        of_topic = {topic: there or claimed for topic, there in known.items()}
        shares = share_out(set().union(*of_topic.values()), claims)
        this_round = max(claim.round for claim in claims.values()) + 1
        return {
            member: ConsumerProtocolMemberAssignment(
                self.version,
                [(topic, [number for number in share if number in there]) for topic, there in of_topic.items()],
                msgspec.json.encode(Claim(this_round, tuple(share))),
            )
            for member, share in shares.items()
        }


def _claim_in(user_data: bytes) -> Claim:
    """A claim off the wire; of a member that says nothing we know, none."""
    try:
        return msgspec.json.decode(user_data, type=Claim)
    except msgspec.MsgspecError:
        return Claim()
