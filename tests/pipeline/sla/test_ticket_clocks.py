"""What each kind of event does to the clocks of a ticket, and what is told of it."""

from itertools import permutations

import pytest

from pipeline.sla.advance import MAX_MESSAGES
from pipeline.sla.clock import Phase
from pipeline.sla.facts import ABSORBED, COMPLAINED, Fact
from pipeline.sla.ticket import MAX_FACTS, Ticket, take, tick, with_finding
from schemas.sla_clocks import GoalKind, LedgerKind
from schemas.vocabulary import Level
from tests.support.tickets import HOUR, MINUTE, STANDARD, at, comment_event, facts_of, pack_of, taken, ticket_event

PACK = pack_of()
MONDAY = at("2026-03-02 09:00")


def clock(ticket, kind):
    """The clock of a goal."""
    return next(each for each in ticket.standing.clocks if each.goal is kind)


def created(moment=MONDAY, **fields):
    """The beginning of a ticket."""
    return ticket_event(moment, "created", **({"status": "new"} | fields))


def ticked(ticket, *moments):
    """The ticket after some ticks, and the keys that were told, each with its tick."""
    told = []
    for moment in moments:
        step = tick(ticket, PACK, now_ms=moment)
        ticket = step.ticket
        told += [(moment, notice.clock.id, notice.key) for notice in step.notices]
    return ticket, told


def test_from_one_pause_to_another_is_one_pause():
    """Waiting for the customer, then for a supplier: the clock did not run in between."""
    changes = [(10, "pending"), (20, "on_hold"), (30, "pending"), (40, "open")]
    events = [ticket_event(MONDAY + minute * MINUTE, "status_changed", status=status) for minute, status in changes]
    ticket = taken([created(), *events], PACK).ticket
    total = clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert (total.pause_count, total.paused_ms, ticket.standing.findings) == (1, 30 * MINUTE, ())


EACH = pack_of(
    STANDARD.replace("      next_response:", "      every_response: {minutes: {normal: 60}}\n      next_response:")
)


