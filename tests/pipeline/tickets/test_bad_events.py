"""What ticket systems should not send: the clock is right all the same, or the record is refused and says why."""

from itertools import permutations

import pytest

from agents.stages.tickets import tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.deadletters import DeadLetter
from schemas.sla_clocks import TicketClocks
from schemas.ticks import Tick
from schemas.topics import TICKETS, TICKS
from tests.support.tickets import HOUR, MINUTE, STANDARD, at, comment_event, pack_of, ticket_event

STAGE = tickets_stage(pack_of(), NO_TABLES)
MONDAY = at("2026-03-02 09:00")
DAY = 24 * HOUR


def published(events, written_at_ms=None):
    """What comes of ticket events and ticks in this order of arrival, by type; written at once, or as time goes by."""
    runner, found, now_ms = Runner([STAGE], partition_of=lambda key: 0), {}, 0
    for number, event in enumerate(events):
        if isinstance(event, int):
            incoming = Incoming(TICKS, 0, Record(number, event, b"0", codec.encode(Tick(now_ms=event, reason="timer"))))
        else:
            now_ms = written_at_ms or max(now_ms, event.occurred_at)
            key = event.ticket_id.encode()
            incoming = Incoming(TICKETS, 0, Record(number, now_ms, key, codec.encode(event)))
        for output in runner.feed([incoming]):
            found.setdefault(type(output.value), []).append(output.value)
    return found


def clocks(found):
    """Each clock as it was published last: what was used and when it is due."""
    last = found[TicketClocks][-1].clocks
    return {each.clock: (each.started_at, each.paused_ms, each.due_at, each.state) for each in last}


STORY = (
    ticket_event(MONDAY, "created", status="new"),
    ticket_event(MONDAY + 10 * MINUTE, "status_changed", status="pending"),
    ticket_event(MONDAY + 30 * MINUTE, "status_changed", status="open"),
    comment_event(MONDAY + 40 * MINUTE, "agent"),
)
IN_ORDER = clocks(published(STORY, MONDAY + HOUR))


@pytest.mark.parametrize("order", tuple(permutations(range(len(STORY)))), ids=lambda order: "".join(map(str, order)))
def test_out_of_order(order):
    """Whatever the order of arrival, the clocks are those of the order in which things happened."""
    assert clocks(published([STORY[number] for number in order], MONDAY + HOUR)) == IN_ORDER


def test_duplicated():
    """Each event three times, some much later: nothing is counted twice."""
    assert clocks(published([*STORY, *STORY, STORY[1], STORY[0]], MONDAY + HOUR)) == IN_ORDER


def test_without_a_created_event():
    """The first event that was sent begins the clocks, and the account says so."""
    found = published(STORY[1:])
    assert clocks(found)["total_resolution"][0] == MONDAY + 10 * MINUTE
    assert found[TicketClocks][-1].ledger_tail[0].why == "no_created_event"


def test_a_sender_whose_clock_is_fast():
    """Within a day it happened when it was written."""
    fast = ticket_event(MONDAY + 5 * HOUR, "created", status="new")
    assert clocks(published([fast], MONDAY))["total_resolution"][0] == MONDAY


@pytest.mark.parametrize(
    "moment",
    [pytest.param(MONDAY + 25 * HOUR, id="a day ahead"), pytest.param(MONDAY - 31 * DAY, id="a month behind")],
)
def test_from_another_time(moment):
    """Refused with the field and the reason; the tickets beside it have their clocks."""
    found = published([ticket_event(moment, "created", ticket_id="T9"), STORY[0]], MONDAY)
    (letter,) = found[DeadLetter]
    assert (letter.reason, letter.path) == ("time_out_of_range", "$.occurred_at")
    assert {each.ticket_id for each in found[TicketClocks]} == {"T1"}


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(comment_event(MONDAY + 2 * HOUR, "customer"), id="the customer writes"),
        pytest.param(ticket_event(MONDAY + 2 * HOUR, "reopened", status="open"), id="reopened"),
        pytest.param(ticket_event(MONDAY + 2 * HOUR, "priority_changed", priority="urgent"), id="raised"),
        pytest.param(ticket_event(MONDAY + 2 * HOUR, "assigned", assignee_id="A2"), id="assigned"),
    ],
)
def test_for_a_merged_ticket(later):
    """Merged away it is owed nothing more, whatever is still sent about it; nobody is warned."""
    merged = ticket_event(MONDAY + HOUR, "merged", status="closed", merged_into="T0")
    ticking = [MONDAY + minute * MINUTE for minute in range(62, 2_000, 4)]
    found = published([STORY[0], merged, MONDAY + 61 * MINUTE, *ticking[:10], later, *ticking[10:]])
    assert {each.state for each in found[TicketClocks][-1].clocks} == {"cancelled"}
    assert found[TicketClocks][-1].merged_into == "T0"
    assert Alert not in found


