"""Promises on real dates, as the shipped policies make them: holiday weeks, make-up Saturdays, leap days, midnight."""

import pytest

from agents.files.sla import load_sla, preset_names
from pipeline.sla.facts import COMPLAINED, Fact
from pipeline.sla.snapshot import snapshot
from pipeline.sla.ticket import take, tick
from schemas.vocabulary import Level
from tests.support.tickets import HOUR, OFFICE, at, pack_of, taken, ticket_event

DAY = 24 * HOUR
ABROAD = """
calendars:
  york: {zone: America/New_York, hours: {mon-sun: ["00:00-24:00"]}}
  london: {zone: Europe/London, hours: {mon-sun: ["00:00-24:00"]}}
  shop: {zone: America/New_York, hours: {mon-sun: ["01:00-05:00"]}}
policies:
  york:
    zh: 纽约
    match: {tenant: [york]}
    calendar: york
    goals: {first_response: {minutes: {normal: 1440}}, total_resolution: {minutes: {normal: 240}, calendar: shop}}
  london:
    zh: 伦敦
    calendar: london
    goals: {first_response: {minutes: {normal: 1440}}}
"""


def due(pack, created, goal, *, zone="Asia/Shanghai", **fields):
    """When a goal of a ticket is due that was created at a moment."""
    ticket = taken([ticket_event(at(created, zone), "created", status="new", **fields)], pack).ticket
    clocks = snapshot("T1", ticket, pack, at_ms=ticket.standing.last_at_ms).clocks
    return next(each.due_at for each in clocks if each.clock == goal)


@pytest.mark.parametrize(
    ("preset", "priority", "created", "goal", "expected"),
    [
        pytest.param(
            "house", "normal", "2026-09-30 17:00", "first_response", "2026-10-01 17:00", id="24 h count on a holiday"
        ),
        pytest.param(
            "house", "normal", "2026-09-30 17:00", "total_resolution", "2026-10-10 17:00",
            id="three working days over National Day end on the make-up Saturday",
        ),
        pytest.param(
            "house", "high", "2026-02-13 18:00", "total_resolution", "2026-02-24 18:00",
            id="two working days around Spring Festival: the Saturday before it and the day after it",
        ),
        pytest.param(
            "house", "high", "2026-02-13 18:00", "first_response", "2026-02-14 06:00", id="twelve hours of any day"
        ),
        pytest.param(
            "house", "urgent", "2026-02-16 23:00", "total_resolution", "2026-02-17 23:00", id="New Year's Eve, urgent"
        ),
        pytest.param(
            "e_commerce", "normal", "2026-02-16 23:30", "first_response", "2026-02-17 09:30",
            id="a shop closes at midnight and opens at eight, on holidays too",
        ),
        pytest.param(
            "e_commerce", "normal", "2026-02-16 23:30", "total_resolution", "2026-02-17 23:30", id="sixteen open hours"
        ),
        pytest.param(
            "e_commerce", "urgent", "2026-12-31 23:50", "first_response", "2027-01-01 00:20", id="over the year"
        ),
        pytest.param(
            "finance", "normal", "2024-02-20 10:00", "total_resolution", "2024-03-06 10:00", id="a leap year"
        ),
        pytest.param(
            "finance", "normal", "2023-02-20 10:00", "total_resolution", "2023-03-07 10:00", id="no leap year"
        ),
        pytest.param(
            "telecom", "normal", "2026-09-25 09:00", "total_resolution", "2026-10-10 09:00", id="calendar days by law"
        ),
        pytest.param(
            "regulator", "normal", "2026-09-28 09:00", "first_response", "2026-10-12 18:00",
            id="seven working days over National Day, the make-up Saturday among them",
        ),
        pytest.param(
            "regulator", "urgent", "2026-09-28 09:00", "total_resolution", "2026-11-27 09:00", id="sixty days"
        ),
        pytest.param(
            "tiers", "normal", "2026-02-16 21:50", "first_response", "2026-02-17 08:20",
            id="called back in thirty minutes of the hotline's hours, on New Year's Day too",
        ),
        pytest.param(
            "tiers", "urgent", "2026-02-16 23:00", "total_resolution", "2026-02-17 01:00", id="two hours, over midnight"
        ),
    ],
)  # fmt: skip
def test_the_shipped_promises_on_real_dates(preset, priority, created, goal, expected):
    """Due to the minute."""
    assert due(load_sla(preset), created, goal, priority=priority) == at(expected)


@pytest.mark.parametrize(
    ("about", "goal", "expected"),
    [
        pytest.param(
            {"channel": "chat"}, "first_response", "2026-10-01 08:03", id="a chat: five minutes of open hours"
        ),
        pytest.param({"channel": "form"}, "first_response", "2026-10-01 09:58", id="a ticket: two hours"),
        pytest.param({"category": "发货"}, "total_resolution", "2026-10-01 23:58", id="in stock: sent within a day"),
        pytest.param(
            {"category": "发货", "tags": ("预售",)},
            "total_resolution",
            "2026-10-15 23:58",
            id="sold ahead: fifteen days",
        ),
    ],
)
def test_what_a_shop_promises(about, goal, expected):
    """Two minutes before midnight, on the eve of National Day."""
    assert due(load_sla("e_commerce"), "2026-09-30 23:58", goal, **about) == at(expected)


