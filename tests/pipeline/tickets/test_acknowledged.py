"""From the person on call to the ticket: who acknowledges the incident of a complaint has acted on its ticket."""

import pytest

from agents.stages.incidents import incidents_stage
from agents.stages.tickets import LINKING, tickets_stage
from pipeline.conversation.advice import AdviceBook
from pipeline.places.resolve import NO_TABLES
from pipeline.runner import Incoming, Runner
from pipeline.sla.account import Written, account
from schemas import codec
from schemas.actions import Action, ActionKind
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.incidents import Incident
from schemas.links import LinkedAcknowledgement, SignalKind, TicketSignal
from schemas.sla_clocks import TicketClocks
from schemas.tickets import TicketEvent
from schemas.topics import ACTIONS, ALERTS, TICKETS
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import HOUR_START_MS, MINUTE, alert
from tests.support.incidents import MANAGER, PLAN, act, high, silence
from tests.support.tickets import pack_of, ticket_event

PACK = pack_of()
STAGES = (tickets_stage(PACK, NO_TABLES), LINKING, incidents_stage(PLAN, advice=AdviceBook()))
TOPICS = {TicketEvent: (TICKETS, "ticket_id"), Alert: (ALERTS, "region"), Action: (ACTIONS, "region")}
INCIDENT = "incident:conversation:c1:level_rise:c1:explicit:e1"


def created(at_ms=-MINUTE, **fields):
    """A ticket of the conversation `c1`."""
    about = {"status": "new", "conversation_id": "c1", "customer_key": "k1"} | fields
    return ticket_event(HOUR_START_MS + at_ms, "created", **about)


def incoming(event):
    """An event as a record, written when it happened."""
    topic, key = TOPICS[type(event)]
    at_ms = event.emitted_at if isinstance(event, Alert) else event.occurred_at
    return Incoming(topic, 0, Record(0, at_ms, getattr(event, key).encode(), codec.encode(event)))


def run(*events, most=1_000):
    """What comes of events in this order, by type."""
    runner = Runner(STAGES, partition_of=lambda key: 0)
    found = {}
    for output in runner.feed([incoming(event) for event in events], most=most):
        found.setdefault(type(output.value), []).append(output.value)
    return found


def signals(found):
    """Which tickets were told of which acknowledged alert, by whom."""
    told = [each for each in found.get(TicketSignal, []) if each.kind is SignalKind.ACKNOWLEDGED]
    return [(each.ticket_id, each.cause_id, each.acknowledgement.actor) for each in told]


def first_action(found, ticket_id="T1"):
    """The ticket's clock of complaints as it was told last, and the last line about it."""
    last = [each for each in found[TicketClocks] if each.ticket_id == ticket_id][-1]
    (clock,) = [each for each in last.clocks if each.clock == "first_action"]
    line = [each for each in last.ledger_tail if each.clock == "first_action"][-1]
    return clock, (line.kind, line.why, line.by, line.event_id)


def test_the_acknowledgement_of_its_incident_stops_the_clock_of_a_ticket():
    """After two of five minutes; `sla explain` comes to the same from what the ticket was told."""
    ticket, ack = created(), act(ActionKind.ACK, INCIDENT, 2 * MINUTE)
    found = run(ticket, high(1), ack)
    assert found[Incident][-1].incident_id == INCIDENT
    clock, line = first_action(found)
    assert (clock.state, clock.elapsed_ms, clock.stopped_at) == ("hit", 2 * MINUTE, ack.at)
    assert line == ("stop", f"ack:{INCIDENT}", "duty-1", ack.action_id)
    written = [Written(ticket, ticket.occurred_at), *(Written(each, each.emitted_at) for each in found[TicketSignal])]
    reckoned = account(written, PACK, until_ms=ack.at).clocks
    assert clock in reckoned.clocks
    assert reckoned.ledger_tail == found[TicketClocks][-1].ledger_tail


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": SignalKind.PROMISED, "cause_id": "p1:running"}, id="its customer was promised something"),
        pytest.param({"kind": SignalKind.COMPLAINED, "level": Level.HIGH_RISK, "test": "d1"}, id="a drill"),
        pytest.param(
            {"kind": SignalKind.ABSORBED, "since": HOUR_START_MS - 60 * MINUTE, "test": "d1"}, id="its merger"
        ),
    ],
)
def test_what_moves_no_clock_of_the_ticket_changes_nothing_in_its_account(changes):
    """`sla explain` says what the worker says, also of tickets that were told other things."""
    ticket = created()
    fields = {"ticket_id": "T1", "cause_id": "x", "occurred_at": HOUR_START_MS + MINUTE} | changes
    signal = TicketSignal(**fields, emitted_at=HOUR_START_MS + MINUTE)
    until_ms = HOUR_START_MS + MINUTE // 2
    with_it, without = (
        account([Written(each, 0) for each in told], PACK, until_ms=until_ms) for told in ((ticket, signal), (ticket,))
    )
    assert with_it.clocks == without.clocks


