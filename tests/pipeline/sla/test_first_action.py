"""The clock of a complaint: what ends it, who did, and that an acknowledgement is a fact like any other."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from pipeline.sla.clock import Phase
from pipeline.sla.facts import fact_of_signal
from pipeline.sla.ticket import take
from schemas.actions import ActionKind
from schemas.links import Acknowledgement, SignalKind, TicketSignal
from schemas.sla_clocks import GoalKind
from schemas.vocabulary import Level
from tests.support.tickets import MINUTE, STANDARD, at, facts_of, pack_of, taken, ticket_event

PACK = pack_of()
MONDAY = at("2026-03-02 09:00")
POTENTIAL, EXPLICIT, HIGH = Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK
CREATED = ticket_event(MONDAY, "created", status="new")
ASSIGNED = ticket_event(MONDAY + 4 * MINUTE, "assigned", assignee_id="A1", actor_id="A2")


def complained(minute, level):
    """A complaint of a level, so many minutes after nine."""
    moment = MONDAY + minute * MINUTE
    told = TicketSignal(
        ticket_id="T1", kind=SignalKind.COMPLAINED, cause_id=f"a{minute}", occurred_at=moment, level=level
    )
    return fact_of_signal(told)


def acknowledged(minute, level, action=ActionKind.ACK):
    """Somebody takes an incident of a level in hand."""
    done = Acknowledgement(incident_id="i1", level=level, action_id=f"x{minute}", action=action, actor="duty-1")
    told = TicketSignal(
        ticket_id="T1",
        kind=SignalKind.ACKNOWLEDGED,
        cause_id=f"a{minute}",
        occurred_at=MONDAY + minute * MINUTE,
        acknowledgement=done,
    )
    return fact_of_signal(told)


def after(*facts, pack=PACK, ticket=None):
    """The ticket after facts in the order in which they came."""
    ticket = ticket or taken([CREATED], pack).ticket
    for fact in facts:
        ticket = take(ticket, fact, pack).ticket
    return ticket


def clock(ticket):
    """The clock of the complaint."""
    return next(each for each in ticket.standing.clocks if each.goal is GoalKind.FIRST_ACTION)


def stops(ticket):
    """Why, by whom and by what the clock stopped, each time."""
    lines = [each for each in ticket.ledger if each.clock.startswith("first_action") and each.kind == "stop"]
    return [(each.why, each.by, each.event_id, each.elapsed_before) for each in lines]


@pytest.mark.parametrize("action", [ActionKind.ACK, ActionKind.RESOLVE, ActionKind.CLOSE_HIGH_RISK])
def test_who_takes_the_incident_in_hand_ends_the_clock(action):
    """The line says what was done to which incident, by whom, and by which action."""
    ticket = after(complained(1, EXPLICIT), acknowledged(3, EXPLICIT, action))
    assert clock(ticket).phase is Phase.STOPPED
    assert stops(ticket) == [(f"{action}:i1", "duty-1", "x3", 2 * MINUTE)]
    assert ticket.standing.level is EXPLICIT


@pytest.mark.parametrize(
    ("complaints", "acked", "phase"),
    [
        pytest.param([POTENTIAL], EXPLICIT, Phase.STOPPED, id="a milder one in the incident of a graver"),
        pytest.param([POTENTIAL, EXPLICIT, HIGH], HIGH, Phase.STOPPED, id="all that came before the gravest"),
        pytest.param([HIGH, POTENTIAL], HIGH, Phase.STOPPED, id="a milder one that came after"),
        pytest.param([EXPLICIT, HIGH], EXPLICIT, Phase.RUNNING, id="nobody has seen the graver one"),
    ],
)
def test_an_acknowledgement_counts_for_complaints_up_to_its_level(complaints, acked, phase):
    """Whoever takes the milder incident in hand may know nothing of the graver."""
    facts = [complained(minute, level) for minute, level in enumerate(complaints, 1)]
    assert clock(after(*facts, acknowledged(4, acked))).phase is phase


def test_the_next_complaint_wants_somebody_again():
    """A graver one that was dealt with makes no later one wait for its level."""
    ticket = after(complained(1, HIGH), acknowledged(2, HIGH), complained(5, EXPLICIT), acknowledged(6, EXPLICIT))
    assert (clock(ticket).cycle, clock(ticket).phase) == (2, Phase.STOPPED)
    assert [each[2] for each in stops(ticket)] == ["x2", "x6"]


def test_what_came_first_is_the_first_action():
    """An acknowledgement after an assignment ends nothing, and the other way round, in whatever order they are read."""
    (assigned,) = facts_of([ASSIGNED])
    for late_ack, line in [(3, ("ack:i1", "duty-1", "x3", 2 * MINUTE)), (5, ("action", "A2", "assigned-", 3 * MINUTE))]:
        for order in permutations([complained(1, EXPLICIT), assigned, acknowledged(late_ack, EXPLICIT)]):
            ((why, by, event_id, elapsed_ms),) = stops(after(*order))
            assert (why, by, event_id.removesuffix(str(assigned.at_ms)), elapsed_ms) == line


def test_other_policies_leave_it_as_it_was():
    """What was acknowledged in time stays so, and is reckoned again from the same fact."""
    ticket = after(complained(1, EXPLICIT), acknowledged(9, EXPLICIT))
    stricter = pack_of(STANDARD.replace("explicit: 10", "explicit: 2"))
    (late,) = facts_of([ticket_event(MONDAY + 2 * MINUTE, "updated")])
    changed = after(late, pack=stricter, ticket=ticket)
    assert stops(changed) == stops(ticket)
    assert clock(changed).breached_at_ms is None


def test_alone_it_says_nothing():
    """Without a complaint there is no clock."""
    assert after(acknowledged(3, HIGH)).ledger == taken([CREATED], PACK).ticket.ledger
    assert after(acknowledged(3, HIGH)).standing.level is Level.NONE


@pytest.mark.parametrize(
    ("deed", "phase"),
    [
        pytest.param({"kind": "status_changed", "actor_id": "customer"}, Phase.RUNNING, id="the customer by name"),
        pytest.param(
            {"kind": "status_changed", "actor_id": "k1", "requester_key": "k1"}, Phase.RUNNING, id="the customer by key"
        ),
        pytest.param({"kind": "status_changed", "actor_id": "tocsin"}, Phase.RUNNING, id="what we asked for"),
        pytest.param({"kind": "escalated", "actor_id": "tocsin"}, Phase.RUNNING, id="escalated because we asked"),
        pytest.param(
            {"kind": "assigned", "actor_id": "tocsin", "assignee_id": "A1"}, Phase.STOPPED, id="handed to a person"
        ),
        pytest.param({"kind": "status_changed", "actor_id": "A1"}, Phase.STOPPED, id="a person"),
        pytest.param({"kind": "status_changed"}, Phase.STOPPED, id="somebody whom the system does not name"),
    ],
)
def test_who_has_acted(deed, phase):
    """A person of the house: neither the customer nor a machine that did as it was told."""
    (fact,) = facts_of([ticket_event(MONDAY + 4 * MINUTE, **deed)])
    assert clock(after(complained(1, HIGH), fact)).phase is phase


def test_that_the_ticket_stays_with_whom_it_was_is_no_handing_on():
    """The echo of a command names the assignee that the ticket has had for long."""
    before, echo = facts_of(
        [
            ticket_event(MONDAY + MINUTE, "assigned", assignee_id="A1"),
            ticket_event(MONDAY + 4 * MINUTE, "assigned", assignee_id="A1", group_id="g", actor_id="tocsin"),
        ]
    )
    assert clock(after(before, complained(2, HIGH), echo)).phase is Phase.RUNNING


@pytest.mark.parametrize(
    ("complaints", "minutes"),
    [
        pytest.param([HIGH], 5, id="the gravest"),
        pytest.param([POTENTIAL], 30, id="a later milder one"),
        pytest.param([POTENTIAL, HIGH], 6, id="which rises again a minute later"),
        pytest.param([EXPLICIT, POTENTIAL], 10, id="which falls"),
    ],
)
def test_each_complaint_has_the_time_of_its_own_level(complaints, minutes):
    """Whatever the ticket was told before, and dealt with."""
    (answer,) = facts_of([ticket_event(MONDAY + 2 * MINUTE, "assigned", assignee_id="A1")])
    facts = [complained(minute, level) for minute, level in enumerate(complaints, 10)]
    found = clock(after(complained(1, HIGH), answer, *facts))
    assert (found.cycle, found.target_ms) == (2, minutes * MINUTE)


def test_of_two_complaints_of_one_moment_the_graver_counts():
    """Both were there when the ticket was opened, whichever was read first."""
    same = [complained(1, POTENTIAL), complained(1, HIGH)]
    (answer,) = facts_of([ticket_event(MONDAY + 2 * MINUTE, "assigned", assignee_id="A1")])
    assert clock(after(*same)).target_ms == 5 * MINUTE
    again = [complained(5, POTENTIAL), complained(5, HIGH)]
    assert clock(after(*same, answer, *again)).target_ms == 5 * MINUTE


def test_a_row_of_old_keeps_its_time():
    """It knows what waits, not what that was for; the clock goes on as it was, and is met."""
    ticket = after(complained(1, HIGH))
    old = replace(ticket, standing=replace(ticket.standing, answered_for=Level.NONE))
    (act,) = facts_of([ticket_event(MONDAY + 3 * MINUTE, "status_changed", status="open")])
    found = clock(after(act, ticket=old))
    assert (found.phase, found.target_ms, found.breached_at_ms) == (Phase.STOPPED, 5 * MINUTE, None)
