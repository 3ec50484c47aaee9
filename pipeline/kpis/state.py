"""The rows of the kpis stage: the hours of every subject, and what stands against a subject."""

import msgspec

from schemas.kpis import Measure, Measures

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
ALLOWED_LATENESS_MS = 2 * MINUTE_MS
NOW_HOURS = 24  # what a score is now
BEFORE_HOURS = 7 * 24  # what it is compared with


class Hour(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One hour of one subject."""

    subject: str
    start_ms: int
    measures: Measures
    version: int = 0  # of the last published snapshot
    is_closed: bool = False


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is remembered of a subject between two looks."""

    subject: str
    hour_start_ms: int = 0  # for which `before` was summed up
    before: dict[str, Measure] = {}  # what its figures are compared with
    open_since_ms: dict[str, int] = {}  # alerts that stand, by figure


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
