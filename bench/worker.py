"""A worker that runs the reference job: the engine and nothing else. `BENCH_` variables say where."""

import os

from agents.engine.connection import Connection, Pace
from agents.engine.limits import DeadLetterLimit
from agents.engine.observer import Silent
from agents.engine.partitions import Partitions
from agents.engine.shell import build_shell, run_worker
from bench.reference import reference_stage


def main() -> None:
    """Run until SIGTERM."""
    prefix = os.environ["BENCH_PREFIX"]
    connection = Connection(
        bootstrap=os.environ["BENCH_BROKER"], application_id=f"{prefix}app", topic_prefix=prefix, compression=None
    )
    pace = Pace(max_turn_records=int(os.environ.get("BENCH_TURN_RECORDS", "10000")))
    limit = DeadLetterLimit(0.5, window_records=1_000)
    engine = Partitions([reference_stage()], connection, pace, observer=Silent(), limit=limit)
    shell, watchdog = build_shell(engine, connection, faust_options={"datadir": os.environ["BENCH_FOLDER"]})
    watchdog.start()
    run_worker(shell)


if __name__ == "__main__":
    main()
