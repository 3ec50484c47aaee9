"""Rows packed by what they have in common with a sample."""

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.packing import Packing, wake_of_packed

PACKING = Packing(b'{"wake_at_ms":1700000000000,"note":"the parcel has not come"}')


class Note(msgspec.Struct, omit_defaults=True):
    """A row for these tests."""

    wake_at_ms: int = 0
    note: str = ""


@given(note=st.text(max_size=300), wake_at_ms=st.integers(0, 2**53))
def test_a_packed_row_is_unpacked_as_it_was(note, wake_at_ms):
    """Whatever it says, and however little it is like the sample; its moment can be read from outside."""
    row = Note(wake_at_ms, note)
    value = PACKING.pack(row)
    assert msgspec.json.decode(PACKING.unpack(value), type=Note) == row
    assert wake_of_packed(value) == wake_at_ms


def test_what_is_like_the_sample_takes_little_room():
    """Most of it need not be said again."""
    row = Note(1_700_000_000_001, "the parcel has not come, and it is late")
    assert len(PACKING.pack(row)) < 0.7 * len(msgspec.json.encode(row))


def test_a_row_from_before_packing_is_read_as_it_is():
    """An update must not lose what the changelog holds."""
    value = msgspec.json.encode(Note(5, "old"))
    assert PACKING.unpack(value) == value
    assert wake_of_packed(value) == 5


def test_a_row_of_another_sample_is_refused():
    """It would be read as something else; the worker ends instead."""
    with pytest.raises(zlib.error):
        Packing(b'{"note":"another"}').unpack(PACKING.pack(Note(5, "old")))
