"""How much is kept under one link, and for how long, in numbers: twenty tickets, four complaints, 72 hours."""

import pytest

from pipeline.stage import Batch
from pipeline.tickets.links import fold
from schemas.links import LinkedComplaint, LinkedTicket
from schemas.topics import LINKS
from schemas.vocabulary import Level
from tests.support.tickets import HOUR, MINUTE, at

MONDAY = at("2026-03-02 09:00")
CALL = "conversation:c1"


def ticket(number: int, at_ms: int) -> LinkedTicket:
    """A ticket that was opened so long after Monday nine o'clock."""
    moment = MONDAY + at_ms
    return LinkedTicket(link=CALL, ticket_id=f"T{number}", is_open=True, opened_at=moment, emitted_at=moment)


def complaint(number: int, at_ms: int) -> LinkedComplaint:
    """A complaint so long after Monday nine o'clock."""
    moment = MONDAY + at_ms
    name = f"a{number}"
    return LinkedComplaint(link=CALL, alert_id=name, level=Level.EXPLICIT, occurred_at=moment, emitted_at=moment)


def told(*events):
    """Which ticket is told of which complaint, in one batch."""
    return [(each.value.ticket_id, each.value.cause_id) for each in fold(Batch(LINKS, 0, events, ()), {}).outputs]


def test_the_newest_twenty_tickets_are_told():
    """Of 25 open tickets of one conversation the five oldest are left out."""
    tickets = [ticket(number, number * MINUTE) for number in range(25)]
    assert told(*tickets, complaint(1, HOUR)) == [(f"T{number}", "a1") for number in range(5, 25)]


def test_a_ticket_is_told_of_the_last_four_complaints():
    """What was said before them is known to whoever reads the conversation."""
    complaints = [complaint(number, number * MINUTE) for number in range(6)]
    assert sorted(told(*complaints, ticket(1, HOUR))) == [("T1", f"a{number}") for number in range(2, 6)]


@pytest.mark.parametrize(
    ("gap_ms", "expected"),
    [
        pytest.param(72 * HOUR, [("T1", "a1")], id="72 hours"),
        pytest.param(72 * HOUR + 1, [], id="a millisecond more"),
    ],
)
def test_a_complaint_waits_72_hours_for_its_ticket(gap_ms, expected):
    """Both sides of the boundary."""
    assert told(complaint(1, 0), ticket(1, gap_ms)) == expected
