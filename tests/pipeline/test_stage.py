"""One turn: bad records go to the dead letters, the rest is folded, time moves by ticks alone."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import stage as stages
from pipeline.rows import Store, encode_row
from pipeline.runner import Incoming, Runner
from pipeline.stage import (
    CATCHING_UP_MS,
    LONGEST_STEP_MS,
    SETTLING_MS,
    Batch,
    Effects,
    Output,
    Rows,
    Stage,
    Waiting,
    back_since,
    open_waiting,
    take_turn,
)
from schemas.codec import Decoded, Raw, Record, Refusal, encode_record
from schemas.ticks import Tick
from schemas.topics import DEADLETTERS, HINTS, TICKS, Topic
from schemas.vocabulary import Category

WORDS = Topic("test.words", "word", ())
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIDNIGHT_MS = 1_770_000_000_000


class Seen(msgspec.Struct):
    """How often a word was seen."""

    n: int


def decode(topic: Topic, records: list[Raw], partition: int) -> Decoded:
    """Words as they are; ticks by their own type; a word that starts with ! is refused."""
    if topic is TICKS:
        return Decoded([msgspec.json.decode(each.value, type=Tick) for each in records], records, [])
    good = [each for each in records if not each.value.startswith(b"!")]
    bad = [
        Refusal(
            topic=topic.name, partition=partition, offset=each.offset, category=Category.DECODE, path="$",
            expected="a word", timestamp=each.timestamp, key=each.key, value=each.value,
        )
        for each in records
        if each.value.startswith(b"!")
    ]  # fmt: skip
    return Decoded([each.value for each in good], good, bad)


def decide(batch: Batch, rows: Rows[Seen]) -> Effects[Seen]:
    """Count words; publish every third sight of one; trip over `boom`."""
    effects: Effects[Seen] = Effects()
    if batch.topic is TICKS:
        return effects
    for word, record in zip(batch.events, batch.records, strict=True):
        if word == b"boom":
            raise KeyError(word)
        row = effects.changes.get(word) or rows.get(word)
        seen = Seen(1 if row is None else row.n + 1)
        effects.changes[word] = seen
        if seen.n % 3 == 0:
            effects.outputs.append(Output(HINTS, word, Tick(now_ms=record.timestamp)))
    return effects


STAGE: Stage[Seen] = Stage(
    "words", (WORDS, TICKS), Seen, (HINTS,), decide, expire_after=timedelta(hours=1), decode=decode
)


def words(*values: bytes, offset: int = 0) -> Waiting:
    """Words that wait."""
    return Waiting(WORDS, [Record(offset + at, at, value, value) for at, value in enumerate(values)])


def ticks(*now_ms: int) -> Waiting:
    """Ticks that wait."""
    return Waiting(TICKS, [Record(at, at, b"0", encode_record(Tick(now_ms=now))[0]) for at, now in enumerate(now_ms)])


def turn(store: Store[Seen], *waiting: Waiting, clock_ms: int = 0, stage: Stage[Seen] = STAGE):
    """Take a turn and let it happen."""
    taken = take_turn(stage, store, open_waiting(stage, waiting, partition=3), clock_ms=clock_ms)
    store.apply(taken.changes, now_ms=taken.clock_ms)
    return taken


def run_on(store: Store[Seen], clock_ms: int, from_ms: int, *, hours: float, stage: Stage[Seen] = STAGE) -> int:
    """Let a worker tick for so long, every four minutes; its clock afterwards."""
    for now_ms in range(from_ms, from_ms + int(hours * HOUR_MS) + 1, 4 * 60_000):
        clock_ms = turn(store, ticks(now_ms), clock_ms=clock_ms, stage=stage).clock_ms
    return clock_ms


def recovered(store: Store[Seen], sent_at_ms: dict[bytes, int], *, clock_ms: int) -> Store[Seen]:
    """The same rows for whoever takes the partition over, as the engine's recovery reads them back."""
    heir = Store(Seen)
    heir.load([(key, encode_row(row)) for key, row in store.items()], sent_at_ms)
    heir.loaded(now_ms=clock_ms, since_ms=back_since(clock_ms=clock_ms, held_until_ms=store.held_until_ms))
    heir.hold_wakes(until_ms=store.held_until_ms)
    return heir


def test_a_refused_record_stops_no_neighbour_and_is_kept() -> None:
    """It becomes a dead letter with its place and its bytes; its neighbours are folded."""
    store = Store(Seen)
    taken = turn(store, words(b"a", b"!bad", b"a"))
    assert store.get(b"a") == Seen(2)
    (letter,) = [output.value for output in taken.outputs if output.topic is DEADLETTERS]
    assert (letter.topic, letter.partition, letter.offset, letter.reason) == ("test.words", 3, 1, Category.DECODE)


