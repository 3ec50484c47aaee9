"""`python -m bench`: start a Kafka, run the jobs one after the other, print and append the figures.

Each throughput and each delay is the median of `--runs` runs. Broker, worker, writer and reader share this machine,
and nothing else should run beside them. Not measured: a network, replicas, disks under pressure, several workers.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from agents.broker import Broker
from agents.demo.processes import free_port
from bench import jobs
from bench.boards import boards
from bench.input import data_name
from bench.notify import Hops, notify
from bench.phrases import pack_of_many
from bench.results import Row, append, machine
from bench.rush import open_tickets

MEBI = 1 << 20
JOBS = ("reference", "product", "rules", "delay", "notify", "recovery", "ready", "tickets", "boards")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("jobs", nargs="*", default=list(JOBS), help=f"any of {', '.join(JOBS)}; all by default")
    parser.add_argument("--runs", type=int, default=3, help="runs of each throughput and delay job; the median counts")
    parser.add_argument("--reference-events", type=int, default=2_000_000)
    parser.add_argument("--product-events", type=int, default=600_000)
    parser.add_argument("--notify-seconds", type=int, default=30, help="of the notify job, after its warm-up")
    parser.add_argument("--notify-per-second", type=int, default=5_000, help="events of the notify job")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to recover")
    parser.add_argument("--tickets", type=int, default=1_000_000, help="open tickets of one worker")
    parser.add_argument("--due", type=int, default=10_000, help="of them come to a warning within one minute")
    parser.add_argument("--boards", type=int, default=200, help="open boards of one server")
    parser.add_argument("--boards-seconds", type=int, default=30, help="of the boards job, after its warm-up")
    parser.add_argument("--no-row", action="store_true", help="print only; append nothing to bench/results.csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        broker = Broker.start(Path(folder) / "kafka")
        try:
            figures = run(broker.bootstrap, Path(folder), options)
        finally:
            broker.stop()
    row = Row(**machine(), data=data_name(), **figures)  # type: ignore[arg-type]
    if not options.no_row:
        append(row)


def run(bootstrap: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Every job that was asked for; figures by the names of the result's columns."""
    prefixes = (f"b{number}." for number in range(1_000))
    figures: dict[str, Any] = {}
    if "reference" in options.jobs:
        count = options.reference_events
        figures |= throughput(
            "reference", options.runs, lambda: jobs.reference(bootstrap, next(prefixes), folder, count=count)
        )
    if "product" in options.jobs:
        count = options.product_events
        figures |= throughput(
            "product", options.runs, lambda: jobs.product(bootstrap, next(prefixes), folder, count=count)
        )
    if "rules" in options.jobs:
        count, many = options.product_events, {"TOCSIN_RULES_DIR": str(pack_of_many(folder / "many"))}
        figures |= throughput(
            "rules",
            options.runs,
            lambda: jobs.product(bootstrap, next(prefixes), folder, count=count, environment=many),
        )
    if "delay" in options.jobs:
        figures |= delays(
            options.runs, lambda: jobs.delay(bootstrap, next(prefixes), folder, per_second=5_000, seconds=30)
        )
    if "notify" in options.jobs:
        rate, seconds = options.notify_per_second, options.notify_seconds
        figures |= hops(
            options.runs, lambda: notify(bootstrap, next(prefixes), folder, per_second=rate, seconds=seconds)
        )
    if "recovery" in options.jobs:
        back = jobs.recovery(bootstrap, next(prefixes), folder, rows=options.rows, port=free_port())
        say(f"recovery   {back.rows:,} rows in {back.recovery_seconds:.1f} s, ready after {back.ready_seconds:.1f} s")
        figures |= {
            "recovered_rows": back.rows,
            "recovery_seconds": round(back.recovery_seconds, 2),
            "ready_after_recovery_seconds": round(back.ready_seconds, 2),
        }
    if "ready" in options.jobs:
        empty = jobs.recovery(bootstrap, next(prefixes), folder, rows=0, port=free_port())
        say(f"ready      {empty.ready_seconds:.1f} s after start on an empty state")
        figures["ready_empty_seconds"] = round(empty.ready_seconds, 2)
    if "tickets" in options.jobs:
        count, due = options.tickets, options.due
        told = open_tickets(bootstrap, next(prefixes), folder, count=count, due=due, port=free_port())
        say(
            f"tickets    {count:,} open, {told.bytes_each:,.0f} bytes each, back in {told.ready_seconds:.1f} s, "
            f"{told.ready_cpu_seconds:.1f} s of CPU; tick p99 <= {told.tick_p99_seconds * 1000:.0f} ms; "
            f"{told.warned:,} of {due:,} warned, the slowest {told.slowest_seconds:.1f} s after its instant"
        )
        figures |= {
            "tickets": count,
            "ticket_bytes": round(told.bytes_each),
            "ready_after_tickets_seconds": round(told.ready_seconds, 2),
            "ready_after_tickets_cpu_seconds": round(told.ready_cpu_seconds, 2),
            "ticket_tick_p99_ms": round(told.tick_p99_seconds * 1000),
            "ticket_warning_slowest_seconds": round(told.slowest_seconds, 2),
        }
    if "boards" in options.jobs:
        count, seconds = options.boards, options.boards_seconds
        shown = boards(bootstrap, next(prefixes), folder, count=count, per_second=5_000, seconds=seconds)
        say(
            f"boards     {count} open, {shown.cut_off} cut off; {shown.cpu_share:.0%} of a core, "
            f"{shown.peak_rss_bytes / MEBI:.0f} MiB; p50 {shown.p50_ms:.0f} ms, p99 {shown.p99_ms:.0f} ms "
            f"of {shown.alerts:,} alerts on each"
        )
        figures |= {
            "boards": count,
            "boards_cut_off": shown.cut_off,
            "boards_cpu_share": round(shown.cpu_share, 3),
            "boards_peak_rss_mb": round(shown.peak_rss_bytes / MEBI),
            "boards_p50_ms": round(shown.p50_ms),
            "boards_p99_ms": round(shown.p99_ms),
        }
    return figures