def test_a_ticket_that_is_opened_after_the_acknowledgement_has_both():
    """The complaint, and that somebody had it in hand before the ticket was there: nobody owes anything more."""
    ack = act(ActionKind.ACK, INCIDENT, 2 * MINUTE)
    found = run(high(1, customer_key="k1"), ack, created(5 * MINUTE))
    clock, line = first_action(found)
    assert (clock.state, clock.started_at, clock.elapsed_ms) == ("hit", HOUR_START_MS + 5 * MINUTE, 0)
    assert line[:3] == ("stop", f"ack:{INCIDENT}", "duty-1")
    assert signals(found) == [("T1", high(1).alert_id, "duty-1")]


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_it_is_told_once_however_the_log_is_cut(most):
    """Every ticket of the conversation; a repeat and a second acknowledgement say nothing new."""
    ack = act(ActionKind.ACK, INCIDENT, 2 * MINUTE)
    again = act(ActionKind.ACK, INCIDENT, 3 * MINUTE, "duty-2")
    other = created(ticket_id="T2")
    found = run(created(), other, high(1, customer_key="k1"), ack, ack, again, most=most)
    assert signals(found) == [(name, high(1).alert_id, "duty-1") for name in ("T1", "T2")]
    versions = [(each.ticket_id, each.version) for each in found[TicketClocks]]
    assert sorted(versions) == [(name, version) for name in ("T1", "T2") for version in (1, 2, 3)]


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(act(ActionKind.ESCALATE, INCIDENT, MINUTE), id="escalated"),
        pytest.param(act(ActionKind.COMMENT, INCIDENT, MINUTE), id="a word about it"),
        pytest.param(act(ActionKind.ACK, "incident:other", MINUTE), id="another incident"),
        pytest.param(act(ActionKind.ACK, INCIDENT, MINUTE, "channel:ops", not_after=HOUR_START_MS), id="too late"),
        pytest.param(silence(MINUTE, MINUTE * 60, conversation_id="c1"), id="silenced"),
    ],
)
def test_what_is_no_acknowledgement(deed):
    """Nobody has taken it in hand: the clock runs on."""
    found = run(created(), high(1), deed)
    assert LinkedAcknowledgement not in found
    assert first_action(found)[0].running


def test_whoever_resolves_has_acted():
    """At once, without a word before."""
    found = run(created(), high(1), act(ActionKind.RESOLVE, INCIDENT, MINUTE, MANAGER))
    assert first_action(found)[1][:3] == ("stop", f"resolve:{INCIDENT}", MANAGER)


def test_what_joins_later_is_not_acknowledged_until_somebody_does_so_again():
    """An incident of a region holds many conversations; who took the first has not seen the second."""
    one, two = (alert(number, number, conversation_id=f"c{number}") for number in (1, 2))
    tickets = created(), created(ticket_id="T2", conversation_id="c2", customer_key="k2")
    (incident,) = {each.incident_id for each in run(one)[Incident]}
    events = [*tickets, one, act(ActionKind.ACK, incident, MINUTE), two]
    found = run(*events)
    assert first_action(found)[0].stopped_at
    assert first_action(found, "T2")[0].running
    found = run(*events, act(ActionKind.ACK, incident, 2 * MINUTE))
    assert first_action(found, "T2")[0].stopped_at == HOUR_START_MS + 2 * MINUTE


def test_a_drill_stops_no_real_clock():
    """Nor does a real person stop one of what is no complaint."""
    found = run(created(), high(1), high(1, test="d1", alert_id="a2"), act(ActionKind.ACK, "incident:drill", MINUTE))
    drill = next(each.incident_id for each in found[Incident] if each.test)
    found = run(created(), high(1), high(1, test="d1", alert_id="a2"), act(ActionKind.ACK, drill, MINUTE))
    assert [each.test for each in found[LinkedAcknowledgement]] == ["d1"]
    assert first_action(found)[0].running
    surge = alert(3, kind=AlertKind.SURGE, level=Level.EXPLICIT)
    (incident,) = {each.incident_id for each in run(surge)[Incident]}
    assert LinkedAcknowledgement not in run(surge, act(ActionKind.ACK, incident, MINUTE))


def test_nobody_acknowledges_before_the_complaint():
    """The clock of whoever presses is behind: the acknowledgement counts when the complaint does."""
    complaint = high(1, 5 * MINUTE)
    clock, line = first_action(run(created(), complaint, act(ActionKind.ACK, INCIDENT, MINUTE)))
    assert (clock.stopped_at, line[0]) == (complaint.occurred_at, "stop")


def test_a_complaint_of_the_future_is_one_of_now():
    """A caller's clock is an hour ahead: it occurred when it was heard, and two minutes later somebody has acted."""
    ahead = high(1, occurred_at=HOUR_START_MS + 60 * MINUTE)
    clock, _ = first_action(run(created(), ahead, act(ActionKind.ACK, INCIDENT, 2 * MINUTE)))
    assert (clock.started_at, clock.elapsed_ms, clock.state) == (ahead.emitted_at, 2 * MINUTE, "hit")
