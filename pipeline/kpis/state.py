"""The rows of the kpis stage: the hours of every subject, and what stands against a subject."""

import msgspec

from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.kpis import Measure, Measures

DAY_HOURS = 24
ALLOWED_LATENESS_MS = 2 * MINUTE_MS
BEFORE_HOURS = 7 * DAY_HOURS  # what figures are compared with
LOOK_EVERY_MS = 5 * MINUTE_MS  # at a subject that could fall silent


class Hour(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One hour of one subject."""

    subject: str
    start_ms: int
    measures: Measures
    version: int = 0  # of the last published snapshot
    is_closed: bool = False


class Open(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An alert that stands."""

    since_ms: int
    grade: int = 1


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is remembered of a subject between two looks."""

    subject: str
    hour_start_ms: int = 0  # for which the two below were summed up
    before: dict[str, Measure] = {}  # what its figures are compared with
    usual: dict[str, tuple[int, ...]] = {}  # contacts by channel in seven days, at this hour and those before it
    heard_ms: dict[str, int] = {}  # when a channel was last told of
    alerts: dict[str, Open] = {}  # by figure or channel


class KpiRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of the stage."""

    hour: Hour | None = None
    standing: Standing | None = None
    wake_at_ms: int = 0


def hour_key(subject: str, start_ms: int) -> bytes:
    """Where an hour is kept."""
    return f"hour|{start_ms // HOUR_MS}|{subject}".encode()


def standing_key(subject: str) -> bytes:
    """Where it is kept what stands against a subject."""
    return f"subject|{subject}".encode()