def messages(ticket):
    """The clocks of the customer's messages: cycle, phase, minutes used, misses."""
    found = [each for each in ticket.standing.clocks if each.goal is GoalKind.EVERY_RESPONSE]
    return [(each.cycle, each.phase, each.elapsed_ms // MINUTE, each.misses) for each in found]


def test_every_message_has_a_clock_of_its_own():
    """One answer ends them all; who writes again does not make the first message younger."""
    events = [
        created(),
        comment_event(MONDAY + 10 * MINUTE, "customer"),
        comment_event(MONDAY + 20 * MINUTE, "agent", public=False),
        comment_event(MONDAY + 30 * MINUTE, "agent"),
        comment_event(MONDAY + 40 * MINUTE, "customer"),
    ]
    ticket = taken(events[:3], EACH).ticket
    assert messages(ticket) == [(1, Phase.RUNNING, 0, 0), (2, Phase.RUNNING, 0, 0)]
    ticket = taken(events[:4], EACH).ticket
    assert messages(ticket) == [(1, Phase.STOPPED, 30, 0), (2, Phase.STOPPED, 20, 0)]
    assert messages(taken(events, EACH).ticket) == [(3, Phase.RUNNING, 0, 0)]


def test_a_miss_is_told_once_a_message_and_kept():
    """Both messages were late; the third one's clock knows of two misses, and each was told at its own instant."""
    events = [created(), comment_event(MONDAY + 10 * MINUTE, "customer")]
    ticket, told = taken(events, EACH).ticket, []
    for minute in range(1, 75):
        step = tick(ticket, EACH, now_ms=MONDAY + minute * MINUTE)
        ticket, told = step.ticket, told + [(minute, each.clock.id) for each in step.notices if each.is_breach]
    assert told == [(60, "every_response"), (70, "every_response#2")]
    later = [comment_event(MONDAY + 80 * MINUTE, "agent"), comment_event(MONDAY + 90 * MINUTE, "customer")]
    assert messages(taken(later, EACH, ticket).ticket) == [(3, Phase.RUNNING, 0, 2)]


def test_a_flood_of_messages_has_eight_clocks():
    """The oldest ones; one answer is for all."""
    flood = [comment_event(MONDAY + minute * MINUTE, "customer") for minute in range(1, 30)]
    ticket = taken([created(), *flood], EACH).ticket
    assert [cycle for cycle, *_ in messages(ticket)] == list(range(1, MAX_MESSAGES + 1))


def test_a_pause_outside_working_hours_adds_nothing():
    """It surprises people, so it is written down: a night on hold is no pause."""
    evening = at("2026-03-02 18:00")
    events = [
        created(),
        ticket_event(evening, "status_changed", status="on_hold"),
        ticket_event(at("2026-03-03 09:00"), "status_changed", status="open"),
    ]
    total = clock(taken(events, PACK).ticket, GoalKind.TOTAL_RESOLUTION)
    assert (total.paused_ms, total.elapsed_ms) == (0, 8 * HOUR)


PAUSED_BY_TAGS = pack_of(
    STANDARD.replace("pause_on: [pending, on_hold]", "pause_on: [pending]\n    pause_on_tags: [等待供应商]").replace(
        "total_resolution: {minutes: {low: 960, normal: 480, high: 480}}",
        "total_resolution: {minutes: {low: 960, normal: 480, high: 480}, pause_on: [], pause_on_tags: []}",
    )
)


def test_a_tag_stops_the_clock_while_it_is_there():
    """It pauses as a status does, with its name and who set it; a goal that pauses on nothing goes on."""
    events = [
        created(tags=("vip",)),
        ticket_event(MONDAY + 10 * MINUTE, "updated", status="new", tags=("vip", "等待供应商"), actor_id="A1"),
        ticket_event(MONDAY + 30 * MINUTE, "updated", status="new", tags=("vip",)),
        ticket_event(MONDAY + 40 * MINUTE, "status_changed", status="pending"),
    ]
    ticket = taken(events, PAUSED_BY_TAGS).ticket
    first, total = clock(ticket, GoalKind.FIRST_RESPONSE), clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert (first.phase, first.elapsed_ms, first.paused_ms) == (Phase.PAUSED, 20 * MINUTE, 20 * MINUTE)
    assert (total.phase, total.elapsed_ms, total.pause_count) == (Phase.RUNNING, 0, 0)
    lines = [(each.why, each.by) for each in ticket.ledger if each.kind is LedgerKind.PAUSE]
    assert lines[0] == ("tag:等待供应商", "A1")
    assert lines[-1] == ("status:pending", "desk")


def test_a_raised_priority_keeps_the_time_used_and_may_be_late_at_once():
    """From eight hours of office to 200 minutes round the clock, four hours in."""
    events = [created(), ticket_event(at("2026-03-02 14:00"), "priority_changed", priority="urgent")]
    ticket = taken(events, PACK).ticket
    total = clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert total.elapsed_ms == 4 * HOUR
    assert total.breached_at_ms == at("2026-03-02 14:00")
    line = next(e for e in ticket.ledger if e.kind is LedgerKind.POLICY and e.clock == "total_resolution")
    assert (line.due_before, line.why) == (at("2026-03-02 18:00"), "policy:urgent")


def test_lowering_the_priority_mends_no_breach():
    """What was late stays late; the account shows the change."""
    events = [
        created(priority="urgent"),
        ticket_event(MONDAY + 4 * HOUR, "priority_changed", priority="low"),
        ticket_event(MONDAY + 5 * HOUR, "status_changed", status="solved", priority="low"),
    ]
    total = clock(taken(events, PACK).ticket, GoalKind.TOTAL_RESOLUTION)
    assert total.breached_at_ms == MONDAY + 200 * MINUTE


def test_the_account_says_what_changed_a_target():
    """Within a policy the priority did; to another policy the policy; time used stays in both."""
    events = [
        created(),
        ticket_event(MONDAY + 10 * MINUTE, "priority_changed", status="new", priority="high"),
        ticket_event(MONDAY + 20 * MINUTE, "priority_changed", status="new", priority="urgent"),
    ]
    lines = [each for each in taken(events, PACK).ticket.ledger if each.clock == "first_response"]
    assert [(each.kind, each.why, each.elapsed_before) for each in lines[1:]] == [
        (LedgerKind.PRIORITY, "priority:high", 10 * MINUTE),
        (LedgerKind.POLICY, "policy:urgent", 20 * MINUTE),
    ]


def test_a_merged_ticket_ends_and_its_elder_starts_earlier():
    """Who was merged away is owed nothing more; who took it in is owed from the older beginning."""
    away = taken([created(), ticket_event(MONDAY + HOUR, "merged", merged_into="T0")], PACK).ticket
    assert {each.phase for each in away.standing.clocks} == {Phase.CANCELLED}
    after = taken([comment_event(MONDAY + 2 * HOUR, "customer")], PACK, away).ticket
    assert {each.phase for each in after.standing.clocks} == {Phase.CANCELLED}
    young = taken([created(MONDAY + HOUR)], PACK).ticket
    fact = Fact(at_ms=MONDAY + 2 * HOUR, event_id="m", event=ABSORBED, since_ms=MONDAY)
    merged = take(young, fact, PACK).ticket
    total = clock(merged, GoalKind.TOTAL_RESOLUTION)
    assert (total.started_at_ms, total.elapsed_ms) == (MONDAY, 2 * HOUR)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param([created()], "created", id="created"),
        pytest.param([comment_event(MONDAY, "customer")], "no_created_event", id="without a created event"),
    ],
)
def test_the_ledger_says_how_a_clock_came_to_start(events, why):
    """A ticket whose beginning was never sent starts with what was, and the account says so."""
    assert {entry.why for entry in taken(events, PACK).ticket.ledger} == {why}


