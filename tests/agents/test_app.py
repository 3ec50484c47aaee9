"""How a worker is put together from its settings."""

import pytest

from agents.app import LEAST_RECORDS, READER_RECORDS, pace_of
from agents.settings import Engine, Settings


@pytest.mark.parametrize(("most", "partitions"), [(5_000, 1), (5_000, 8), (20, 4), (5_000, 1_000)])
def test_turns_are_small_beside_a_reader(most: int, partitions: int) -> None:
    """All partitions together have a bounded time of reading under way; what an operator says is smaller counts."""
    settings = Settings(partitions=partitions, engine=Engine(batch_records_max=most))
    turn = pace_of(settings, has_reader=True).max_turn_records
    assert 0 < turn <= most
    assert turn * partitions <= max(READER_RECORDS, LEAST_RECORDS * partitions)
    assert pace_of(settings, has_reader=False).max_turn_records == most
