"""Rule packs made up for tests: the shipped one with a word of the test's own in it."""

from pathlib import Path
from typing import Any

import yaml

from pipeline.rules.load import DEFAULT_PACK, parse_pack
from pipeline.rules.parcel import pack_files
from schemas.rules import RulesPack, Slot

Files = list[tuple[str, bytes]]

NOON_MS = 1_763_697_600_000


def files_with(word: str, *, level: str = "explicit", score: int = 70) -> Files:
    """The shipped pack in one file, with one more cue."""
    sections: dict[str, Any] = {}
    for path in sorted(DEFAULT_PACK.glob("*.yaml")):
        sections |= yaml.safe_load(path.read_bytes())
    sections["cues"]["made_up"] = {"level": level, "score": score, "words": [word]}
    return [("all.yaml", yaml.safe_dump(sections, allow_unicode=True, sort_keys=False).encode())]


def folder_with(folder: Path, word: str, **cue: Any) -> Path:
    """The same as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files_with(word, **cue):
        (folder / name).write_bytes(data)
    return folder


def push(
    files: list[tuple[str, bytes]], slot: Slot = Slot.LIVE, *, at_ms: int = NOON_MS, version: str = ""
) -> RulesPack:
    """A push of files that make a pack; under another version where one is given."""
    version = version or parse_pack(files).version
    return RulesPack(slot=slot, version=version, content=pack_files(files), at=at_ms, pushed_by="tests")


def emptied(slot: Slot, *, at_ms: int = NOON_MS) -> RulesPack:
    """A push that empties a slot."""
    return RulesPack(slot=slot, version="", content=b"", at=at_ms, pushed_by="tests")
