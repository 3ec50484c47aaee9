"""Promises on real dates, as the shipped policies make them: holiday weeks, make-up Saturdays, leap days, midnight."""

import pytest

from agents.files.sla import load_sla
from pipeline.sla.snapshot import snapshot
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
    ],
)  # fmt: skip
def test_the_shipped_promises_on_real_dates(preset, priority, created, goal, expected):
    """Due to the minute."""
    assert due(load_sla(preset), created, goal, priority=priority) == at(expected)


def test_a_complex_matter_has_thirty_days():
    """Over the leap day it ends on the first of March, without one on the second."""
    pack = load_sla("finance")
    assert due(pack, "2024-01-31 10:00", "total_resolution", tags=("复杂",)) == at("2024-03-01 10:00")
    assert due(pack, "2023-01-31 10:00", "total_resolution", tags=("复杂",)) == at("2023-03-02 10:00")


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
