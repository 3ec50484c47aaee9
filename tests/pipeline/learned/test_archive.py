"""Model files: the same content has the same version, and what is no model is refused before it is used."""

import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.learned.archive import ModelError, read_model, write_model
from tests.support.models import BITS, arrays, model_bytes

WORDS = {"原地不动": (9.0, 0.0, 0.0)}


def test_the_version_is_of_the_content():
    """The same arrays have the same version; one weight more or less has another."""
    version = read_model("m", model_bytes(WORDS)).version
    assert read_model("m", model_bytes(WORDS)).version == version
    assert read_model("m", model_bytes({"原地不动": (8.0, 0.0, 0.0)})).version != version


def changed(**changes) -> bytes:
    """A model file with other arrays."""
    return write_model({**arrays(WORDS), **changes}, bits=BITS, features=["f"], classes=[["refund"]], card={})


def zipped(**members: bytes) -> bytes:
    """A zip with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def repacked(name: str, content: bytes) -> bytes:
    """A model file with one member replaced."""
    with zipfile.ZipFile(io.BytesIO(model_bytes(WORDS))) as archive:
        members = {each.removesuffix(".npy"): archive.read(each) for each in archive.namelist()}
    return zipped(**{**members, name: content})


def pickled() -> bytes:
    """An array that would be unpickled."""
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return file.getvalue()


def encrypted() -> bytes:
    """A model file whose members claim to be encrypted: bit 0 of their flags, in both places where a zip has them."""
    data = bytearray(model_bytes(WORDS))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(signature, place + 4)
    return bytes(data)


def boasting() -> bytes:
    """An array whose header promises a terabyte."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<i2", "fortran_order": False, "shape": (1 << 39,)})
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "not a zip", id="empty"),
        pytest.param(b"PK\x03\x04 nonsense", "not a zip", id="nonsense"),
        pytest.param(zipped(a=b"1"), "expected the arrays", id="other arrays"),
        pytest.param(repacked("levels", pickled()), "do not fit", id="a pickle"),
        pytest.param(repacked("levels", boasting()), "do not fit", id="a header that boasts"),
        pytest.param(repacked("about", b"\x93NUMPY\x01\x00"), "no model", id="half an array"),
        pytest.param(encrypted(), "encrypted", id="encrypted"),
        pytest.param(changed(thresholds=np.zeros(2)), "thresholds: expected the shape", id="a wrong shape"),
        pytest.param(changed(level_bias=np.full(3, np.nan)), "level_bias: holds a value", id="not a number"),
        pytest.param(changed(levels=np.ones((3, 1 << BITS))), "bucket 0", id="nothing weighs something"),
    ],
)
def test_what_is_no_model_is_refused(data, said):
    """By name, with the reason, and never by running it."""
    with pytest.raises(ModelError, match=r"^m\.npz: ") as refusal:
        read_model("m.npz", data)
    assert said in str(refusal.value)


def test_every_cut_of_a_file_is_refused():
    """A file that was not copied to its end is no model."""
    data = model_bytes(WORDS)
    for length in range(0, len(data), 97):
        with pytest.raises(ModelError):
            read_model("m", data[:length])


@settings(max_examples=40)
@given(st.data())
def test_a_file_with_one_wrong_byte_is_refused_or_read(data):
    """Never anything else: zlib has errors of its own."""
    whole = model_bytes(WORDS)
    place = data.draw(st.integers(0, len(whole) - 1))
    torn = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    with suppress(ModelError):
        assert len(read_model("torn", torn).classes) == 1
