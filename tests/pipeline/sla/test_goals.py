"""Each goal by itself: what starts its clock, what it is met by, and what comes of reopening."""

import pytest

from pipeline.sla.clock import Phase
from pipeline.sla.facts import ABSORBED, Fact
from pipeline.sla.ticket import take
from schemas.sla_clocks import GoalKind
from tests.support.tickets import HOUR, MINUTE, OFFICE, at, comment_event, pack_of, taken, ticket_event

PACK = pack_of()
MONDAY = at("2026-03-02 09:00")
WORK = pack_of(
    OFFICE
    + "policies:\n  all:\n    zh: 全部\n    calendar: always\n    goals:\n"
    + "      periodic_update: {minutes: {normal: 60}, pause_on: [pending]}\n"
    + "      requester_wait: {minutes: {normal: 600}, pause_on: [pending]}\n"
    + "      handle: {minutes: {normal: 600}, pause_on: [on_hold]}\n"
    + "      first_resolution: {minutes: {normal: 600}}\n"
)


def clock(ticket, kind):
    """The clock of a goal; None where it never began."""
    return next((each for each in ticket.standing.clocks if each.goal is kind), None)


def created(moment=MONDAY, **fields):
    """The beginning of a ticket."""
    return ticket_event(moment, "created", **({"status": "new"} | fields))


def changed(minute, status, **fields):
    """A change of status, minutes after the beginning."""
    return ticket_event(MONDAY + minute * MINUTE, "status_changed", status=status, **fields)


def test_the_next_wait_knows_how_often_one_was_missed():
    """Three hours for an answer that was owed in two; the wait after it begins with a miss, the one after that too."""
    events = [created(), comment_event(MONDAY + 1 * MINUTE, "agent"), comment_event(MONDAY + 2 * MINUTE, "customer")]
    events += [comment_event(MONDAY + 150 * MINUTE, "agent"), comment_event(MONDAY + 155 * MINUTE, "customer")]
    events += [comment_event(MONDAY + 160 * MINUTE, "agent"), comment_event(MONDAY + 165 * MINUTE, "customer")]
    for count, misses in ((3, 0), (5, 1), (7, 1)):
        waits = clock(taken(events[:count], PACK).ticket, GoalKind.NEXT_RESPONSE)
        assert (waits.misses, waits.breached_at_ms) == (misses, None)


def test_a_later_wait_reaches_back_to_nothing():
    """The older customer waited for the first answer; the second wait began when it began."""
    events = [comment_event(MONDAY + minute * MINUTE, role) for minute, role in ((61, "agent"), (62, "customer"))]
    events += [comment_event(MONDAY + minute * MINUTE, role) for minute, role in ((63, "agent"), (70, "customer"))]
    young = taken([created(MONDAY + HOUR), *events], PACK).ticket
    merged = take(young, Fact(at_ms=MONDAY + 80 * MINUTE, event_id="m", event=ABSORBED, since_ms=MONDAY), PACK).ticket
    waits = clock(merged, GoalKind.NEXT_RESPONSE)
    assert (waits.cycle, waits.started_at_ms, waits.elapsed_ms) == (2, MONDAY + 70 * MINUTE, 0)
    again = Fact(at_ms=MONDAY + 90 * MINUTE, event_id="m2", event=ABSORBED, since_ms=MONDAY + 30 * MINUTE)
    after = take(merged, again, PACK).ticket  # one that is younger than what was known changes nothing
    assert clock(after, GoalKind.TOTAL_RESOLUTION).started_at_ms == after.standing.created_at_ms == MONDAY


