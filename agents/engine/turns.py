"""One stage's share of a partition's turn: what it read, what it decided, and the records that make it happen."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agents.engine.connection import Connection
from agents.engine.recovery import Position
from agents.engine.transactions import Destination, Record, partition_of
from pipeline.rows import Store, encode_row
from pipeline.stage import Output, Stage, Turn, Waiting, take_turn
from schemas import codec
from schemas.codec import Raw


class StageState:
    """What one stage keeps for one partition: its rows and its position."""

    __slots__ = ("position", "stage", "store", "written_bytes", "written_rows")

    def __init__(self, stage: Stage[Any]) -> None:
        self.stage = stage
        self.store: Store[Any] = Store(stage.row)
        self.position = Position()
        self.written_rows = self.written_bytes = 0

    def encoded(self, row: Any) -> bytes:
        """A changed row for the changelog; its size is remembered."""
        value = encode_row(row)
        self.written_rows += 1
        self.written_bytes += len(value)
        return value

    @property
    def rows_bytes(self) -> int:
        """About how much the rows weigh as encoded, judged by those that were written."""
        return len(self.store) * self.written_bytes // self.written_rows if self.written_rows else 0


class Share(NamedTuple):
    """One stage's share of a turn; nothing of it has happened yet."""

    state: StageState
    turn: Turn[Any]
    position: Position
    records: Mapping[str, int]  # read per source topic
    newest_ms: Mapping[str, int]  # time of the newest record of each
    decide_seconds: float

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the position moved."""
        return not self.turn.changes and not self.turn.outputs


def decide(state: StageState, waiting: Mapping[str, Sequence[Raw]], *, partition: int) -> Share | None:
    """One stage's share of what waits; None where nothing of it is new to the stage."""
    sources = []
    read: dict[str, int] = {}
    for topic in state.stage.sources:
        records = unread(waiting.get(topic.name, ()), state.position.next_offsets.get(topic.name, 0))
        if records:
            sources.append(Waiting(topic, records))
            read[topic.name] = records[-1].offset + 1
    if not sources:
        return None
    started_at = time.perf_counter()
    turn = take_turn(state.stage, state.store, sources, partition=partition, clock_ms=state.position.clock_ms)
    return Share(
        state=state,
        turn=turn,
        position=Position(state.position.next_offsets | read, turn.clock_ms, [*state.position.turns, read]),
        records={source.topic.name: len(source.records) for source in sources},
        newest_ms={source.topic.name: source.records[-1].timestamp or 0 for source in sources},
        decide_seconds=time.perf_counter() - started_at,
    )


def published(share: Share, connection: Connection, *, partition: int) -> list[tuple[Destination, Record]]:
    """What a share publishes: its outputs and its changed rows."""
    stage = share.state.stage
    changelog = (connection.topic(stage.changelog), partition)
    pairs = [_output(stage, output, connection, partition) for output in share.turn.outputs]
    pairs += [
        (changelog, Record(key, None if row is None else share.state.encoded(row)))
        for key, row in share.turn.changes.items()
    ]
    return pairs


def _output(stage: Stage[Any], output: Output, connection: Connection, partition: int) -> tuple[Destination, Record]:
    topic = output.topic
    # What has the key of the source stays on the source's partition, wherever its producer put it.
    if topic.key != stage.sources[0].key:
        partition = partition_of(output.key, connection.partitions)
    value, headers = codec.encode_record(output.value)
    return (connection.topic(topic), partition), Record(output.key, value, headers)


def unread(records: Sequence[Raw], next_offset: int) -> Sequence[Raw]:
    """The records at or above `next_offset`; a consumer may have started before its forerunner was fenced."""
    if not records or records[0].offset >= next_offset:
        return records
    return [record for record in records if record.offset >= next_offset]
