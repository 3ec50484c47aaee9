"""A model as bytes and back: an `.npz` of plain arrays, never a pickle; sizes and shapes are checked before use.

The version is a hash over names, types, shapes and content of the arrays: the same training gives the same version,
whatever wrote the file.
"""

import hashlib
import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.errors import TocsinError
from pipeline.learned.model import QUESTIONS, Model

FORMAT = 1
MAX_BYTES = (
    64 * 1024 * 1024
)  # of the file, and of all arrays together: a zip of a few kilobytes can unpack to gigabytes
MAX_CLASSES = 64
MAX_FEATURES = 20_000
_BITS = range(10, 21)
_ARRAYS = {
    "levels": "int16",
    "level_scales": "float64",
    "level_bias": "float64",
    "thresholds": "float64",
    "reasons": "int16",
    "reason_scales": "float64",
    "reason_bias": "float64",
    "reason_thresholds": "float64",
    "level_features": "float64",
    "reason_features": "float64",
    "about": "uint8",
}


class ModelError(TocsinError):
    """A file is no model of ours, or a damaged one; the text says what is wrong with it."""


class _About(msgspec.Struct):
    """What a model says of itself, as JSON in the array `about`."""

    format: int
    bits: int
    features: list[str]
    classes: list[list[str]]
    card: dict[str, Any] = {}


def write_model(
    arrays: Mapping[str, npt.NDArray[Any]],
    *,
    bits: int,
    features: list[str],
    classes: list[list[str]],
    card: Mapping[str, Any],
) -> bytes:
    """The bytes of a model file. `arrays` are those of `Model`, by name."""
    about = msgspec.json.encode(_About(FORMAT, bits, features, classes, dict(card)), order="sorted")
    content = {**arrays, "about": np.frombuffer(about, np.uint8)}
    file = io.BytesIO()
    typed: dict[str, Any] = {name: content[name].astype(kind) for name, kind in _ARRAYS.items()}
    np.savez_compressed(file, **typed)
    return file.getvalue()


def read_model(name: str, data: bytes) -> Model:
    """The model in these bytes; raises a ModelError that begins with `name`."""
    try:
        arrays = _arrays(data)
        about = msgspec.json.decode(arrays["about"].tobytes(), type=_About)
        _check(arrays, about)
    except (
        ValueError,
        EOFError,
        KeyError,
        OSError,
        RuntimeError,  # of zipfile: a member is encrypted, or packed in a way that it cannot read
        zipfile.BadZipFile,
        zlib.error,
        msgspec.MsgspecError,
    ) as error:
        raise ModelError(f"{name}: no model of Tocsin: {error}") from error
    return Model(
        version=_version(arrays),
        bits=about.bits,
        levels=arrays["levels"],
        level_scales=arrays["level_scales"],
        level_bias=arrays["level_bias"],
        thresholds=arrays["thresholds"],
        reasons=arrays["reasons"],
        reason_scales=arrays["reason_scales"],
        reason_bias=arrays["reason_bias"],
        reason_thresholds=arrays["reason_thresholds"],
        classes=tuple(tuple(leaves) for leaves in about.classes),
        features={feature: place for place, feature in enumerate(about.features)},
        level_features=arrays["level_features"],
        reason_features=arrays["reason_features"],
        about=about.card,
    )


def _arrays(data: bytes) -> dict[str, npt.NDArray[Any]]:
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes; expected at most {MAX_BYTES}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
        expected = {f"{array}.npy" for array in _ARRAYS}
        if members.keys() != expected:
            raise ValueError(f"expected the arrays {', '.join(sorted(_ARRAYS))}")
        if sum(members.values()) > MAX_BYTES:
            raise ValueError(f"its arrays are larger than {MAX_BYTES} bytes")
        arrays: dict[str, npt.NDArray[Any]] = {}
        for array, kind in _ARRAYS.items():
            content = archive.read(f"{array}.npy")
            _check_header(array, content)
            arrays[array] = np.load(io.BytesIO(content), allow_pickle=False)
            if arrays[array].dtype != np.dtype(kind):
                raise ValueError(f"{array}: expected {kind}, not {arrays[array].dtype}")
    return arrays


def _check_header(array: str, content: bytes) -> None:
    """The shape in the header must be that of the bytes, before anything is made for it."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{array}: expected an array of format 1.0")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(content) - file.tell():
        raise ValueError(f"{array}: its header and its size do not fit")


def _check(arrays: Mapping[str, npt.NDArray[Any]], about: _About) -> None:
    if about.format != FORMAT:
        raise ValueError(f"format {about.format}; this version reads {FORMAT}")
    if about.bits not in _BITS:
        raise ValueError(f"bits: expected {_BITS.start} to {_BITS.stop - 1}")
    if len(about.classes) > MAX_CLASSES or len(about.features) > MAX_FEATURES:
        raise ValueError(f"more than {MAX_CLASSES} classes of reasons or {MAX_FEATURES} features")
    buckets, levels = 1 << about.bits, len(QUESTIONS)
    classes, features = len(about.classes), len(about.features)
    shapes: dict[str, tuple[int, ...]] = {
        "levels": (levels, buckets),
        "level_scales": (levels,),
        "level_bias": (levels,),
        "thresholds": (levels,),
        "reasons": (classes, buckets),
        "reason_scales": (classes,),
        "reason_bias": (classes,),
        "reason_thresholds": (classes,),
        "level_features": (features, levels),
        "reason_features": (features, classes),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name}: expected the shape {shape}, not {arrays[name].shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name}: holds a value that is no number")
    if arrays["levels"][:, 0].any() or arrays["reasons"][:, 0].any():
        raise ValueError("bucket 0 stands for nothing and must weigh nothing")


def _version(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:12]
