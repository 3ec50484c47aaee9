"""Back-tests that are kept for the board: a JSON file each in a folder, named after the moment at which it was made."""

import re
from pathlib import Path

import msgspec
import structlog

from pipeline.backtest.report import Report
from schemas.base import EpochMillis

log = structlog.get_logger(__name__)

SHOWN_MAX = 50  # newest
_ID = re.compile(r"[0-9]{1,16}")


class Backtest(msgspec.Struct, frozen=True):
    """One comparison; times in milliseconds, `since` 0 where all of history was read."""

    made_at: EpochMillis
    since: EpochMillis
    until: EpochMillis
    report: Report


class _Version(msgspec.Struct, frozen=True):
    version: str


class _Sides(msgspec.Struct, frozen=True):
    before: _Version
    after: _Version


class _Head(msgspec.Struct, frozen=True):
    """As much of a file as a list needs."""

    made_at: EpochMillis
    since: EpochMillis
    until: EpochMillis
    report: _Sides


class Listed(msgspec.Struct, frozen=True):
    """A back-test in a list."""

    id: str
    made_at: int
    since: int
    until: int
    before: str  # versions of the packs
    after: str


_decode_head = msgspec.json.Decoder(_Head).decode
_decode = msgspec.json.Decoder(Backtest).decode


def save(folder: Path, backtest: Backtest) -> Path:
    """Write it whole or not at all; the folder is made where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{backtest.made_at}.json"
    half = path.with_suffix(".half")
    half.write_bytes(msgspec.json.encode(backtest))
    return half.replace(path)


def saved(folder: Path) -> list[Listed]:
    """What a folder has, the newest first; a file that is no back-test is logged and passed over."""
    paths = [path for path in folder.glob("*.json") if _ID.fullmatch(path.stem)]
    found = []
    for path in sorted(paths, key=lambda path: int(path.stem), reverse=True)[:SHOWN_MAX]:
        try:
            head = _decode_head(path.read_bytes())
        except (OSError, ValueError) as error:
            log.warning("backtest_unreadable", file=path.name, error=str(error))
            continue
        sides = head.report
        found.append(Listed(path.stem, head.made_at, head.since, head.until, sides.before.version, sides.after.version))
    return found


def load(folder: Path, backtest_id: str) -> Backtest | None:
    """One of them; None where there is no such file, or it is none of ours."""
    if not _ID.fullmatch(backtest_id):
        return None
    try:
        return _decode((folder / f"{backtest_id}.json").read_bytes())
    except (OSError, ValueError):
        return None
