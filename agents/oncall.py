"""The on-call file from disk: the operator's, or the one that is shipped, which tells nobody but the console."""

from pathlib import Path

import pipeline.incidents
from pipeline.incidents.load import OnCall, OnCallError, parse_oncall
from pipeline.rules.problems import Problem

DEFAULT_FILE = Path(pipeline.incidents.__file__).with_name("oncall.yaml")


def load_oncall(path: Path | None = None) -> OnCall:
    """The file of a path; raises one OnCallError that lists every problem."""
    path = path or DEFAULT_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OnCallError([Problem(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error
    return parse_oncall(path.name, data)