def test_what_was_cancelled_goes_on_by_the_target_of_the_day():
    """Closed without an answer, raised, reopened: the first response has the hour of its new priority."""
    events = [
        created(),
        ticket_event(MONDAY + 50 * MINUTE, "status_changed", status="solved"),
        ticket_event(MONDAY + 55 * MINUTE, "priority_changed", status="solved", priority="high"),
        ticket_event(MONDAY + 60 * MINUTE, "reopened", priority="high"),
    ]
    again = clock(taken(events, PACK).ticket, GoalKind.FIRST_RESPONSE)
    assert (again.target_ms, again.elapsed_ms, again.breached_at_ms) == (60 * MINUTE, 50 * MINUTE, None)
    closed = clock(taken(events[:3], PACK).ticket, GoalKind.FIRST_RESPONSE)
    assert (closed.phase, closed.target_ms) == (Phase.CANCELLED, 60 * MINUTE)


def test_only_a_public_answer_of_an_agent_is_a_first_response():
    """Notes and bots answer nobody."""
    events = [
        created(),
        comment_event(MONDAY + MINUTE, "bot"),
        comment_event(MONDAY + 2 * MINUTE, "agent", public=False),
        comment_event(MONDAY + 3 * MINUTE, "agent"),
    ]
    for count, phase in ((1, Phase.RUNNING), (2, Phase.RUNNING), (3, Phase.RUNNING), (4, Phase.STOPPED)):
        assert clock(taken(events[:count], PACK).ticket, GoalKind.FIRST_RESPONSE).phase is phase
    assert clock(taken(events, PACK).ticket, GoalKind.FIRST_RESPONSE).elapsed_ms == 3 * MINUTE


def test_next_response_runs_only_while_the_customer_waits():
    """Each wait is a cycle of its own; a second message while waiting starts nothing."""
    events = [
        created(),
        comment_event(MONDAY + 1 * MINUTE, "agent"),
        comment_event(MONDAY + 10 * MINUTE, "customer"),
        comment_event(MONDAY + 20 * MINUTE, "customer"),
        comment_event(MONDAY + 30 * MINUTE, "agent"),
        comment_event(MONDAY + 40 * MINUTE, "customer"),
    ]
    waits = clock(taken(events[:5], PACK).ticket, GoalKind.NEXT_RESPONSE)
    assert (waits.cycle, waits.phase, waits.elapsed_ms) == (1, Phase.STOPPED, 20 * MINUTE)
    again = clock(taken(events, PACK).ticket, GoalKind.NEXT_RESPONSE)
    assert (again.cycle, again.phase, again.started_at_ms) == (2, Phase.RUNNING, MONDAY + 40 * MINUTE)


def test_reopening_goes_on_with_the_total_and_leaves_the_first_resolution():
    """Solved in between does not count; the first resolution is over for good."""
    events = [
        created(),
        ticket_event(MONDAY + HOUR, "status_changed", status="solved"),
        ticket_event(MONDAY + 2 * HOUR, "reopened", status="open"),
        ticket_event(MONDAY + 3 * HOUR, "status_changed", status="solved"),
    ]
    ticket = taken(events, PACK).ticket
    assert clock(ticket, GoalKind.FIRST_RESOLUTION).elapsed_ms == HOUR
    total = clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert (total.elapsed_ms, total.phase) == (2 * HOUR, Phase.STOPPED)
    assert "reopened_soon" in ticket.standing.findings


def test_closing_without_an_answer_is_no_answer():
    """The first response is cancelled, and goes on where it stood when the ticket is reopened."""
    events = [
        created(),
        ticket_event(MONDAY + HOUR, "status_changed", status="solved"),
        ticket_event(MONDAY + 2 * HOUR, "reopened", status="open"),
    ]
    assert clock(taken(events[:2], PACK).ticket, GoalKind.FIRST_RESPONSE).phase is Phase.CANCELLED
    again = clock(taken(events, PACK).ticket, GoalKind.FIRST_RESPONSE)
    assert (again.phase, again.elapsed_ms) == (Phase.RUNNING, HOUR)