def test_merged_into_itself():
    """Nonsense changes nothing: the clocks go on."""
    found = published([STORY[0], ticket_event(MONDAY + HOUR, "merged", merged_into="T1")])
    assert (found[TicketClocks][-1].merged_into, clocks(found)["total_resolution"][3]) == ("", "active")


@pytest.mark.parametrize("status", ["open", "closed"])
@pytest.mark.parametrize("reason", ["deleted", "spam"])
def test_thrown_away(reason, status):
    """Neither met nor missed, whatever status it was left with; out of the bin again it goes on where it stood."""
    gone = ticket_event(MONDAY + HOUR, "closed", status=status, reason=reason)
    edited = ticket_event(MONDAY + 2 * HOUR, "updated", status=status)
    found = published([STORY[0], gone, edited])
    assert {each.state for each in found[TicketClocks][-1].clocks} == {"cancelled"}
    assert found[TicketClocks][-1].ledger_tail[-1].why == f"closed:{reason}"
    back = published([STORY[0], gone, edited, ticket_event(MONDAY + 3 * HOUR, "reopened", status="open")])
    # from twelve to one nobody works
    assert {(each.state, each.elapsed_ms) for each in back[TicketClocks][-1].clocks} == {("active", HOUR)}


def test_an_answer_that_was_given_stays_given():
    """What was met before the ticket was thrown away was met."""
    gone = ticket_event(MONDAY + HOUR, "closed", status="closed", reason="deleted")
    states = {each.clock: each.state for each in published([*STORY, gone])[TicketClocks][-1].clocks}
    assert states == {"first_response": "hit", "first_resolution": "cancelled", "total_resolution": "cancelled"}


def test_merged_before_anything_else_was_heard_of_it():
    """The merge came first, the creation after it: no clock runs."""
    merged = ticket_event(MONDAY + HOUR, "merged", status="closed", merged_into="T0")
    found = published([merged, STORY[0]], MONDAY + HOUR)
    assert {each.state for each in found[TicketClocks][-1].clocks} <= {"cancelled"}


@pytest.mark.parametrize("name", ["\x00load", "\x00", "load", "\ufeffT1"])
def test_a_ticket_whose_id_is_strange_is_a_ticket(name):
    """No id is the row of something else: the ticket has its clocks, and those beside it theirs."""
    strange = ticket_event(MONDAY, "created", ticket_id=name, status="new", group_id="south")
    beside = ticket_event(MONDAY + MINUTE, "created", ticket_id="T2", status="new", group_id="south")
    again = ticket_event(MONDAY + 2 * MINUTE, "assigned", ticket_id=name, status="open", assignee_id="A1")
    with_forces = tickets_stage(pack_of(STANDARD + "task_forces: {south: {zh: 华南}}\n"), NO_TABLES)
    runner = Runner([with_forces], partition_of=lambda key: 0)
    for number, event in enumerate([strange, beside, again]):
        record = Record(number, event.occurred_at, event.ticket_id.encode(), codec.encode(event))
        list(runner.feed([Incoming(TICKETS, 0, record)]))
    rows = runner.rows(with_forces)
    standing = rows[0, name.encode()].ticket.standing
    assert (standing.has_creation, standing.group_id, standing.assignee_id) == (True, "south", "A1")
    assert [row.load for row in rows.values() if row.load] == [{"south": 2}]


def test_an_event_without_what_it_must_have():
    """Refused with the field; its neighbours stay."""
    runner = Runner([STAGE], partition_of=lambda key: 0)
    bad = Record(0, MONDAY, b"T1", b'{"schema":"ticket.event/1","event_id":"e","source":"desk","ticket_id":"T1"}')
    good = Record(1, MONDAY, b"T2", codec.encode(ticket_event(MONDAY, "created", ticket_id="T2")))
    values = [output.value for output in runner.feed([Incoming(TICKETS, 0, bad), Incoming(TICKETS, 0, good)])]
    (letter,) = [value for value in values if isinstance(value, DeadLetter)]
    assert letter.reason == "schema"
    assert {value.ticket_id for value in values if isinstance(value, TicketClocks)} == {"T2"}
