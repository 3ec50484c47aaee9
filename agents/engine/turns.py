"""One stage's share of a partition's turn: what it read, what it decided, and the records that make it happen."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple, Protocol

from agents.engine.backlog import Backlog
from agents.engine.connection import Connection
from agents.engine.recovery import Position
from agents.engine.transactions import Destination, Record, partition_of
from pipeline.rows import Store
from pipeline.stage import Opened, Output, Rows, Stage, Turn, Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Raw
from schemas.rules import RulesState

_SAMPLE = 100  # records that tell the time of many
_preparing = Lock()  # what is computed for one partition serves them all: the others wait for it


class StageState:
    """What one stage keeps for one partition: its rows, its position, and what waits for its next turn."""

    __slots__ = ("backlog", "position", "stage", "store", "written_bytes", "written_rows")

    def __init__(self, stage: Stage[Any]) -> None:
        self.stage = stage
        self.store: Store[Any] = stage.new_store()
        self.position = Position()
        self.backlog = Backlog(stage.patience.total_seconds())
        self.written_rows = self.written_bytes = 0

    def give(self, waiting: Mapping[str, Sequence[Raw]], *, now: float) -> None:
        """Let wait for the stage what of all that came it reads and has not read; `now` in seconds."""
        for topic in self.stage.sources:
            records = unread(waiting.get(topic.name, ()), self.position.next_offsets.get(topic.name, 0))
            if records:
                # From now on the position tells what was not read, also of a topic of which nothing was.
                self.position.next_offsets.setdefault(topic.name, records[0].offset)
                self.backlog.add(topic.name, records, now=now)

    def encoded(self, key: bytes, row: Any) -> bytes:
        """A changed row for the changelog; its size is remembered."""
        value = self.store.encode(key, row)
        self.written_rows += 1
        self.written_bytes += len(value)
        return value

    def told(self, partition: int) -> tuple[RulesState, ...]:
        """What the stage was told to go by; nothing of a stage that is told nothing."""
        control = self.stage.control
        return () if control is None else (control.state(self.store, partition),)

    @property
    def rows_bytes(self) -> int:
        """About how much the rows weigh as encoded, judged by those that were written."""
        return len(self.store) * self.written_bytes // self.written_rows if self.written_rows else 0


class Readings(NamedTuple):
    """What was found in each event, and by which version of the rules: whoever decides knows if they hold still."""

    found: Sequence[Any]
    by: str


class ReadsAhead(Protocol):
    """What may read a stage's events elsewhere while the worker goes on with its other partitions."""

    async def read(self, partition: int, events: Sequence[Any], rows: Rows[Any]) -> Readings | None:
        """What each event says by itself, by the rules that `rows` tell; None where the worker is to read."""


class Opening(NamedTuple):
    """What one stage is about to decide: its sources' new records, decoded."""

    state: StageState
    opened: Sequence[Opened]
    next_offsets: Mapping[str, int]  # after these records
    records: Mapping[str, int]  # read per source topic
    newest_ms: Mapping[str, int]  # time of the newest record of each
    seconds: float  # that decoding took


