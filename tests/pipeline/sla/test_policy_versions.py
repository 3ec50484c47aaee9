"""Another version of the policies: what goes on is reckoned by it, what was over stays as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sla.clock import Phase
from pipeline.sla.ticket import Ticket, take, tick
from schemas.sla_clocks import GoalKind, LedgerKind
from tests.property.test_clock_reference import histories
from tests.support.tickets import (
    HOUR,
    MINUTE,
    OFFICE,
    STANDARD,
    at,
    comment_event,
    facts_of,
    pack_of,
    taken,
    ticket_event,
)

PACK = pack_of()
STRICTER = pack_of(STANDARD.replace("normal: 120", "normal: 60").replace("normal: 480", "normal: 240"))
LOOSER = pack_of(STANDARD.replace("normal: 120", "normal: 180"))
HALF_DAYS = pack_of(STANDARD.replace('"13:00-18:00"', '"13:00-15:00"'))
MONDAY = at("2026-03-02 09:00")
CREATED = ticket_event(MONDAY, "created", status="new")
ANSWER = comment_event(MONDAY + 100 * MINUTE, "agent")


def clock(ticket, kind):
    """The clock of a goal."""
    return next(each for each in ticket.standing.clocks if each.goal is kind)


def test_what_was_met_stays_met():
    """Answered within two hours; that it is to be one from today on makes nobody late yesterday."""
    (assigned,) = facts_of([ticket_event(MONDAY + 110 * MINUTE, "assigned", assignee_id="A1")])
    step = take(taken([CREATED, ANSWER], PACK).ticket, assigned, STRICTER)
    assert step.notices == ()
    answered = clock(step.ticket, GoalKind.FIRST_RESPONSE)
    assert (answered.phase, answered.target_ms, answered.breached_at_ms) == (Phase.STOPPED, 120 * MINUTE, None)
    late = facts_of([ticket_event(MONDAY + 50 * MINUTE, "status_changed", status="open")])[0]
    step = take(step.ticket, late, STRICTER)
    assert (step.notices, clock(step.ticket, GoalKind.FIRST_RESPONSE)) == ((), answered)


def test_what_was_missed_stays_missed():
    """A looser target afterwards mends nothing."""
    late = taken([CREATED, comment_event(MONDAY + 150 * MINUTE, "agent")], PACK).ticket
    step = tick(late, LOOSER, now_ms=MONDAY + 160 * MINUTE)
    assert clock(step.ticket, GoalKind.FIRST_RESPONSE).breached_at_ms == MONDAY + 120 * MINUTE


def test_what_goes_on_has_a_line_with_both_due_times():
    """Eight hours become four: from 18:00 to 14:00, and the account says since when and by which version."""
    ticket = taken([CREATED, ANSWER], PACK).ticket
    step = tick(ticket, STRICTER, now_ms=MONDAY + 2 * HOUR)
    lines = [each for each in step.ticket.ledger if each.kind is LedgerKind.POLICY]
    assert [each.clock for each in lines] == ["first_resolution", "total_resolution"]
    assert {(each.at, each.why) for each in lines} == {(MONDAY + 2 * HOUR, f"policies:{STRICTER.version}")}
    assert {(each.due_before, each.due_after) for each in lines} == {(at("2026-03-02 18:00"), at("2026-03-02 14:00"))}
    again = tick(step.ticket, STRICTER, now_ms=MONDAY + 3 * HOUR).ticket
    assert [each for each in again.ledger if each.kind is LedgerKind.POLICY] == lines


def test_another_calendar_has_a_line_of_its_own():
    """The same eight hours, but the office closes at three: until ten in the morning."""
    lines = tick(taken([CREATED], PACK).ticket, HALF_DAYS, now_ms=MONDAY + HOUR).ticket.ledger
    (line,) = [each for each in lines if each.kind is LedgerKind.CALENDAR and each.clock == "total_resolution"]
    assert (line.due_before, line.due_after) == (at("2026-03-02 18:00"), at("2026-03-03 12:00"))


def test_the_same_clocks_under_another_version_have_no_line():
    """A comment in the file is a version too."""
    commented = pack_of(STANDARD + "# nothing else\n")
    ticket = taken([CREATED, ANSWER], PACK).ticket
    assert commented.version != PACK.version
    assert tick(ticket, commented, now_ms=MONDAY + 2 * HOUR).ticket.ledger == ticket.ledger


@settings(max_examples=60, deadline=None)
@given(events=histories(), data=st.data())
def test_a_change_of_policies_anywhere_in_a_history(events, data):
    """What was over at the change is as the former version left it; what goes on is as if the newer had always held."""
    cut = data.draw(st.integers(1, len(events)))
    facts = facts_of(events)
    ticket = taken(events[:cut], PACK).ticket
    over = {each.id: each for each in ticket.standing.clocks if each.phase is Phase.STOPPED}
    ticket = tick(ticket, STRICTER, now_ms=facts[cut - 1].at_ms + 1).ticket
    newer = taken(events[:cut], STRICTER).ticket
    assert [each.id for each in ticket.standing.clocks] == [each.id for each in newer.standing.clocks]
    for mixed, pure in zip(ticket.standing.clocks, newer.standing.clocks, strict=True):
        expected = over.get(pure.id, pure)
        assert mixed == (expected if pure.cycle == 1 else expected.__class__(**_with_misses(expected, mixed.misses)))
    for fact in facts[cut:]:
        ticket = take(ticket, fact, STRICTER).ticket
    for each in ticket.standing.clocks:
        if each.id in over and each.goal is GoalKind.FIRST_RESPONSE:
            assert each == over[each.id]


def _with_misses(of, misses):
    """A clock that counts the misses of its earlier cycles: those are the former version's."""
    return {name: getattr(of, name) for name in of.__struct_fields__} | {"misses": misses}