def test_a_major_matter_takes_at_most_five_days():
    """Late after two working days; after five of them the escalation hears of it again, on Friday at closing."""
    pack = load_sla("house")
    ticket = taken([ticket_event(at("2026-03-02 09:00"), "created", status="new", priority="high")], pack).ticket
    told = []
    while not told or told[-1].key != "2.5":
        step = tick(ticket, pack, now_ms=ticket.next_at_ms)
        ticket, told = step.ticket, [*told, *(each for each in step.notices if each.clock.goal == "total_resolution")]
    at_most = told[-1]
    assert (at_most.at_ms, at_most.is_breach, "escalation" in at_most.audience) == (at("2026-03-06 18:00"), True, True)
    assert next(each.at_ms for each in told if each.key == "1") == at("2026-03-03 18:00")


def test_a_crisis_has_a_statement_in_two_days():
    """An ordinary ticket becomes one when somebody threatens: 48 hours since it was created, whatever the calendar."""
    pack = load_sla("tiers")
    threat = Fact(at_ms=at("2026-10-01 12:00"), event_id="a1", event=COMPLAINED, level=Level.HIGH_RISK)
    ticket = taken([ticket_event(at("2026-10-01 09:00"), "created", status="new")], pack).ticket
    clocks = snapshot("T1", take(ticket, threat, pack).ticket, pack, at_ms=threat.at_ms)
    assert clocks.policy == "crisis"
    dues = {each.clock: each.due_at for each in clocks.clocks}
    assert dues["first_action"] == at("2026-10-01 12:05")
    assert dues["total_resolution"] == at("2026-10-03 12:00")  # of the office's hours none had passed on a holiday


def test_a_complex_matter_has_thirty_days():
    """Over the leap day it ends on the first of March, without one on the second; thirty more where approved."""
    pack = load_sla("finance")
    assert due(pack, "2024-01-31 10:00", "total_resolution", tags=("复杂",)) == at("2024-03-01 10:00")
    assert due(pack, "2023-01-31 10:00", "total_resolution", tags=("复杂",)) == at("2023-03-02 10:00")
    approved = ticket_event(at("2026-03-20 10:00"), "updated", tags=("复杂", "批准延期"))
    events = [ticket_event(at("2026-03-01 10:00"), "created", status="new", tags=("复杂",)), approved]
    clocks = snapshot("T1", taken(events, pack).ticket, pack, at_ms=approved.occurred_at).clocks
    assert clocks[1].due_at == at("2026-04-30 10:00")


def test_every_preset_has_its_worked_example():
    """One that is added comes with dates."""
    told = {each.values[0] for each in test_the_shipped_promises_on_real_dates.pytestmark[0].args[1]}
    assert told == set(preset_names())


@pytest.mark.parametrize(
    ("tenant", "zone", "created", "goal", "expected"),
    [
        pytest.param(
            "york", "America/New_York", "2026-03-07 20:00", "first_response", "2026-03-08 21:00",
            id="24 hours end an hour later by the wall clock when summer begins",
        ),
        pytest.param(
            "york", "America/New_York", "2026-10-31 20:00", "first_response", "2026-11-01 19:00",
            id="and an hour earlier when it ends",
        ),
        pytest.param(
            "york", "America/New_York", "2026-03-08 00:00", "total_resolution", "2026-03-09 02:00",
            id="a shop that is open from one to five loses the hour that does not exist",
        ),
        pytest.param(
            "london", "Europe/London", "2026-03-28 12:00", "first_response", "2026-03-29 13:00",
            id="another zone changes on another day",
        ),
    ],
)  # fmt: skip
def test_zones_with_daylight_saving(tenant, zone, created, goal, expected):
    """The hours of the policy's own zone; elapsed time is elapsed time."""
    assert due(pack_of(ABROAD), created, goal, zone=zone, tenant=tenant) == at(expected, zone)


def test_a_priority_that_is_raised_over_a_holiday_counts_from_the_beginning():
    """A working hour was used before the holidays; at 09:00 after them two of the new target of three are left."""
    pack = pack_of(
        OFFICE
        + "policies:\n  all:\n    zh: 全部\n    calendar: office\n"
        + "    goals: {total_resolution: {minutes: {normal: 480, high: 180}}}\n"
    )
    raised = ticket_event(at("2026-10-05 12:00"), "priority_changed", priority="high")
    ticket = taken([ticket_event(at("2026-09-30 17:00"), "created", status="new"), raised], pack).ticket
    (clock,) = snapshot("T1", ticket, pack, at_ms=raised.occurred_at).clocks
    assert (clock.elapsed_ms, clock.due_at) == (HOUR, at("2026-10-08 11:00"))


def test_a_pause_over_a_holiday_week_is_a_pause_of_its_working_time():
    """Paused from the last hour before National Day to the first after it: two hours, not eight days."""
    pack = pack_of(
        OFFICE
        + "policies:\n  all:\n    zh: 全部\n    calendar: office\n    pause_on: [pending]\n"
        + "    goals: {total_resolution: {minutes: {normal: 480}}}\n"
    )
    events = [
        ticket_event(at("2026-09-30 14:00"), "created", status="new"),
        ticket_event(at("2026-09-30 17:00"), "status_changed", status="pending"),
        ticket_event(at("2026-10-08 10:00"), "status_changed", status="open"),
    ]
    (clock,) = snapshot("T1", taken(events, pack).ticket, pack, at_ms=at("2026-10-08 10:00")).clocks
    assert (clock.elapsed_ms, clock.paused_ms, clock.due_at) == (3 * HOUR, 2 * HOUR, at("2026-10-08 16:00"))