def test_an_event_that_breaks_a_rule_is_the_only_one_that_goes() -> None:
    """The stage fails on one event: that one becomes a dead letter, with the error's kind and never its text."""
    store = Store(Seen)
    taken = turn(store, words(b"a", b"b", b"boom", b"a", b"c"))
    assert dict(store.items()) == {b"a": Seen(2), b"b": Seen(1), b"c": Seen(1)}
    (letter,) = [output.value for output in taken.outputs if output.topic is DEADLETTERS]
    assert letter.reason is Category.RULE_ERROR
    assert letter.offset == 2
    assert "KeyError" in letter.error
    assert "boom" not in letter.error


def test_ticks_come_last_whatever_the_order_they_wait_in() -> None:
    """A turn has one order: that of the stage's sources."""
    store = Store(Seen)
    assert turn(store, ticks(5_000), words(b"a")).clock_ms == 5_000
    assert store.expired(5_001) == [b"a"]


def test_the_clock_never_runs_backwards() -> None:
    """A late tick of a former owner changes nothing."""
    assert turn(Store(Seen), ticks(9_000, 4_000), clock_ms=10_000).clock_ms == 10_000


@pytest.mark.parametrize(
    ("steps_ms", "rows_left"),
    [
        pytest.param((HOUR_MS,), 1, id="one hour of silence is not more than one hour"),
        pytest.param((HOUR_MS, 1), 0, id="a millisecond more"),
    ],
)
def test_rows_expire_by_ticks(steps_ms: tuple[int, ...], rows_left: int) -> None:
    """Silence is measured in ticks that come regularly."""
    store = Store(Seen)
    clock_ms = turn(store, words(b"a"), ticks(1_000)).clock_ms
    for step_ms in steps_ms:
        for now_ms in range(clock_ms, clock_ms + step_ms, 60_000):
            clock_ms = turn(store, ticks(now_ms), clock_ms=clock_ms).clock_ms
        target_ms = 1_000 + sum(steps_ms[: steps_ms.index(step_ms) + 1])
        clock_ms = turn(store, ticks(target_ms), clock_ms=clock_ms).clock_ms
    assert len(store) == rows_left


def test_a_jump_of_the_clock_expires_nothing() -> None:
    """No worker was there to tick; what the customers wrote meanwhile is still in the log."""
    store = Store(Seen)
    clock_ms = turn(store, words(b"a"), ticks(1_000)).clock_ms
    clock_ms = turn(store, ticks(clock_ms + 9 * HOUR_MS), clock_ms=clock_ms).clock_ms
    assert clock_ms == 1_000 + 9 * HOUR_MS > LONGEST_STEP_MS
    assert len(store) == 1


@pytest.mark.parametrize(
    ("hours_a_day", "restarts", "days"),
    [
        pytest.param(23.95, False, 2, id="a house that never stops"),
        pytest.param(23.95, True, 2, id="restarts once a day"),
        pytest.param(16, False, 3, id="its clock stands still at night"),
        pytest.param(16, True, 3, id="starts anew each morning"),
    ],
)
def test_rows_expire_in_every_house(hours_a_day: float, restarts: bool, days: int) -> None:
    """A row of forty hours is gone on the day on which it has been untouched for so long."""
    stage = replace(STAGE, expire_after=timedelta(hours=40))
    store, clock_ms = Store(Seen), MIDNIGHT_MS
    store.apply({b"a": Seen(1)}, now_ms=MIDNIGHT_MS)
    lived = 0
    while len(store) and lived < 9:
        clock_ms = run_on(store, clock_ms, MIDNIGHT_MS + lived * DAY_MS, hours=hours_a_day, stage=stage)
        lived += 1
        if restarts:
            store = recovered(store, {b"a": MIDNIGHT_MS}, clock_ms=clock_ms)
    assert lived == days


def test_whoever_recovers_while_it_is_caught_up_takes_no_row_for_older_than_the_gap() -> None:
    """Three days without a worker, then one after the other starts: what waits in the log still finds its rows."""
    store, monday_ms = Store(Seen), MIDNIGHT_MS + 3 * DAY_MS
    store.apply({b"a": Seen(1)}, now_ms=MIDNIGHT_MS)
    clock_ms = run_on(store, MIDNIGHT_MS, monday_ms, hours=0.2)
    heir = recovered(store, {b"a": MIDNIGHT_MS}, clock_ms=clock_ms)
    clock_ms = run_on(heir, clock_ms, clock_ms, hours=0.7)
    assert len(heir) == 1
    run_on(heir, clock_ms, clock_ms, hours=0.2)
    assert len(heir) == 0