class Share(NamedTuple):
    """One stage's share of a turn; nothing of it has happened yet."""

    state: StageState
    turn: Turn[Any]
    position: Position
    records: Mapping[str, int]
    newest_ms: Mapping[str, int]
    decide_seconds: float

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the position moved."""
        return not self.turn.changes and not self.turn.outputs


def open_share(state: StageState, *, partition: int) -> Opening:
    """What waits for one stage, decoded."""
    waiting = state.backlog.take()
    sources = [Waiting(topic, waiting[topic.name]) for topic in state.stage.sources if topic.name in waiting]
    next_offsets = {source.topic.name: source.records[-1].offset + 1 for source in sources}
    started_at = time.perf_counter()
    return Opening(
        state=state,
        opened=open_waiting(state.stage, sources, partition=partition),
        next_offsets=next_offsets,
        records={source.topic.name: len(source.records) for source in sources},
        newest_ms={source.topic.name: source.records[-1].timestamp or 0 for source in sources},
        seconds=time.perf_counter() - started_at,
    )


async def read_ahead(opening: Opening, ahead: ReadsAhead, *, partition: int) -> Opening:
    """The same with its events read, as far as somebody else does that."""
    rows = opening.state.store
    readings = await asyncio.gather(*[ahead.read(partition, each.batch.events, rows) for each in opening.opened])
    opened = [
        each if read is None else each._replace(batch=each.batch._replace(readings=read.found, read_by=read.by))
        for each, read in zip(opening.opened, readings, strict=True)
    ]
    return opening._replace(opened=opened)


def decide(opening: Opening) -> Share:
    """One stage's share of a turn."""
    state = opening.state
    started_at = time.perf_counter()
    turn = take_turn(state.stage, state.store, opening.opened, clock_ms=state.position.clock_ms)
    read = dict(opening.next_offsets)
    return Share(
        state=state,
        turn=turn,
        position=Position(
            state.position.next_offsets | read,
            turn.clock_ms,
            [*state.position.turns, read],
            state.store.held_until_ms,
        ),
        records=opening.records,
        newest_ms=opening.newest_ms,
        decide_seconds=opening.seconds + time.perf_counter() - started_at,
    )


def prepare_recovered(states: Sequence[StageState]) -> None:
    """Compute ahead what recovered rows will need. Slow: not on the loop."""
    for state in states:
        if state.stage.control is not None:
            control = state.stage.control
            with _preparing:
                control.prepare([row for row in map(state.store.get, control.rows) if row is not None])


def prepare_opened(opening: Opening) -> None:
    """Compute ahead what the next turn will need of what its stage is told. Slow: not on the loop."""
    control = opening.state.stage.control
    for each in opening.opened:
        if control is not None and each.batch.topic is control.topic:
            with _preparing:
                control.prepare(each.batch.events)


def published(share: Share, connection: Connection, *, partition: int) -> list[tuple[Destination, Record]]:
    """What a share publishes: its outputs and its changed rows."""
    stage = share.state.stage
    changelog = (connection.topic(stage.changelog), partition)
    pairs = [_output(output, connection) for output in share.turn.outputs]
    pairs += [
        (changelog, Record(key, None if row is None else share.state.encoded(key, row)))
        for key, row in share.turn.changes.items()
    ]
    return pairs


def _output(output: Output, connection: Connection) -> tuple[Destination, Record]:
    """An output on the partition of its key, where its readers, and whoever answers it, look for it.

    Not on the partition of what caused it, even if that has such a key: an alert of a region may be caused by what was
    heard of an agent, and a ticket's signal by another ticket.
    """
    value, headers = (None, []) if output.value is None else codec.encode_record(output.value)
    partition = partition_of(output.key, connection.partitions)
    return (connection.topic(output.topic), partition), Record(output.key, value, headers)


def least_read(states: Iterable[StageState]) -> dict[str, int]:
    """The next offset of each source topic, as far as every stage that reads it has read."""
    offsets: dict[str, int] = {}
    for state in states:
        for topic, offset in state.position.next_offsets.items():
            offsets[topic] = min(offset, offsets.get(topic, offset))
    return offsets


def time_of(records: Sequence[Raw]) -> int:
    """About when records were written, in milliseconds: some senders' clocks are an hour off, most are not."""
    some = records[:: len(records) // _SAMPLE + 1]
    return sorted(record.timestamp or 0 for record in some)[len(some) // 2]


def unread(records: Sequence[Raw], next_offset: int) -> Sequence[Raw]:
    """The records at or above `next_offset`; a consumer may have started before its forerunner was fenced."""
    if not records or records[0].offset >= next_offset:
        return records
    return [record for record in records if record.offset >= next_offset]
