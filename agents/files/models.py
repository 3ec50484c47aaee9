"""Which model a process works with: the shipped one, a company's own, or none."""

from pathlib import Path

import pipeline.learned
from pipeline.learned.archive import read_model
from pipeline.learned.model import Model

BUILTIN, OFF = "builtin", "off"
BUILTIN_FILE = Path(pipeline.learned.__file__).with_name("builtin.npz")


def load_model(name: str) -> Model | None:
    """The model of a setting: `builtin`, `off`, or a path. Raises a ModelError, or an OSError that names the file."""
    if name == OFF:
        return None
    file = BUILTIN_FILE if name == BUILTIN else Path(name)
    return read_model(str(file) if name != BUILTIN else BUILTIN, file.read_bytes())
