"""Rows in memory: lazy after recovery, expired by the log's clock, overlaid while a turn is decided."""

import msgspec
import pytest

from pipeline.packing import Packing
from pipeline.rows import Overlay, PackedStore, Store, encode_row


class Total(msgspec.Struct):
    """A row for these tests."""

    n: int


PACKING = Packing(b'{"n":1}')


def test_a_row_read_back_is_the_row_that_was_written() -> None:
    """What recovery loads is bytes until it is asked for."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(3))), (b"a", encode_row(Total(7)))])
    store.loaded(now_ms=0)
    assert store.get(b"a") == Total(7)
    assert dict(store.items()) == {b"a": Total(7)}


def test_packed_rows_are_the_same_rows() -> None:
    """They stay bytes, changed ones too; whoever asks gets a value of its own. Those of before packing are read."""
    store: Store[Total] = PackedStore(Total, PACKING)
    store.load([(b"a", encode_row(Total(7)))])
    store.loaded(now_ms=0)
    store.apply({b"b": Total(8), b"a": Total(9), b"c": None}, now_ms=1)
    assert dict(store.items()) == {b"a": Total(9), b"b": Total(8)}
    assert store.get(b"a") is not store.get(b"a")
    assert store.get(b"c") is None
    store.apply({b"a": None}, now_ms=2)
    assert len(store) == 1


def test_what_the_changelog_got_of_a_packed_row_is_what_the_store_keeps() -> None:
    """Packed once; a row that came after it counts."""
    store: Store[Total] = PackedStore(Total, PACKING)
    assert PACKING.unpack(store.encode(b"a", Total(7))) == b'{"n":7}'
    store.apply({b"a": Total(7)}, now_ms=1)
    assert store.get(b"a") == Total(7)
    store.apply({b"a": Total(8)}, now_ms=2)
    assert store.get(b"a") == Total(8)


class Sleeper(msgspec.Struct, omit_defaults=True):
    """A row that wants to be looked at."""

    note: str = ""
    wake_at_ms: int = 0


def test_a_row_is_due_until_it_says_otherwise() -> None:
    """Asked twice the answer is the same; the row moves its moment, or sleeps, or goes."""
    store: Store[Sleeper] = Store(Sleeper)
    store.apply({key: Sleeper(wake_at_ms=at) for key, at in ((b"b", 5), (b"a", 5), (b"c", 3), (b"d", 9))}, now_ms=1)
    assert store.due(2) == []
    assert store.due(5) == store.due(5) == [b"c", b"a", b"b"]
    store.apply({b"a": Sleeper(wake_at_ms=8), b"b": Sleeper(), b"c": None}, now_ms=6)
    assert store.due(7) == []
    assert store.due(9) == [b"a", b"d"]
    store.apply({b"a": Sleeper(wake_at_ms=9)}, now_ms=9)
    store.apply({b"a": Sleeper(wake_at_ms=8)}, now_ms=9)
    assert store.due(9) == [b"a", b"d"]


LIAR = Sleeper(note='"wake_at_ms":1', wake_at_ms=0)


@pytest.mark.parametrize(
    "store",
    [pytest.param(Store(Sleeper), id="as JSON"), pytest.param(PackedStore(Sleeper, Packing(b'{"note":')), id="packed")],
)
def test_wakes_come_back_with_the_rows(store: Store[Sleeper]) -> None:
    """Out of the encoded row, and not out of a text that looks like one; also of one that was not packed yet."""
    rows = {b"a": Sleeper(wake_at_ms=4), b"b": LIAR, b"c": Sleeper()}
    store.load([(key, store.encode(key, row)) for key, row in rows.items()])
    store.load([(b"d", encode_row(Sleeper(wake_at_ms=7)))])
    store.loaded(now_ms=0)
    assert store.due(10) == [b"a", b"d"]
    assert dict(store.items()) == rows | {b"d": Sleeper(wake_at_ms=7)}


def test_no_more_are_due_than_were_asked_for() -> None:
    """The longest due; over a turn's changes as many more, since those may have moved."""
    store: Store[Sleeper] = Store(Sleeper)
    store.apply({b"%d" % at: Sleeper(wake_at_ms=at) for at in (1, 2, 3, 4)}, now_ms=0)
    assert store.due(9, most=2) == store.due(9, most=2) == [b"1", b"2"]
    rows = Overlay(store)
    rows.changes[b"1"] = Sleeper(wake_at_ms=20)
    assert rows.due(9, most=2) == [b"1", b"2", b"3"]
    assert store.due(9) == rows.due(9) == [b"1", b"2", b"3", b"4"]


def test_after_a_jump_of_the_clock_nobody_is_woken_for_a_while() -> None:
    """What waits in the log is read first."""
    store: Store[Sleeper] = Store(Sleeper)
    store.apply({b"a": Sleeper(wake_at_ms=4)}, now_ms=1)
    store.hold_wakes(until_ms=20)
    assert store.due(19) == []
    assert store.due(20) == [b"a"]


