"""One dated row a run: what was measured, on what, with which versions. Appended to `results.csv`, never rewritten."""

import csv
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.process import ROOT

FILE = Path(__file__).with_name("results.csv")


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one run; empty where a job was not run."""

    at: str
    commit: str
    cores: int
    python: str
    faust: str
    aiokafka: str
    data: str
    reference_events_per_second: float | None = None
    reference_cpu_us_per_event: float | None = None
    reference_peak_rss_mb: float | None = None
    product_events_per_second: float | None = None
    product_cpu_us_per_event: float | None = None
    product_peak_rss_mb: float | None = None
    delay_alerts: int | None = None
    delay_p50_ms: float | None = None
    delay_p99_ms: float | None = None
    recovered_rows: int | None = None
    recovery_seconds: float | None = None
    ready_after_recovery_seconds: float | None = None
    ready_empty_seconds: float | None = None
    notify_alerts: int | None = None
    notify_p50_ms: float | None = None
    notify_p99_ms: float | None = None
    tickets: int | None = None
    ticket_bytes: int | None = None
    ready_after_tickets_seconds: float | None = None
    ready_after_tickets_cpu_seconds: float | None = None
    ticket_tick_p99_ms: float | None = None
    ticket_warning_slowest_seconds: float | None = None
    boards: int | None = None
    boards_cut_off: int | None = None
    boards_cpu_share: float | None = None
    boards_peak_rss_mb: float | None = None
    boards_p50_ms: float | None = None
    boards_p99_ms: float | None = None
    gathered_alerts: int | None = None
    gathered_p50_ms: float | None = None
    gathered_p99_ms: float | None = None
    rules_events_per_second: float | None = None
    rules_cpu_us_per_event: float | None = None
    rules_peak_rss_mb: float | None = None


def machine() -> dict[str, str | int]:
    """When, where and with what."""
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": git.stdout.strip() or "unknown",
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "faust": version("faust-streaming"),
        "aiokafka": version("aiokafka"),
    }


def append(row: Row) -> None:
    """Add the row; the first one writes the head."""
    names = [field.name for field in fields(Row)]
    is_new = not FILE.exists()
    with FILE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(asdict(row))
