"""A pack as one value: what goes in comes out, and nothing that comes from a topic can hurt."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.load import parse_pack
from pipeline.rules.parcel import MAX_PACK_BYTES, pack_files, unpack_files
from pipeline.rules.problems import RulePackError
from schemas.rules import MAX_CONTENT_BYTES
from tests.support.packs import files_with


def test_the_version_survives_the_way():
    """It is a hash of the content, so nothing was lost."""
    files = files_with("青山绿水桥")
    assert parse_pack(unpack_files(pack_files(files))).version == parse_pack(files).version


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
def test_files_come_out_as_they_went_in(files):
    """Names and contents, whatever they hold."""
    given = [(name, text.encode(errors="replace")) for name, text in files.items()]
    given = [(name.encode(errors="replace").decode(), data) for name, data in given]
    assert dict(unpack_files(pack_files(given))) == dict(given)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"not packed at all", "is not what", id="no parcel"),
        pytest.param(zlib.compress(b"[1, 2]"), "is not what", id="no files"),
        pytest.param(zlib.compress(b'{"a.yaml": 5}'), "is not what", id="a file without text"),
        pytest.param(zlib.compress(b'{"a.yaml": "x"}')[:-6], "cut off", id="cut off"),
        pytest.param(zlib.compress(b" " * (MAX_PACK_BYTES + 1)), "unfolds to more", id="a bomb"),
    ],
)
def test_what_is_no_parcel_says_so(content, words):
    """As a problem of the pack, never as an exception that nobody expects."""
    with pytest.raises(RulePackError, match=words):
        unpack_files(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_parcel_or_a_problem(content):
    """What a stranger writes on the topic is refused, not suffered."""
    with suppress(RulePackError):
        unpack_files(content)


def test_a_pack_that_fits_no_record_is_refused_when_it_is_packed():
    """With the size, and what to do; text that does not compress is the worst case."""
    import random

    noise = bytes(random.Random(1).choices(range(33, 126), k=2 * MAX_CONTENT_BYTES))
    with pytest.raises(RulePackError, match="take words out"):
        pack_files([("noise.yaml", noise)])
