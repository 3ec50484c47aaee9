"""What waits for a stage, and how far it has read: the group's offsets pass nothing that a stage has yet to read."""

from datetime import timedelta

import pytest

from agents.engine.connection import Connection
from agents.engine.transactions import partition_of
from agents.engine.turns import StageState, decide, least_read, open_share, published, time_of
from pipeline.stage import Effects, Output, Stage
from schemas.base import Wire
from schemas.codec import Record
from schemas.topics import ALERTS, TICKS

HURRIED, PATIENT = timedelta(0), timedelta(milliseconds=250)


class Row(Wire, tag="row/1", frozen=True):
    """Nothing is kept here."""


def state(patience: timedelta) -> StageState:
    """A stage that reads ticks."""
    return StageState(Stage("any", (TICKS,), Row, (), lambda batch, rows: Effects(), patience=patience))


def ticks(*offsets: int) -> dict[str, list[Record]]:
    """Records at these offsets, for everybody."""
    return {TICKS.name: [Record(offset, 0, b"k", b'{"now_ms":1000}') for offset in offsets]}


def turn(of: StageState) -> None:
    """Read all that waits, as the partition does once its transaction is committed."""
    of.position = decide(open_share(of, partition=0)).position


def test_offsets_wait_for_a_stage_that_has_read_nothing_yet():
    """It would never see the records before the offset that a hurried one moved: the first given one counts."""
    hurried, patient = state(HURRIED), state(PATIENT)
    for each in (hurried, patient):
        each.give(ticks(40, 41), now=0.0)
    turn(hurried)
    assert least_read([hurried, patient]) == {TICKS.name: 40}
    turn(patient)
    assert least_read([hurried, patient]) == {TICKS.name: 42}


def test_offsets_wait_while_what_was_taken_is_not_decided():
    """A turn that was opened ahead may never come about."""
    hurried, patient = state(HURRIED), state(PATIENT)
    for each in (hurried, patient):
        each.give(ticks(40), now=0.0)
    open_share(patient, partition=0)
    turn(hurried)
    assert least_read([hurried, patient]) == {TICKS.name: 40}


def test_what_was_read_is_not_given_again():
    """A new owner's consumer begins at the group's offsets; each stage takes only what it has not read."""
    known = state(PATIENT)
    known.give(ticks(40, 41), now=0.0)
    turn(known)
    known.give(ticks(40, 41, 42), now=1.0)
    assert [record.offset for record in known.backlog.take()[TICKS.name]] == [42]


def test_all_that_waited_is_one_turn():
    """Its position row tells one turn, and so does the oracle."""
    known = state(PATIENT)
    known.give(ticks(40), now=0.0)
    known.give(ticks(41), now=0.1)
    turn(known)
    assert known.position.turns == [{TICKS.name: 42}]


@pytest.mark.parametrize("partition", range(4))
def test_an_output_goes_to_the_partition_of_its_key(partition: int):
    """Wherever it was caused: an alert of a region by what was heard of an agent, a signal by another ticket."""
    output = Output(ALERTS, b"440000", None)
    stage = Stage("any", (ALERTS, TICKS), Row, (ALERTS,), lambda batch, rows: Effects(outputs=[output]))
    known = StageState(stage)
    known.give(ticks(40), now=0.0)
    connection = Connection(bootstrap="nobody:1", application_id="t", partitions=4)
    share = decide(open_share(known, partition=partition))
    ((destination, record),) = published(share, connection, partition=partition)
    assert (destination, record.key) == ((ALERTS.name, partition_of(b"440000", 4)), b"440000")


def test_the_time_of_records_is_that_of_most():
    """A few senders whose clocks are an hour off, either way, do not count."""
    times = [*range(1_000, 1_900), *[3_600_000] * 50, *[1] * 50]
    records = [Record(number, time_ms, b"k", b"") for number, time_ms in enumerate(times)]
    assert 1_300 <= time_of(records) <= 1_600
