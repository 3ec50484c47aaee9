"""What a stage is, and how one turn of it is decided. A stage is a pure function and a declaration.

The engine (real Kafka) and the runner (memory) both call `take_turn`; only what they do with a turn differs. A stage's
`decide` must give the same rows and outputs however the log is cut into batches, and must not depend on how the
records of its different source topics interleave, except where the position rows that tell the order are meant to
decide: through ticks, and through what a stage is told to go by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from pipeline.packing import Packing
from pipeline.rows import Overlay, PackedStore, Row, Store
from schemas import codec
from schemas.base import Wire
from schemas.codec import Raw, Refusal
from schemas.rules import RulesState
from schemas.topics import DEADLETTERS, TICKS, CleanUp, Topic
from schemas.vocabulary import Category

RowT_co = TypeVar("RowT_co", covariant=True)

# Ticks come once a second. A longer gap means that no worker was there to tick: silence of the clock is not silence of
# the customer, and what waited in the log meanwhile is still to be read.
LONGEST_STEP_MS = 5 * 60 * 1000
LEISURE = timedelta(milliseconds=250)  # patience of stages that feed tables which people look at
SETTLING_MS = 2 * 60 * 1000  # after such a gap nobody is woken for so long: the backlog comes first
CATCHING_UP_MS = 60 * 60 * 1000  # and a worker that recovers takes no row for older than the gap's end
EXPIRED_AT_ONCE = 5_000  # rows that one turn may delete for their age: the rest waits for the next ticks


class Output(NamedTuple):
    """One record to be published. Encoded only when it is sent; without a value it takes the key away (compacted)."""

    topic: Topic
    key: bytes
    value: Wire | None

    @property
    def record_id(self) -> str:
        """The id of what it says; empty where it takes a key away."""
        return "" if self.value is None else self.value.record_id()

    @property
    def timestamp_ms(self) -> int:
        """When it was published, in the log's time: that of the record which caused it."""
        value = self.value
        return (
            getattr(value, "emitted_at", None) or getattr(value, "at", None) or getattr(value, "ingested_at", None) or 0
        )


class Batch(NamedTuple):
    """Decoded events of one source topic and partition, in offset order, each beside the record it came from."""

    topic: Topic
    partition: int
    events: Sequence[Any]
    records: Sequence[Raw]
    readings: Sequence[Any] | None = None  # what each event says by itself, where somebody has read ahead
    read_by: str = ""  # the version of the rules by which that was read


class Rows(Protocol[RowT_co]):
    """What `decide` may read."""

    def get(self, key: bytes) -> RowT_co | None:
        """The row of `key`, as changed in this turn or as committed."""

    def due(self, now_ms: int, *, most: int | None = None) -> Sequence[bytes]:
        """Keys of rows that wanted to be looked at (`wake_at_ms`) by now; due until the row says otherwise.

        The longest due first; at least `most` of them, if there are so many.
        """


@dataclass(slots=True)
class Effects(Generic[Row]):
    """What a decision wants done: rows to write (None deletes), records to publish in order, records to refuse."""

    changes: dict[bytes, Row | None] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def newest(self, key: bytes, rows: Rows[Row]) -> Row | None:
        """The row of `key`, as changed by this decision or as it was before."""
        return self.changes[key] if key in self.changes else rows.get(key)


Decide = Callable[[Batch, Rows[Row]], Effects[Row]]


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """What a stage is told through the log to go by, such as rules; what it was told is kept among its rows."""

    topic: Topic
    rows: Mapping[bytes, type[msgspec.Struct]]  # what is kept, by key; never expires
    # Given what was read from the topic, or the rows above after recovery: called in a thread before a turn needs
    # them. It may only remember what is dear to compute; decisions are the same without.
    prepare: Callable[[Sequence[Any]], None]
    state: Callable[[Rows[Any], int], RulesState]  # what a partition goes by, for whoever watches


@dataclass(frozen=True, slots=True, eq=False)
class Stage(Generic[Row]):
    """One step of the pipeline: where it reads, what it keeps, what it may publish, how it decides."""

    name: str
    sources: tuple[Topic, ...]  # in the order in which a turn takes them; ticks come last
    row: type[Row]
    outputs: tuple[Topic, ...]
    decide: Decide[Row]
    expire_after: timedelta | None = None  # rows untouched for so long on the partition's clock are deleted
    decode: Callable[[Topic, Sequence[Raw], int], codec.Decoded] = codec.decode_batch
    control: Control | None = None
    packing: Packing | None = None  # for very many rows, of which few are asked for at a time; not with `control`
    # How long what it reads may wait for company. A stage whose results nobody waits for folds fewer and larger batches
    # and writes each of its rows once for all of them, and the transactions of the others stay small.
    patience: timedelta = timedelta(0)

    def new_store(self) -> Store[Row]:
        """An empty store for one partition."""
        expires = self.expire_after is not None
        if self.packing is not None:
            return PackedStore(self.row, self.packing, expires=expires)
        return Store(self.row, None if self.control is None else self.control.rows, expires=expires)

    @property
    def changelog(self) -> Topic:
        """The topic that carries this stage's rows and its position row."""
        return Topic(f"{self.name}-changelog", "row key", (), CleanUp.COMPACT, None)


