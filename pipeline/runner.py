"""Stages in memory: the same turns as the engine takes, without Kafka. The oracle, the back-test and the fast tests.

What a stage publishes on a topic that another stage reads is fed to that stage at once, after everything that the
first one published before it.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pipeline.rows import Store
from pipeline.stage import Output, Stage, Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Raw, Record
from schemas.topics import Topic

PartitionOf = Callable[[bytes], int]


class Incoming(NamedTuple):
    """One record of a source topic, with the partition it stands on."""

    topic: Topic
    partition: int
    record: Raw


class Runner:
    """Every partition of every stage, in one process and in the order in which records are fed."""

    def __init__(self, stages: Sequence[Stage[Any]], *, partition_of: PartitionOf) -> None:
        self._stages = tuple(stages)
        self._partition_of = partition_of
        self.stores: dict[tuple[str, int], Store[Any]] = {}
        self._clocks_ms: dict[tuple[str, int], int] = defaultdict(int)
        self._next_offset: dict[tuple[str, int], int] = defaultdict(int)
        self._sources = {topic.name: topic for stage in stages for topic in stage.sources}

    def reads(self, topic: Topic) -> bool:
        """Whether any stage reads the topic."""
        return topic.name in self._sources

    def feed(self, records: Iterable[Incoming], *, most: int = 1_000) -> Iterator[Output]:
        """Everything published because of `records`; neighbours on one topic and partition are decided together."""
        for (name, partition), run in groupby(records, key=lambda each: (each.topic.name, each.partition)):
            pending: list[Raw] = []
            for each in run:
                pending.append(each.record)
                if len(pending) == most:
                    yield from self._decide(self._sources[name], partition, pending)
                    pending = []
            if pending:
                yield from self._decide(self._sources[name], partition, pending)

    def _decide(self, topic: Topic, partition: int, records: Sequence[Raw]) -> Iterator[Output]:
        waiting: deque[tuple[Topic, int, Sequence[Raw]]] = deque([(topic, partition, records)])
        while waiting:
            topic, partition, records = waiting.popleft()
            for stage in self._stages:
                if topic not in stage.sources:
                    continue
                for output in self._turn(stage, topic, partition, records):
                    yield output
                    if output.topic.name in self._sources:
                        waiting.append(self._republish(output))

    def _turn(self, stage: Stage[Any], topic: Topic, partition: int, records: Sequence[Raw]) -> Sequence[Output]:
        place = (stage.name, partition)
        store = self.stores.setdefault(place, stage.new_store())
        opened = open_waiting(stage, (Waiting(topic, records),), partition=partition)
        turn = take_turn(stage, store, opened, clock_ms=self._clocks_ms[place])
        store.apply(turn.changes, now_ms=turn.clock_ms)
        self._clocks_ms[place] = turn.clock_ms
        return turn.outputs

    def _republish(self, output: Output) -> tuple[Topic, int, Sequence[Raw]]:
        """An output as the record that the next stage reads."""
        partition = self._partition_of(output.key)
        place = (output.topic.name, partition)
        value, headers = (None, []) if output.value is None else codec.encode_record(output.value)
        record = Record(self._next_offset[place], output.timestamp_ms, output.key, value, headers)
        self._next_offset[place] += 1
        return output.topic, partition, (record,)

    def rows(self, stage: Stage[Any]) -> dict[tuple[int, bytes], Any]:
        """All rows of a stage, by partition and key."""
        return {
            (partition, key): row
            for (name, partition), store in self.stores.items()
            if name == stage.name
            for key, row in store.items()
        }