@pytest.mark.parametrize(
    ("goal", "minutes"),
    [
        pytest.param(GoalKind.REQUESTER_WAIT, 100 - 20, id="the customer does not wait while asked"),
        pytest.param(GoalKind.HANDLE, 100 - 10 - 30, id="from the assignment on, and not while somebody else is asked"),
    ],
)
def test_waiting_and_handling(goal, minutes):
    """Two goals that stand still in the pauses of others."""
    events = [
        created(),
        ticket_event(MONDAY + 10 * MINUTE, "assigned", assignee_id="A1"),
        changed(20, "pending"),
        changed(40, "on_hold"),
        changed(70, "open"),
        changed(100, "solved"),
    ]
    done = clock(taken(events, WORK).ticket, goal)
    assert (done.phase, done.elapsed_ms) == (Phase.STOPPED, minutes * MINUTE)
    again = clock(taken([*events, changed(200, "open")], WORK).ticket, goal)
    assert (again.phase, again.elapsed_ms) == (Phase.RUNNING, minutes * MINUTE)


def test_nobody_handles_what_nobody_has():
    """The clock of a ticket that was never assigned has not begun."""
    assert clock(taken([created(), changed(10, "open")], WORK).ticket, GoalKind.HANDLE) is None


def test_an_update_is_owed_after_each_answer():
    """From one public answer to the next; the customer's words are none, and what is solved needs no more."""
    events = [created(), comment_event(MONDAY + 10 * MINUTE, "customer")]
    assert clock(taken(events, WORK).ticket, GoalKind.PERIODIC_UPDATE) is None
    events += [comment_event(MONDAY + 20 * MINUTE, "agent"), comment_event(MONDAY + 30 * MINUTE, "customer")]
    first = clock(taken(events, WORK).ticket, GoalKind.PERIODIC_UPDATE)
    assert (first.cycle, first.started_at_ms, first.phase) == (1, MONDAY + 20 * MINUTE, Phase.RUNNING)
    events += [comment_event(MONDAY + 100 * MINUTE, "agent")]
    second = clock(taken(events, WORK).ticket, GoalKind.PERIODIC_UPDATE)
    assert (second.cycle, second.started_at_ms, second.misses) == (2, MONDAY + 100 * MINUTE, 1)
    over = clock(taken([*events, changed(110, "solved")], WORK).ticket, GoalKind.PERIODIC_UPDATE)
    assert (over.phase, over.elapsed_ms) == (Phase.STOPPED, 10 * MINUTE)


def test_a_first_resolution_is_the_first_one():
    """Reopened, it does not run again, whatever becomes of the ticket."""
    events = [created(), changed(100, "solved"), changed(200, "open"), changed(900, "solved")]
    for count in (2, 3, 4):
        first = clock(taken(events[:count], WORK).ticket, GoalKind.FIRST_RESOLUTION)
        assert (first.phase, first.elapsed_ms) == (Phase.STOPPED, 100 * MINUTE)


def test_a_policy_that_comes_after_the_first_resolution_promises_none():
    """Solved while it was urgent, reopened, lowered: the first resolution has been, only the total goes on."""
    events = [
        created(priority="urgent"),
        changed(100, "solved", priority="urgent"),
        changed(110, "open", priority="urgent"),
        ticket_event(MONDAY + 120 * MINUTE, "priority_changed", priority="normal"),
    ]
    ticket = taken(events, PACK).ticket
    assert ticket.standing.policy == "standard"
    assert clock(ticket, GoalKind.FIRST_RESOLUTION) is None
    assert clock(ticket, GoalKind.TOTAL_RESOLUTION).phase is Phase.RUNNING


def test_reopened_under_a_target_that_is_used_up_it_is_late_at_once():
    """Solved within eight hours after five; as an urgent one it has 200 minutes, also where it first waits."""
    solved = [created(), changed(6 * 60, "solved")]  # an hour of them is lunch
    reopened = taken([*solved, changed(7 * 60, "pending", priority="urgent")], PACK).ticket
    total = clock(reopened, GoalKind.TOTAL_RESOLUTION)
    assert (total.phase, total.elapsed_ms, total.target_ms) == (Phase.PAUSED, 5 * HOUR, 200 * MINUTE)
    assert total.breached_at_ms == MONDAY + 7 * HOUR