def test_a_tombstone_takes_the_row_away() -> None:
    """Both while recovering and while working."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(7))), (b"a", None)])
    store.loaded(now_ms=0)
    store.apply({b"b": Total(1)}, now_ms=1)
    store.apply({b"b": None}, now_ms=2)
    assert len(store) == 0
    assert store.get(b"a") is store.get(b"b") is None


def test_untouched_rows_expire_oldest_first() -> None:
    """A touch makes a row young again; the bound itself is not old enough."""
    store: Store[Total] = Store(Total)
    for at_ms, key in enumerate((b"a", b"b", b"c"), start=1):
        store.apply({key: Total(at_ms)}, now_ms=at_ms)
    store.apply({b"a": Total(9)}, now_ms=4)
    assert store.expired(3) == [b"b"]
    assert store.expired(4) == [b"b", b"c"]
    assert store.expired(5) == [b"b", b"c", b"a"]


def test_no_more_expire_than_were_asked_for() -> None:
    """The oldest; what never expires does not count."""
    store: Store[Total] = Store(Total, {b"kept": Total})
    store.apply({b"kept": Total(0), b"a": Total(1), b"b": Total(2), b"c": Total(3)}, now_ms=1)
    assert store.expired(2, most=2) == [b"a", b"b"]
    assert store.expired(2) == [b"a", b"b", b"c"]


@pytest.mark.parametrize(
    ("sent_at_ms", "since_ms", "touched_at_ms"),
    [
        pytest.param({}, 0, 100, id="nobody knows when: now"),
        pytest.param({b"a": 40}, 0, 40, id="when it was sent"),
        pytest.param({b"a": 140}, 0, 100, id="never after the clock"),
        pytest.param({b"a": 40}, 60, 60, id="before a gap that has just ended: at its end"),
        pytest.param({b"a": 70}, 60, 70, id="after it"),
    ],
)
def test_recovered_rows_are_as_old_as_they_were(sent_at_ms, since_ms, touched_at_ms) -> None:
    """Whoever takes a partition over makes nothing young again, and nothing old because nobody was there."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(7)))], sent_at_ms)
    store.loaded(now_ms=100, since_ms=since_ms)
    assert store.expired(touched_at_ms) == []
    assert store.expired(touched_at_ms + 1) == [b"a"]


def test_recovered_rows_expire_oldest_first() -> None:
    """By the last record of each, wherever its first stood; a touch afterwards makes one young."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(1))), (b"b", encode_row(Total(1)))], {b"a": 10, b"b": 20})
    store.load(
        [(b"c", encode_row(Total(1))), (b"a", encode_row(Total(2))), (b"d", None)], {b"c": 30, b"a": 40, b"d": 5}
    )
    store.loaded(now_ms=100)
    assert store.expired(101) == [b"b", b"c", b"a"]
    store.apply({b"b": Total(2)}, now_ms=100)
    assert store.expired(101) == [b"c", b"a", b"b"]


def test_a_jump_of_the_clock_makes_no_row_older() -> None:
    """Each is as old as it was before, not new."""
    store: Store[Total] = Store(Total)
    store.apply({b"a": Total(1)}, now_ms=10)
    store.apply({b"b": Total(1)}, now_ms=20)
    store.stand_still(for_ms=1_000)
    assert store.expired(1_020) == [b"a"]
    assert store.expired(1_021) == [b"a", b"b"]


def test_overlay_shows_this_turn_s_changes_first() -> None:
    """A later batch of the same turn sees what an earlier one changed; the store does not, yet."""
    store: Store[Total] = Store(Total)
    store.apply({b"a": Total(1), b"b": Total(1)}, now_ms=1)
    rows = Overlay(store)
    rows.changes.update({b"a": Total(2), b"b": None})
    assert rows.get(b"a") == Total(2)
    assert rows.get(b"b") is None
    assert store.get(b"a") == Total(1)


def test_what_is_not_a_row_can_be_taken_out_before_recovery_ends() -> None:
    """The position row stands among the rows of the changelog and is none of them."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(7))), (b"position", b"{}")])
    assert store.take_loading(b"position") == b"{}"
    assert store.take_loading(b"position") is None
    store.loaded(now_ms=0)
    assert len(store) == 1


@pytest.mark.parametrize("store", [Store(Total), PackedStore(Total, PACKING)], ids=["plain", "packed"])
def test_frozen_rows_stay_as_they_were(store: Store[Total]) -> None:
    """Whoever looks from another thread sees one moment, and nothing that he decodes comes over a newer row."""
    store.load([(b"a", encode_row(Total(7))), (b"b", encode_row(Total(8)))])
    store.loaded(now_ms=0)
    frozen = store.frozen()
    store.apply({b"a": Total(9), b"b": None, b"c": Total(1)}, now_ms=1)
    assert (frozen(b"a"), frozen(b"b"), frozen(b"c")) == (Total(7), Total(8), None)
    assert dict(store.items()) == {b"a": Total(9), b"c": Total(1)}
