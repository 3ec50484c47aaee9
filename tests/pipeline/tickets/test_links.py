"""Complaints and tickets meet under a link, whichever comes first: which tickets are told, of what, and as of when."""

import pytest

from pipeline.stage import Batch
from pipeline.tickets.links import fold
from pipeline.times import heard_ms
from schemas.links import LinkedComplaint, LinkedTicket
from schemas.topics import LINKS
from schemas.vocabulary import Level
from tests.support.tickets import HOUR, MINUTE, at

MONDAY = at("2026-03-02 09:00")
CALL, CUSTOMER, ORDER = "conversation:c1", "customer:k1", "order:o1"


def ticket(minute=0, name="T1", *, link=CALL, read_ms=None):
    """A ticket that was opened so many minutes after nine, and when its link was read."""
    opened_ms = MONDAY + minute * MINUTE
    read_ms = opened_ms if read_ms is None else MONDAY + read_ms
    return LinkedTicket(link=link, ticket_id=name, is_open=True, opened_at=opened_ms, emitted_at=read_ms)


def complaint(minute, level=Level.HIGH_RISK, *, link=CALL, **fields):
    """A complaint so many minutes after nine."""
    moment = MONDAY + minute * MINUTE
    told = {"alert_id": f"a{minute}", "level": level, "occurred_at": moment, "emitted_at": moment} | fields
    return LinkedComplaint(link=link, **told)


def signals(*events):
    """What the tickets are told."""
    rows, found = {}, []
    for event in events:
        effects = fold(Batch(LINKS, 0, [event], ()), rows)
        rows |= effects.changes
        found += [output.value for output in effects.outputs]
    return found


def told(*events):
    """Which ticket is told of which complaint, and how many minutes after nine that is for it."""
    return [
        (each.ticket_id, each.cause_id, (heard_ms(each.occurred_at, each.emitted_at) - MONDAY) / MINUTE)
        for each in signals(*events)
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([ticket(), complaint(1)], [("T1", "a1", 1)], id="the ticket first"),
        pytest.param([complaint(1), ticket()], [("T1", "a1", 1)], id="read in the other order"),
        pytest.param([complaint(1), ticket(read_ms=10 * MINUTE)], [("T1", "a1", 1)], id="linked later"),
        pytest.param([complaint(-60), ticket()], [("T1", "a-60", 0)], id="opened after it: as of then"),
        pytest.param([ticket(), complaint(-1)], [("T1", "a-1", 0)], id="opened after it, read before"),
        pytest.param([complaint(1), ticket(read_ms=72 * HOUR + MINUTE)], [("T1", "a1", 1)], id="three days"),
        pytest.param([complaint(1), ticket(read_ms=72 * HOUR + 2 * MINUTE)], [], id="longer ago than that"),
        pytest.param([complaint(-72 * HOUR // MINUTE - 1), ticket()], [], id="long before it was opened"),
    ],
)
def test_ticket_and_complaint_meet_in_any_order(events, expected):
    """Nothing is lost, and nothing happens to a ticket before it is there."""
    assert told(*events) == expected


@pytest.mark.parametrize("link", [CUSTOMER, ORDER])
def test_of_a_customers_tickets_the_newest_is_meant(link):
    """Also where the link of an older one is read after the complaint; one from before both is for both."""
    new, old = ticket(5, "T2", link=link), ticket(0, "T1", link=link)
    names = [each[:2] for each in told(new, complaint(6, link=link), old) if not each[1].startswith("repeated")]
    assert names == [("T2", "a6")]
    assert [each[:2] for each in told(new, complaint(-1, link=link), old) if each[1] == "a-1"] == [
        ("T2", "a-1"),
        ("T1", "a-1"),
    ]


def test_the_gravest_complaint_is_told_first():
    """Of what waits for a ticket nothing is left out, and what is milder adds nothing to it."""
    mild, grave = complaint(-60, Level.POTENTIAL), complaint(-90)
    assert [each[1] for each in told(grave, mild, ticket())] == ["a-90", "a-60"]
    drill = complaint(-30, test="d1")
    assert [each.test for each in signals(mild, drill, ticket())] == ["d1", ""]


def test_a_complaint_of_the_future_is_one_of_now():
    """What a fast clock says is yet to come occurred when it was heard."""
    ahead = complaint(120, emitted_at=MONDAY + MINUTE)
    assert told(ticket(), ahead) == told(ahead, ticket()) == [("T1", "a120", 1)]
    assert told(ahead, ticket(1.5)) == [("T1", "a120", 1.5)]
    assert signals(ahead, ticket(read_ms=HOUR))[0].emitted_at == MONDAY + HOUR