def throughput(name: str, runs: int, job: Callable[[], jobs.Throughput]) -> dict[str, float]:
    """The median of some runs of a job."""
    found = []
    for number in range(1, runs + 1):
        began = time.monotonic()
        one = job()
        found.append(one)
        say(
            f"{name:<10} {one.events_per_second:>9,.0f} events/s  {one.cpu_us_per_event:>5.1f} µs an event  "
            f"{one.peak_rss_bytes / MEBI:>5.0f} MiB   run {number} of {runs}, {time.monotonic() - began:.0f} s"
        )
    return {
        f"{name}_events_per_second": round(median(each.events_per_second for each in found)),
        f"{name}_cpu_us_per_event": round(median(each.cpu_us_per_event for each in found), 2),
        f"{name}_peak_rss_mb": round(median(each.peak_rss_bytes for each in found) / MEBI),
    }


def delays(runs: int, job: Callable[[], jobs.Delays]) -> dict[str, float]:
    """The medians of some runs at a steady rate."""
    found = []
    for number in range(1, runs + 1):
        one = job()
        found.append(one)
        say(
            f"delay      {shown(one.raised)} of {one.raised.alerts} alerts; of {one.gathered.alerts} that gather "
            f"several {shown(one.gathered)}   run {number} of {runs}"
        )
    return medians("delay", [each.raised for each in found]) | medians("gathered", [each.gathered for each in found])


def hops(runs: int, job: Callable[[], Hops]) -> dict[str, float]:
    """The same of the way to the vendor, with its pieces."""
    found = []
    for number in range(1, runs + 1):
        one = job()
        found.append(one.whole)
        pieces = "; ".join(f"{name} {shown(getattr(one, name))}" for name in ("heard", "decided", "sent"))
        say(f"notify     {shown(one.whole)} of {one.whole.alerts} alerts ({pieces})   run {number} of {runs}")
    return medians("notify", found)


def shown(one: jobs.Delay) -> str:
    """A delay for a reader."""
    return f"p50 {one.p50_ms:.0f} ms, p99 {one.p99_ms:.0f} ms"


def medians(name: str, found: Sequence[jobs.Delay]) -> dict[str, float]:
    """What some runs come to, by the names of the result's columns."""
    return {
        f"{name}_alerts": round(median(each.alerts for each in found)),
        f"{name}_p50_ms": round(median(each.p50_ms for each in found)),
        f"{name}_p99_ms": round(median(each.p99_ms for each in found)),
    }


def say(text: str) -> None:
    """A line at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
