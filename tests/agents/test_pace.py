"""How much one turn of the engine takes."""

import pytest

from agents.pace import LEAST_BYTES, LEAST_RECORDS, MOST_BYTES, READER_RECORDS, TURN_BYTES, TURN_BYTES_ON_LOOP, pace_of
from agents.settings import Engine, Settings


@pytest.mark.parametrize(("most", "partitions"), [(5_000, 1), (5_000, 8), (20, 4), (5_000, 1_000)])
def test_turns_are_small_beside_a_reader(most: int, partitions: int) -> None:
    """All partitions together have a bounded time of reading under way; what an operator says is smaller counts."""
    settings = Settings(partitions=partitions, engine=Engine(batch_records_max=most))
    turn = pace_of(settings, has_reader=True).max_turn_records
    assert 0 < turn <= most
    assert turn * partitions <= max(READER_RECORDS, LEAST_RECORDS * partitions)
    assert pace_of(settings, has_reader=False).max_turn_records == most


@pytest.mark.parametrize("partitions", [1, 4, 8, 64, 1_000])
@pytest.mark.parametrize(("processes", "total"), [(0, TURN_BYTES_ON_LOOP), (1, TURN_BYTES)])
def test_long_texts_of_all_partitions_are_bounded_together(partitions: int, processes: int, total: int) -> None:
    """Less where the loop reads them itself; twice as much may wait for the next turn."""
    settings = Settings(partitions=partitions, engine=Engine(reading_processes=processes))
    pace = pace_of(settings, has_reader=False)
    assert LEAST_BYTES <= pace.max_turn_bytes <= MOST_BYTES
    assert pace.max_turn_bytes * partitions <= max(total, LEAST_BYTES * partitions)
    assert pace.queued_bytes == 2 * pace.max_turn_bytes
