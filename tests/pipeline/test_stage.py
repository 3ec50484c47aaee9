"""One turn: bad records go to the dead letters, the rest is folded, time moves by ticks alone."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rows import Store
from pipeline.runner import Incoming, Runner
from pipeline.stage import LONGEST_STEP_MS, Batch, Effects, Output, Rows, Stage, Waiting, open_waiting, take_turn
from schemas.codec import Decoded, Raw, Record, Refusal, encode_record
from schemas.ticks import Tick
from schemas.topics import DEADLETTERS, HINTS, TICKS, Topic
from schemas.vocabulary import Category

WORDS = Topic("test.words", "word", ())
HOUR_MS = 3_600_000


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


def turn(store: Store[Seen], *waiting: Waiting, clock_ms: int = 0):
    """Take a turn and let it happen."""
    taken = take_turn(STAGE, store, open_waiting(STAGE, waiting, partition=3), clock_ms=clock_ms)
    store.apply(taken.changes, now_ms=taken.clock_ms)
    return taken


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