def test_a_created_event_that_comes_late_is_put_first():
    """The clocks are then those of the true beginning."""
    late = taken([comment_event(MONDAY + HOUR, "customer"), created()], PACK).ticket
    assert clock(late, GoalKind.FIRST_RESPONSE).started_at_ms == MONDAY
    assert late.late_count == 1
    assert {entry.why for entry in late.ledger} == {"created"}


def test_of_one_moment_the_creation_comes_first_and_then_the_lower_number():
    """However they came in: a sender that counts has its word, and nothing happened to a ticket before it was there."""
    events = [
        ticket_event(MONDAY, "status_changed", status="open", seq=3),
        ticket_event(MONDAY, "updated", status="pending", seq=2, event_id="second"),
        created(seq=9),
    ]
    for order in permutations(events):
        ticket = taken(order, PACK).ticket
        assert [fact.event_id for fact in ticket.facts] == [events[2].event_id, "second", events[0].event_id]
        assert (ticket.standing.status, ticket.standing.has_creation) == ("open", True)


def test_a_late_event_leaves_what_was_told_and_found():
    """The warning's line stays in the account, and so does what only other tickets together with it showed."""
    ticket, _ = ticked(taken([created()], PACK).ticket, MONDAY + 90 * MINUTE)
    ticket = with_finding(ticket, "bulk_rejection")
    assigned = ticket_event(MONDAY + 10 * MINUTE, "assigned", status="new", assignee_id="A1")
    after = taken([comment_event(MONDAY + 95 * MINUTE, "customer", status="new"), assigned], PACK, ticket).ticket
    assert after.late_count == 1
    warned = [(each.kind, each.clock, each.why) for each in after.ledger if each.kind is LedgerKind.WARN]
    assert warned == [(LedgerKind.WARN, "first_response", "0.75")]
    assert (after.standing.findings, after.told) == (("bulk_rejection",), ticket.told)


def test_a_fast_clock_of_a_sender_is_put_right():
    """An event cannot have happened after its record was written."""
    from pipeline.sla.facts import fact_of

    assert fact_of(created(MONDAY + HOUR), region="", written_at_ms=MONDAY).at_ms == MONDAY
    assert fact_of(created(MONDAY), region="", written_at_ms=MONDAY + HOUR).at_ms == MONDAY


