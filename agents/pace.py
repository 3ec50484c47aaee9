"""How the engine batches, by the settings and by what reads its texts; and how many processes read them."""

import os

from agents.engine.connection import Pace
from agents.settings import Settings

# Records that the turns of all partitions may have under way beside a reader, which takes up to 40 ms for a text: no
# partition waits so long for the others that the watchdog takes it for stuck, and what the loop has to read itself
# (comments of feedback, a shadow pack) keeps no transaction open for longer than the broker bears.
READER_RECORDS = 400
LEAST_RECORDS = 10  # of one turn, however many partitions there are
# The same in bytes of a topic. Events have half a kilobyte; texts of 8,000 characters that are nothing but threats have
# 24, and take 75 ms each: 25 s of reading in all, 13 where the loop has to read them itself.
TURN_BYTES, TURN_BYTES_ON_LOOP = 8 << 20, 4 << 20
LEAST_BYTES, MOST_BYTES = 64 << 10, 2 << 20


def pace_of(settings: Settings, *, has_reader: bool) -> Pace:
    """How the engine batches, commits and gives up."""
    engine = settings.engine
    most = engine.batch_records_max
    if has_reader:
        most = min(most, max(READER_RECORDS // settings.partitions, LEAST_RECORDS))
    turn_bytes = (TURN_BYTES if reading_processes_wanted(settings) else TURN_BYTES_ON_LOOP) // settings.partitions
    turn_bytes = min(max(turn_bytes, LEAST_BYTES), MOST_BYTES)
    return Pace(
        max_turn_records=most,
        max_turn_bytes=turn_bytes,
        min_turn_seconds=engine.transaction_interval_seconds,
        position_seconds=engine.position_after_seconds,
        give_up_seconds=engine.stop_within_seconds,
        recovery_seconds=engine.recovery_within_seconds,
    )


def reading_processes_wanted(settings: Settings) -> int:
    """How many processes read texts for the worker: one where there is a core for it and nothing else is said."""
    wanted = settings.engine.reading_processes
    if wanted is None:
        wanted = min(1, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else 1
    return wanted