@pytest.mark.parametrize(
    ("clock_ms", "since_ms"),
    [
        pytest.param(MIDNIGHT_MS, MIDNIGHT_MS, id="as it jumps"),
        pytest.param(MIDNIGHT_MS + CATCHING_UP_MS - 1, MIDNIGHT_MS, id="just before all must be read"),
        pytest.param(MIDNIGHT_MS + CATCHING_UP_MS, 0, id="afterwards"),
    ],
)
def test_a_gap_counts_for_recovery_while_it_is_caught_up(clock_ms: int, since_ms: int) -> None:
    """Both sides of the boundary."""
    assert back_since(clock_ms=clock_ms, held_until_ms=MIDNIGHT_MS + SETTLING_MS) == since_ms


def test_a_clock_that_never_jumped_has_no_gap() -> None:
    """Neither before its first tick nor on the first day of the epoch."""
    assert back_since(clock_ms=0, held_until_ms=0) == back_since(clock_ms=MIDNIGHT_MS, held_until_ms=0) == 0


def test_many_old_rows_go_in_many_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction with all that a house has kept for months would not end in time, nor would its repetition."""
    monkeypatch.setattr(stages, "EXPIRED_AT_ONCE", 2)
    store = Store(Seen)
    store.apply({key: Seen(1) for key in (b"a", b"b", b"c")}, now_ms=1)
    left = []
    clock_ms = 2 * HOUR_MS
    for _ in range(2):
        clock_ms = turn(store, ticks(clock_ms + 1), clock_ms=clock_ms).clock_ms
        left.append(len(store))
    assert left == [1, 0]


def test_a_row_changed_in_the_turn_does_not_expire_in_it() -> None:
    """The event came before the tick that would have ended it."""
    store = Store(Seen)
    store.apply({b"a": Seen(1)}, now_ms=1)
    opened = open_waiting(STAGE, (words(b"a"), ticks(*range(1_000, 2 * HOUR_MS, 240_000))), partition=0)
    taken = take_turn(STAGE, store, opened, clock_ms=1)
    assert taken.changes == {b"a": Seen(2)}


@given(
    st.lists(st.sampled_from([b"a", b"b", b"c", b"!x", b"boom"]), max_size=40),
    st.lists(st.integers(1, 7), min_size=1, max_size=40),
)
def test_where_the_log_is_cut_changes_nothing(values: list[bytes], cuts: list[int]) -> None:
    """The same rows and the same outputs, however many records a fetch returned."""
    whole, pieces = Store(Seen), Store(Seen)
    expected = turn(whole, words(*values)).outputs if values else []
    found: list[Output] = []
    at = 0
    while at < len(values):
        size = cuts[at % len(cuts)]
        records = words(*values).records[at : at + size]
        found += turn(pieces, Waiting(WORDS, records)).outputs
        at += size

    def plain(outputs: list[Output]) -> list[Output]:
        return [output for output in outputs if output.topic is HINTS]

    assert dict(pieces.items()) == dict(whole.items())
    assert plain(found) == plain(expected)
    assert len(found) == len(expected)


def test_runner_feeds_what_one_stage_publishes_to_the_next() -> None:
    """Two stages, chained by a topic, in memory."""
    tick_counter: Stage[Seen] = Stage(
        "hints",
        (HINTS,),
        Seen,
        (),
        lambda batch, rows: Effects({b"n": Seen((rows.get(b"n") or Seen(0)).n + len(batch.events))}, []),
        decode=lambda _topic, records, _partition: Decoded(list(records), list(records), []),
    )
    runner = Runner([STAGE, tick_counter], partition_of=lambda _key: 0)
    feed = [Incoming(WORDS, 0, Record(at, at, b"a", b"a")) for at in range(7)]
    assert len(list(runner.feed(feed, most=2))) == 2
    assert runner.rows(STAGE) == {(0, b"a"): Seen(7)}
    assert runner.rows(tick_counter) == {(0, b"n"): Seen(2)}


def test_a_decision_may_refuse_a_record() -> None:
    """What a stage does not accept is kept as a dead letter, like what could not be read."""

    def refuse_all(batch: Batch, rows: Rows[Seen]) -> Effects[Seen]:
        refusals = [
            Refusal(
                topic=batch.topic.name, partition=batch.partition, offset=each.offset, category=Category.SCHEMA,
                path="$", expected="nothing at all", timestamp=each.timestamp, key=each.key, value=each.value,
            )
            for each in batch.records
        ]  # fmt: skip
        return Effects(refusals=refusals)

    stage = Stage(name="no", sources=(WORDS,), row=Seen, outputs=(), decide=refuse_all, decode=decode)
    records = [Record(0, 5, b"a", b"a"), Record(1, 6, b"b", b"b")]
    opened = open_waiting(stage, [Waiting(WORDS, records)], partition=0)
    turn = take_turn(stage, Store(Seen), opened, clock_ms=0)
    assert [refusal.offset for refusal in turn.refusals] == [0, 1]
    assert [output.topic for output in turn.outputs] == [DEADLETTERS, DEADLETTERS]