def test_a_complaint_has_its_own_clock():
    """Ten minutes for an explicit one; a rise to high risk has five more, but no more than there were."""
    ticket = taken([created()], PACK).ticket

    def complained(moment, level):
        return Fact(at_ms=moment, event_id=f"{level}{moment}", event=COMPLAINED, level=level)

    ticket = take(ticket, complained(MONDAY + HOUR, Level.EXPLICIT), PACK).ticket
    assert clock(ticket, GoalKind.FIRST_ACTION).target_ms == 10 * MINUTE
    ticket = take(ticket, complained(MONDAY + HOUR + 2 * MINUTE, Level.HIGH_RISK), PACK).ticket
    assert clock(ticket, GoalKind.FIRST_ACTION).target_ms == 7 * MINUTE
    (assigned,) = facts_of([ticket_event(MONDAY + HOUR + 3 * MINUTE, "assigned", assignee_id="A1")])
    ticket = take(ticket, assigned, PACK).ticket
    acted = clock(ticket, GoalKind.FIRST_ACTION)
    assert (acted.phase, acted.elapsed_ms) == (Phase.STOPPED, 3 * MINUTE)
    ticket = take(ticket, complained(MONDAY + 2 * HOUR, Level.HIGH_RISK), PACK).ticket
    assert (clock(ticket, GoalKind.FIRST_ACTION).cycle, clock(ticket, GoalKind.FIRST_ACTION).target_ms) == (
        2,
        5 * MINUTE,
    )
    milder = take(ticket, complained(MONDAY + 3 * HOUR, Level.POTENTIAL), PACK).ticket
    assert milder.standing.level is Level.HIGH_RISK  # what was said once is not unsaid


def test_warnings_come_at_their_instant():
    """Half of two hours at 10:00, three quarters at 10:30, nine tenths at 10:48, the end at 11:00: not a moment off."""
    ticket = taken([created()], PACK).ticket
    instants = {"0.5": "10:00", "0.75": "10:30", "0.9": "10:48", "1": "11:00", "1.5": "13:00"}
    for key, clock_time in instants.items():
        moment = at(f"2026-03-02 {clock_time}")
        if key == "1.5":  # 12:00 of working time: the last moment before lunch
            moment = at("2026-03-02 12:00")
        ticket, none = ticked(ticket, moment - 1)
        assert [each for each in none if each[1] == "first_response"] == []
        ticket, told = ticked(ticket, moment)
        assert [each for each in told if each[1] == "first_response"] == [(moment, "first_response", key)]


def test_whoever_was_away_hears_the_last_warning_only():
    """A tick after a long silence tells where things stand, not everything that was missed."""
    ticket, told = ticked(taken([created()], PACK).ticket, at("2026-03-02 10:50"))
    assert [each[2] for each in told if each[1] == "first_response"] == ["0.9"]
    _, again = ticked(ticket, at("2026-03-02 10:51"))
    assert again == []


def test_after_the_last_warning_each_working_day_reminds():
    """At each opening, over the weekend not, and for ten days."""
    ticket = taken([created(at("2026-03-05 09:00"))], PACK).ticket
    moments = [at("2026-03-05 09:00") + hour * HOUR for hour in range(1, 24 * 20)]
    _, told = ticked(ticket, *moments)
    days = [moment for moment, clock_id, key in told if key == "day" and clock_id == "first_response"]
    expected = ["03-06", "03-09", "03-10", "03-11", "03-12", "03-13"]
    assert days == [at(f"2026-{day} 09:00") for day in expected]


def test_a_breach_that_no_tick_saw_is_told_when_the_clock_stops():
    """Breached and answered between two ticks: it is told once, with its own instant."""
    told = taken([created(), comment_event(MONDAY + 121 * MINUTE, "agent")], PACK)
    assert [(notice.clock.id, notice.key, notice.at_ms) for notice in told.notices] == [
        ("first_response", "1", MONDAY + 120 * MINUTE)
    ]
    _, again = ticked(told.ticket, MONDAY + 122 * MINUTE)
    assert [each for each in again if each[1] == "first_response"] == []