def test_a_row_without_facts_takes_any_version():
    """Nothing is known of the ticket yet."""
    assert tick(Ticket(), STRICTER, now_ms=MONDAY).ticket.standing == Ticket().standing


def test_what_was_reopened_since_is_no_longer_as_it_was():
    """Solved in time on Monday, reopened under the new version, solved two days later: a late word changes nothing."""
    solved = ticket_event(MONDAY + HOUR, "status_changed", status="solved")
    ticket = tick(taken([CREATED, solved], PACK).ticket, LOOSER, now_ms=MONDAY + 61 * MINUTE).ticket
    reopened = ticket_event(MONDAY + 90 * MINUTE, "reopened", status="open")
    again = ticket_event(MONDAY + 49 * HOUR, "status_changed", status="solved")
    ticket = taken([reopened, again], LOOSER, ticket).ticket
    before = clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert (before.elapsed_ms, before.breached_at_ms) == (990 * MINUTE, MONDAY + 24 * HOUR + 30 * MINUTE)
    late = ticket_event(MONDAY + 95 * MINUTE, "updated", tags=("x",))
    assert taken([late], LOOSER, ticket).ticket.standing.clocks == ticket.standing.clocks


def test_what_was_met_stays_met_beyond_the_memory():
    """Seventy events later the answer is no fact any more, and what it met is not reckoned by newer policies."""
    ticket = tick(taken([CREATED, ANSWER], PACK).ticket, STRICTER, now_ms=MONDAY + 101 * MINUTE).ticket
    answered = clock(ticket, GoalKind.FIRST_RESPONSE)
    later = [ticket_event(MONDAY + 102 * MINUTE + number, "updated") for number in range(70)]
    assert clock(taken(later, STRICTER, ticket).ticket, GoalKind.FIRST_RESPONSE) == answered


@pytest.mark.parametrize("count", [10, 80])
def test_where_no_policy_fits_any_more_nothing_goes_on(count):
    """However much of the ticket is remembered: no clock runs for ever without anybody who is told."""
    vip = "  only: {zh: x, match: {tags: [vip]}, calendar: office, goals: {first_response: {minutes: {normal: 60}}}}\n"
    events = [CREATED, *(ticket_event(MONDAY + number * 1000, "updated") for number in range(1, count))]
    ticket = tick(taken(events, PACK).ticket, pack_of(OFFICE + "policies:\n" + vip), now_ms=MONDAY + HOUR).ticket
    assert {each.phase for each in ticket.standing.clocks} <= {Phase.CANCELLED}
    assert tick(ticket, PACK, now_ms=MONDAY + 2 * HOUR).ticket.standing.policy == "standard"
