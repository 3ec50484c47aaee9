"""A worker that runs the reference job and writes what it did to a file, once a second, as JSON lines."""

import json
import os
import resource
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.engine.connection import Connection, Pace
from agents.engine.limits import DeadLetterLimit
from agents.engine.observer import Silent
from agents.engine.partitions import Partitions
from agents.engine.shell import build_shell, run_worker
from bench.reference import reference_stage
from pipeline.stage import Turn

# A killed worker must not hold its partitions for a minute, as Faust's defaults would have it.
GROUP = {"broker_session_timeout": 6.0, "broker_heartbeat_interval": 1.0, "broker_rebalance_timeout": 10.0}


class Meter(Silent):
    """Counts events and remembers when the first and the last were committed."""

    def __init__(self) -> None:
        self.events = 0
        self.recovered_seconds = 0.0
        self.recovered_rows = 0

    def turn_committed(
        self,
        stage: str,
        partition: int,
        records: Mapping[str, int],
        turn: Turn[Any],
        *,
        decide_seconds: float,
        committed_at_ms: int,
        newest_ms: Mapping[str, int],
    ) -> None:
        """Add the records of one turn."""
        self.events += sum(records.values())

    def recovered(self, stage: str, partition: int, *, rows: int, seconds: float) -> None:
        """Remember the slowest partition."""
        self.recovered_rows += rows
        self.recovered_seconds = max(self.recovered_seconds, seconds)

    def report_to(self, path: Path) -> None:
        """Append a line every quarter of a second: seconds since the epoch, events, CPU seconds, bytes in memory."""
        with path.open("a", encoding="utf-8") as file:
            while True:
                usage = resource.getrusage(resource.RUSAGE_SELF)
                line = {
                    "at": time.time(),
                    "events": self.events,
                    "cpu_seconds": usage.ru_utime + usage.ru_stime,
                    "rss_bytes": usage.ru_maxrss * 1024,
                    "recovered_rows": self.recovered_rows,
                    "recovered_seconds": self.recovered_seconds,
                }
                file.write(json.dumps(line) + "\n")
                file.flush()
                time.sleep(0.25)


def main() -> None:
    """Run; the broker, the prefix and the report's path come from BENCH_ variables."""
    prefix = os.environ["BENCH_PREFIX"]
    connection = Connection(
        bootstrap=os.environ["BENCH_BROKER"], application_id=f"{prefix}bench", topic_prefix=prefix, compression=None
    )
    meter = Meter()
    pace = Pace(max_turn_records=int(os.environ.get("BENCH_TURN_RECORDS", "10000")))
    limit = DeadLetterLimit(0.5, window_records=1_000)
    engine = Partitions([reference_stage()], connection, pace, observer=meter, limit=limit)
    shell, watchdog = build_shell(engine, connection, faust_options=GROUP)
    watchdog.start()
    report = Path(os.environ["BENCH_REPORT"])
    threading.Thread(target=meter.report_to, args=(report,), daemon=True).start()
    run_worker(shell)


if __name__ == "__main__":
    main()
