"""Rows in memory: lazy after recovery, expired by the log's clock, overlaid while a turn is decided."""

import msgspec

from pipeline.rows import Overlay, Store, encode_row


class Total(msgspec.Struct):
    """A row for these tests."""

    n: int


def test_a_row_read_back_is_the_row_that_was_written() -> None:
    """What recovery loads is bytes until it is asked for."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(3))), (b"a", encode_row(Total(7)))])
    store.loaded(now_ms=0)
    assert store.get(b"a") == Total(7)
    assert dict(store.items()) == {b"a": Total(7)}


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


def test_recovered_rows_count_as_touched() -> None:
    """Nothing expires because the worker was away."""
    store: Store[Total] = Store(Total)
    store.load([(b"a", encode_row(Total(7)))])
    store.loaded(now_ms=100)
    assert store.expired(100) == []
    assert store.expired(101) == [b"a"]


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
