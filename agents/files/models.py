"""Which model a process works with: the shipped one, a company's own, or none."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pipeline.learned
from pipeline.learned.archive import read_model
from pipeline.learned.model import Model
from pipeline.learned.reader import ReaderError, open_reader

BUILTIN, READER, OFF = "builtin", "reader", "off"
BUILTIN_FILE, READER_FILE = (Path(pipeline.learned.__file__).with_name(name) for name in ("builtin.npz", "reader.onnx"))


class ModelFiles(NamedTuple):
    """What a setting stands for: without a model there is no reader either."""

    model: Path | None
    reader: Path | None


def model_files(name: str) -> ModelFiles:
    """The files of `builtin`, `off`, or a path; `+reader` or `+PATH.onnx` behind it puts a reader beside the model.

    Raises a ReaderError where there is no model to stand beside.
    """
    linear, _, reader = name.rpartition("+")
    if not linear or not (reader == READER or reader.endswith(READER_FILE.suffix)):
        return ModelFiles(_model_file(name), None)
    model = _model_file(linear)
    if model is None:
        raise ReaderError(f"{name}: a reader works beside a model, and there is none")
    return ModelFiles(model, READER_FILE if reader == READER else Path(reader))


def load_model(name: str) -> Model | None:
    """The model of a setting, as `model_files` reads it.

    Raises a ModelError, a ReaderError, or an OSError that names the file.
    """
    files = model_files(name)
    if files.model is None:
        return None
    model = read_model(_shown(files.model), files.model.read_bytes())
    if files.reader is None:
        return model
    reader = open_reader(_shown(files.reader), files.reader.read_bytes())
    return replace(model, version=f"{model.version}+{reader.version}", reader=reader)


def _model_file(name: str) -> Path | None:
    return None if name == OFF else BUILTIN_FILE if name == BUILTIN else Path(name)


def _shown(file: Path) -> str:
    return {BUILTIN_FILE: BUILTIN, READER_FILE: READER}.get(file, str(file))
