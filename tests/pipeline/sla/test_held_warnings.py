"""Nobody is woken for office hours: what comes about while they are closed is told when they begin again."""

import pytest

from pipeline.sla.ticket import tick
from tests.support.tickets import MINUTE, STANDARD, at, pack_of, taken, ticket_event

PACK = pack_of()
OFFICE_FOR_ALL = pack_of(
    STANDARD.replace("calendar: always\n    pause_on: [pending]\n    warn", "calendar: office\n    warn")
)


def told(events, *moments):
    """The keys of the first response that are told, each with its tick, and when the ticket wants to be woken next."""
    ticket = taken(events, PACK).ticket
    found = []
    for moment in moments:
        step = tick(ticket, PACK, now_ms=at(moment))
        ticket = step.ticket
        found += [(moment, each.key, each.at_ms) for each in step.notices if each.clock.goal == "first_response"]
    return found, ticket.next_at_ms


def raised(moment, priority):
    """A ticket of four in the afternoon, two hours of which are used at closing, raised to another priority."""
    created = ticket_event(at("2026-03-02 16:30"), "created", status="new")
    return [created, ticket_event(at(moment), "priority_changed", priority=priority)]


def test_a_priority_raised_at_night_is_told_in_the_morning():
    """An hour and a half of one are used at 22:00: told at nine, to all who should have heard of the breach."""
    night = [f"2026-03-02 {hour}:{minute:02}" for hour in (22, 23) for minute in range(0, 60, 10)]
    found, next_ms = told(raised("2026-03-02 22:00", "high"), *night)
    assert (found, next_ms) == ([], at("2026-03-03 09:00"))
    found, _ = told(raised("2026-03-02 22:00", "high"), *night, "2026-03-03 08:59", "2026-03-03 09:00")
    assert found == [("2026-03-03 09:00", "day", at("2026-03-03 09:00"))]
    ticket = taken(raised("2026-03-02 22:00", "high"), PACK).ticket
    notice = tick(ticket, PACK, now_ms=at("2026-03-03 09:00")).notices[0]
    assert notice.passed == ("1", "1.5", "day")
    assert "escalation" in notice.audience


def test_over_a_holiday_week_it_waits_until_somebody_is_back():
    """The first of October is the first day of National Day; the eighth is worked."""
    created = ticket_event(at("2026-09-30 16:30"), "created", status="new")
    later = ticket_event(at("2026-10-03 10:00"), "priority_changed", priority="high")
    _, next_ms = told([created, later], "2026-10-03 10:00", "2026-10-05 10:00")
    assert next_ms == at("2026-10-08 09:00")


@pytest.mark.parametrize("pack", [PACK, OFFICE_FOR_ALL], ids=["round the clock", "in the hours of the office"])
def test_what_is_urgent_is_told_at_once(pack):
    """Whatever the hour, and whatever its calendar."""
    ticket = taken(raised("2026-03-02 22:00", "urgent"), pack).ticket
    notices = tick(ticket, pack, now_ms=at("2026-03-02 22:00")).notices
    assert [each.key for each in notices if each.clock.goal == "first_response"] == ["1"]


@pytest.mark.parametrize(
    ("moment", "keys"),
    [
        pytest.param("2026-03-02 18:00", ["1"], id="at closing"),
        pytest.param("2026-03-02 18:59", ["1"], id="within the hour after it"),
        pytest.param("2026-03-02 19:00", [], id="an hour after it"),
    ],
)
def test_what_is_due_at_closing_is_told_then(moment, keys):
    """Also where the worker was away for a while."""
    created = ticket_event(at("2026-03-02 16:00"), "created", status="new")
    found, _ = told([created], moment)
    assert [key for _, key, _ in found] == keys


def test_a_breach_that_no_tick_saw_is_told_although_the_target_was_lowered():
    """Late under the old target; the new one's warnings before its end would come after that."""
    lowered = [
        ticket_event(at("2026-03-02 09:00"), "created", status="new", priority="urgent"),
        ticket_event(at("2026-03-02 09:30"), "priority_changed", priority="normal"),
    ]
    found, _ = told(lowered, "2026-03-02 09:31")
    assert found == [("2026-03-02 09:31", "1", at("2026-03-02 09:20"))]
    ticket = tick(taken(lowered, PACK).ticket, PACK, now_ms=at("2026-03-02 09:31")).ticket
    keys = set()
    for minute in range(1, 24 * 60):
        step = tick(ticket, PACK, now_ms=at("2026-03-02 09:31") + minute * MINUTE)
        ticket = step.ticket
        keys |= {each.key for each in step.notices if each.clock.goal == "first_response"}
    assert keys == {"1.5", "day"}