class Waiting(NamedTuple):
    """Raw records of one source topic that wait for their turn."""

    topic: Topic
    records: Sequence[Raw]


@dataclass(slots=True)
class Turn(Generic[Row]):
    """All that one turn decided; nothing of it has happened yet."""

    changes: dict[bytes, Row | None]
    outputs: list[Output]
    refusals: list[Refusal]
    clock_ms: int


class Opened(NamedTuple):
    """Records of one source topic after decoding: those that could be read, and why the others could not."""

    batch: Batch
    refusals: Sequence[Refusal]


def open_waiting(stage: Stage[Any], waiting: Sequence[Waiting], *, partition: int) -> list[Opened]:
    """Decode what waits, in the order in which a turn takes it."""
    opened = []
    for topic, records in sorted(waiting, key=lambda each: stage.sources.index(each.topic)):
        events, kept, refusals = stage.decode(topic, records, partition)
        opened.append(Opened(Batch(topic, partition, events, kept), refusals))
    return opened


def take_turn(stage: Stage[Row], store: Store[Row], opened: Sequence[Opened], *, clock_ms: int) -> Turn[Row]:
    """Decide what waits for one partition of a stage: refuse what cannot be read, fold the rest, expire old rows."""
    rows = Overlay(store)
    turn: Turn[Row] = Turn(rows.changes, [], [], clock_ms)
    for batch, refusals in opened:
        for refusal in refusals:
            _refuse(turn, refusal)
        if batch.topic is TICKS:
            turn.clock_ms = _advanced(store, turn.clock_ms, [tick.now_ms for tick in batch.events])
            for key in _expired(stage, store, turn.clock_ms):
                turn.changes.setdefault(key, None)
        if batch.events:
            _fold(stage, batch, rows, turn)
    return turn


def _refuse(turn: Turn[Row], refusal: Refusal) -> None:
    """A record that is not taken is kept: as a dead letter, beside what its neighbours came to."""
    turn.refusals.append(refusal)
    turn.outputs.append(Output(DEADLETTERS, refusal.topic.encode(), codec.dead_letter(refusal)))


def _fold(stage: Stage[Row], batch: Batch, rows: Overlay[Row], turn: Turn[Row]) -> None:
    """Let the stage decide; where it fails, find the event that it fails on, and let only that one go.

    Decisions change nothing until they are returned and do not depend on how the log is cut, so deciding the halves
    again is the same as having been asked for them at first.
    """
    try:
        effects = stage.decide(batch, rows)
    except Exception as error:  # noqa: BLE001  (a rule that trips over one text must not stop the conversations beside it)
        if len(batch.events) == 1:
            _refuse(turn, _unfoldable(batch, error))
            return
        half = len(batch.events) // 2
        for part in (slice(None, half), slice(half, None)):
            _fold(stage, _part(batch, part), rows, turn)
        return
    for refusal in effects.refusals:
        _refuse(turn, refusal)
    rows.changes.update(effects.changes)
    turn.outputs += effects.outputs


def _part(batch: Batch, part: slice) -> Batch:
    readings = None if batch.readings is None else batch.readings[part]
    return batch._replace(events=batch.events[part], records=batch.records[part], readings=readings)


def _unfoldable(batch: Batch, error: Exception) -> Refusal:
    """The refusal of an event that made a stage fail: the kind of error and the line, never its text."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "" if frame is None else f" at {frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}"
    record = batch.records[0]
    return Refusal(
        topic=batch.topic.name,
        partition=batch.partition,
        offset=record.offset,
        category=Category.RULE_ERROR,
        path="$",
        expected=f"an event that the rules can read, not {type(error).__name__}{place}",
        timestamp=record.timestamp or 0,
        key=record.key,
        value=record.value,
    )


def _advanced(store: Store[Row], clock_ms: int, ticks_ms: Sequence[int]) -> int:
    """The partition's clock after some ticks: it never runs backwards, and a jump makes no row older."""
    for now_ms in ticks_ms:
        if now_ms - clock_ms > LONGEST_STEP_MS:
            store.stand_still(for_ms=now_ms - clock_ms)
            store.hold_wakes(until_ms=now_ms + SETTLING_MS)
        clock_ms = max(clock_ms, now_ms)
    return clock_ms


def back_since(*, clock_ms: int, held_until_ms: int) -> int:
    """When the clock last jumped, if what waited in the log meanwhile may still be unread at `clock_ms`; else 0.

    Jumps before the last are not remembered: to whoever recovers later, a row is as old as the calendar says.
    """
    jumped_at_ms = held_until_ms - SETTLING_MS
    return jumped_at_ms if jumped_at_ms > 0 and clock_ms - jumped_at_ms < CATCHING_UP_MS else 0


def _expired(stage: Stage[Row], store: Store[Row], clock_ms: int) -> Sequence[bytes]:
    """Keys of rows that nobody touched for too long."""
    if stage.expire_after is None:
        return ()
    return store.expired(clock_ms - stage.expire_after // timedelta(milliseconds=1), most=EXPIRED_AT_ONCE)
