"""Policies and calendars from disk: a shipped preset by its name, or the operator's own file or folder."""

from pathlib import Path

import pipeline.sla
from pipeline.rules.problems import Problem
from pipeline.sla.load import SlaError, parse_sla
from pipeline.sla.policy import SlaPack

PRESETS = Path(pipeline.sla.__file__).with_name("presets")


def preset_names() -> list[str]:
    """The shipped presets."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def load_sla(source: str) -> SlaPack:
    """The policies of a preset, a file, or every `*.yaml` of a folder; raises one SlaError that lists every problem."""
    paths = _paths(source)
    try:
        files = [(path.name, path.read_bytes()) for path in paths]
    except OSError as error:
        raise SlaError([Problem(source, 0, "", f"cannot be read: {error.strerror or error}")]) from error
    if not files:
        presets = ", ".join(preset_names())
        raise SlaError([Problem(source, 0, "", f"is no preset ({presets}), no file and no folder with *.yaml files")])
    return parse_sla(files)


def _paths(source: str) -> list[Path]:
    if source in preset_names():
        return [PRESETS / f"{source}.yaml"]
    path = Path(source)
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path] * path.exists()