def test_an_answer_at_the_due_time_is_late():
    """The target is used up at that moment; one moment before it is not."""
    late = taken([created(), comment_event(MONDAY + 120 * MINUTE, "agent")], PACK).ticket
    early = taken([created(), comment_event(MONDAY + 120 * MINUTE - 1, "agent")], PACK).ticket
    assert clock(late, GoalKind.FIRST_RESPONSE).breached_at_ms == MONDAY + 120 * MINUTE
    assert clock(early, GoalKind.FIRST_RESPONSE).breached_at_ms is None


def test_more_events_than_are_remembered_change_nothing():
    """What falls out of memory lives on in what it added up to."""
    events = [created()]
    for number in range(1, 2 * MAX_FACTS):
        status = "pending" if number % 2 else "open"
        events.append(ticket_event(MONDAY + number * MINUTE, "status_changed", status=status))
    ticket = taken(events, PACK).ticket
    assert len(ticket.facts) == MAX_FACTS
    total = clock(ticket, GoalKind.TOTAL_RESOLUTION)
    assert total.elapsed_ms + total.paused_ms == (2 * MAX_FACTS - 1) * MINUTE
    (old,) = facts_of([comment_event(MONDAY + 1, "agent", status=ticket.base.status)])
    after = take(ticket, old, PACK).ticket
    answered = clock(after, GoalKind.FIRST_RESPONSE)
    assert (answered.phase, answered.since_ms) == (Phase.STOPPED, ticket.base.last_at_ms)  # the border of what is known
    assert clock(after, GoalKind.TOTAL_RESOLUTION) == total


def test_another_version_of_the_policies_reckons_anew():
    """A shorter target holds for tickets that are open, with the time they have used."""
    ticket = taken([created()], PACK).ticket
    stricter = pack_of(STANDARD.replace("normal: 120", "normal: 40"))
    step = tick(ticket, stricter, now_ms=MONDAY + 40 * MINUTE)
    assert [(notice.key, notice.clock.target_ms) for notice in step.notices] == [("1", 40 * MINUTE)]


def test_a_ticket_without_a_policy_has_no_clocks():
    """Nothing is promised, nothing is owed."""
    pack = pack_of(
        STANDARD.replace("match: {priority: [urgent]}", "match: {priority: [urgent], tenant: [x]}").replace(
            "zh: 普通", "zh: 普通\n    enforce_from: 2026-03-03"
        )
    )
    assert taken([created()], pack).ticket.standing.clocks == ()
    assert taken([created(at("2026-03-03 00:00"))], pack).ticket.standing.clocks != ()


def test_an_empty_ticket_has_nothing_to_tell():
    """A row without facts is a row."""
    assert tick(Ticket(), PACK, now_ms=MONDAY).notices == ()


def test_a_merger_moves_only_what_starts_with_the_ticket():
    """When it was assigned, answered or complained of is as it was; the older customer waits for the solution."""
    goals = "      periodic_update: {minutes: {normal: 240}}\n      handle: {minutes: {normal: 240}}\n"
    pack = pack_of(STANDARD.replace("      first_resolution: {", goals + "      first_resolution: {"))
    events = [
        created(),
        comment_event(MONDAY + HOUR, "agent"),
        ticket_event(MONDAY + 61 * MINUTE, "assigned", assignee_id="A1"),
        comment_event(MONDAY + 65 * MINUTE, "customer"),
    ]
    complaint = Fact(at_ms=MONDAY + 66 * MINUTE, event_id="a1", event=COMPLAINED, level=Level.EXPLICIT)
    before = take(taken(events, pack).ticket, complaint, pack).ticket
    earlier = at("2026-02-26 09:00")
    merger = Fact(at_ms=MONDAY + 67 * MINUTE, event_id="m", event=ABSORBED, since_ms=earlier)
    after = take(before, merger, pack).ticket
    moved = {each.goal for each in after.standing.clocks if each.started_at_ms == earlier}
    assert moved == {GoalKind.FIRST_RESOLUTION, GoalKind.TOTAL_RESOLUTION}
    was = {each.goal: each for each in before.standing.clocks}
    assert all(each == was[each.goal] for each in after.standing.clocks if each.goal not in moved)
