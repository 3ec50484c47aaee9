"""The tickets stage as the engine runs it: events and ticks in, alerts, hints and snapshots out."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.stages.tickets import tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.rows import Store, encode_row
from pipeline.runner import Incoming, Runner
from pipeline.sla.ticket import KEPT_AFTER_MS
from pipeline.stage import Waiting, open_waiting, take_turn
from pipeline.tickets import fold
from pipeline.tickets.state import TicketRow
from schemas import codec
from schemas.codec import Record
from schemas.links import SignalKind, TicketSignal
from schemas.ticks import Tick
from schemas.topics import ALERTS, HINTS, SIGNALS, SLA_CLOCKS, TICKETS, TICKS
from schemas.vocabulary import AlertKind, Level
from tests.support.tickets import HOUR, MINUTE, at, comment_event, pack_of, ticket_event

STAGE = tickets_stage(pack_of(), NO_TABLES)
MONDAY = at("2026-03-02 09:00")


def record(event, offset=0):
    """An event, a signal or the moment of a tick as a record."""
    if isinstance(event, int):
        return TICKS, Record(offset, event, b"0", codec.encode(Tick(now_ms=event, reason="timer")))
    if isinstance(event, TicketSignal):
        return SIGNALS, Record(offset, event.emitted_at, event.ticket_id.encode(), codec.encode(event))
    return TICKETS, Record(offset, event.occurred_at, event.ticket_id.encode(), codec.encode(event))


def published(events, most=1_000):
    """What comes of events and ticks in this order, by topic, and the rows in the end."""
    runner = Runner([STAGE], partition_of=lambda key: 0)
    incoming = [Incoming(topic, 0, each) for topic, each in (record(event, n) for n, event in enumerate(events))]
    found = {topic: [] for topic in (ALERTS, HINTS, SLA_CLOCKS)}
    order = []
    for output in runner.feed(incoming, most=most):
        found.setdefault(output.topic, []).append(output.value)
        order.append(line(output))
    return found, order, {key: encode_row(row) for (_, key), row in runner.rows(STAGE).items()}


def line(output):
    """An output as it is compared."""
    return output.topic.name, output.key, None if output.value is None else codec.encode(output.value)


def steady(first, last):
    """A tick a minute, counted from the beginning."""
    return [MONDAY + minute * MINUTE for minute in range(first, last + 1)]


CREATED = ticket_event(MONDAY, "created", status="new", assignee_id="A1", region="440000", conversation_id="c1")


def test_handler_and_administrator_hear_before_it_is_too_late():
    """Half is for the board; at three quarters the handler hears, at nine tenths both, at the end the chain as well."""
    found, _, _ = published([*steady(-3, 0), CREATED, *steady(0, 121)])
    told = [(each.sla.key, each.audience, each.occurred_at, each.emitted_at) for each in found[ALERTS]]
    assert told == [
        ("0.75", ("handler",), MONDAY + 90 * MINUTE, MONDAY + 90 * MINUTE),
        ("0.9", ("handler", "administrator"), MONDAY + 108 * MINUTE, MONDAY + 108 * MINUTE),
        ("1", ("handler", "administrator", "escalation"), MONDAY + 120 * MINUTE, MONDAY + 120 * MINUTE),
    ]
    assert [each.kind for each in found[ALERTS]] == [*[AlertKind.SLA_WARNING] * 2, AlertKind.SLA_BREACH]
    assert {(each.region, each.ticket_id, each.conversation_id) for each in found[ALERTS]} == {("440000", "T1", "c1")}
    assert len({each.alert_id for each in found[ALERTS]}) == 3
    assert len({each.fingerprint for each in found[ALERTS]}) == 2  # a warning and a breach of the same clock
    assert [each.agent_id for each in found[HINTS]] == ["A1"] * 3
    assert "首次响应还剩 30 分钟" in found[HINTS][0].advice
    assert "03-02 11:00 到期" in found[HINTS][0].advice
    assert "超时" in found[HINTS][2].advice


def test_each_daily_reminder_is_an_alert_of_its_own():
    """Whoever drops what came before must not drop tomorrow's."""
    mornings = [at(f"2026-03-0{day} 09:00") for day in (3, 4, 5)]
    ticking = range(MONDAY, mornings[-1] + 1, 4 * MINUTE)  # a clock that jumps further tells nobody for a while
    found, _, _ = published([*steady(-3, 0), CREATED, *ticking, mornings[-1] + MINUTE])
    daily = [each for each in found[ALERTS] if each.sla.clock == "first_response" and each.sla.key == "day"]
    assert [each.occurred_at for each in daily] == mornings
    assert len({each.alert_id for each in daily}) == len(daily)
    assert {each.audience for each in daily} == {("handler", "administrator")}


def test_where_nobody_handles_it_the_administrator_hears():
    """A warning for a handler whom there is not would be told to nobody."""
    nobody = ticket_event(MONDAY, "created", status="new")
    found, _, _ = published([*steady(-3, 0), nobody, *steady(0, 90)])
    assert [each.audience for each in found[ALERTS]] == [("administrator",)]
    assert found[ALERTS][0].region == "unknown"
    assert found[HINTS] == []


@pytest.mark.parametrize(("level", "told"), [("potential", []), ("explicit", ["0.75", "0.9", "1", "1.5"])])
def test_that_nobody_looked_at_a_potential_complaint_is_for_the_board(level, told):
    """Half an hour has passed and the clock shows it; for an explicit one people hear, too late or not."""
    complaint = TicketSignal(
        ticket_id="T1",
        kind=SignalKind.COMPLAINED,
        cause_id="a1",
        occurred_at=MONDAY,
        level=Level(level),
        emitted_at=MONDAY,
    )
    found, _, _ = published([*steady(-3, 0), CREATED, complaint, *steady(1, 40)])
    assert [each.sla.key for each in found[ALERTS] if each.sla.clock == "first_action"] == told
    (clock,) = [each for each in found[SLA_CLOCKS][-1].clocks if each.clock == "first_action"]
    assert (clock.state, clock.breached_at is None) == ("active_with_misses", False)


def test_a_snapshot_holds_all_clocks_and_its_versions_count_up():
    """What changes nothing that is shown publishes nothing."""
    note = comment_event(MONDAY + MINUTE, "agent", public=False, status="new", assignee_id="A1")
    found, _, _ = published([CREATED, note, comment_event(MONDAY + HOUR, "agent", assignee_id="A1")])
    first, second = found[SLA_CLOCKS]
    assert [clock.clock for clock in first.clocks] == ["first_response", "first_resolution", "total_resolution"]
    assert [(each.version, each.status) for each in (first, second)] == [(1, "new"), (2, "open")]
    assert [each.record_id() for each in (first, second)] == ["clocks:T1:1", "clocks:T1:2"]
    assert second.clocks[0].state == "hit"


def test_after_a_long_silence_of_the_clock_the_backlog_is_read_first():
    """No worker was there for an hour: the answer that waits in the log is read before anybody cries breach."""
    answer = comment_event(MONDAY + 100 * MINUTE, "agent", assignee_id="A1")
    found, _, _ = published([*steady(-3, 0), CREATED, MONDAY + 130 * MINUTE, answer, *steady(131, 140)])
    assert [each for each in found[ALERTS] if each.sla.clock == "first_response"] == []


def test_a_repeat_counts_once():
    """The same event again changes neither row nor topic."""
    assert published([CREATED])[1:] == published([CREATED, CREATED, CREATED])[1:]


def test_parking_is_told_to_the_administrator():
    """Once, as a finding of the ticket with its name."""
    paused = ticket_event(MONDAY + 110 * MINUTE, "status_changed", status="pending", assignee_id="A1")
    found, _, _ = published([CREATED, paused, *steady(111, 300)])
    assert [(each.kind, each.finding, each.audience) for each in found[ALERTS] if each.finding] == [
        (AlertKind.HOUSE_RULE, "late_pause", ("administrator",))
    ]


def test_a_ticket_that_is_over_is_forgotten_and_an_open_one_never():
    """A month after it was closed its row goes; an open one stays, however long nobody touched it."""
    closed = ticket_event(MONDAY + HOUR, "closed", status="closed")
    opened = ticket_event(MONDAY, "created", status="new", ticket_id="T2")
    end = MONDAY + HOUR + KEPT_AFTER_MS
    steps = range(MONDAY, end, 4 * MINUTE)  # a clock that jumps further wakes nobody for a while
    found, _, rows = published([CREATED, closed, opened, *steps, end])
    assert set(rows) == {b"T2"}
    gone = [value for value in found[SLA_CLOCKS] if value is None or value.ticket_id == "T1"]
    assert gone[-1] is None  # a tombstone: a reader lets go of the ticket as well
    assert gone.count(None) == 1


@st.composite
def logs(draw):
    """Events of three urgent tickets in any order of arrival, between ticks that come every minute or two."""
    found, now = [MONDAY], MONDAY
    for number in range(draw(st.integers(1, 40))):
        now += draw(st.sampled_from([30_000, MINUTE, 2 * MINUTE]))
        ticket_id = draw(st.sampled_from(["T1", "T2", "T3"]))
        about = {"ticket_id": ticket_id, "event_id": f"e{draw(st.integers(0, number))}-{ticket_id}"}
        about["priority"] = "urgent"
        what = draw(st.sampled_from(["nothing", "nothing", "status", "comment", "late"]))
        if what == "status":
            status = draw(st.sampled_from(["open", "pending", "solved"]))
            found.append(ticket_event(now, "status_changed", status=status, **about))
        elif what == "late":
            found.append(ticket_event(now - 15 * MINUTE, "updated", status="open", **about))
        elif what == "comment":
            found.append(comment_event(now, draw(st.sampled_from(["agent", "customer"])), **about))
        found.append(now)
    return found


@settings(max_examples=60, deadline=None)
@given(events=logs(), most=st.integers(1, 9))
def test_where_batches_end_makes_no_difference(events, most):
    """The same rows and the same records in the same order, however the log is cut."""
    assert published(events, most=most)[1:] == published(events)[1:]


@settings(max_examples=40, deadline=None)
@given(events=logs(), cut=st.integers(0, 25))
def test_a_restart_in_between_makes_no_difference(events, cut):
    """Rows go through the changelog, wakes are found again in them: nothing is told twice, nothing is lost."""
    store, clock_ms, order = Store(TicketRow), 0, []
    for number, event in enumerate(events):
        if number == cut:
            recovered = Store(TicketRow)
            recovered.load((key, encode_row(row)) for key, row in store.items())
            recovered.loaded(now_ms=clock_ms)
            recovered.hold_wakes(until_ms=store.held_until_ms)
            store = recovered
        topic, each = record(event, number)
        turn = take_turn(STAGE, store, open_waiting(STAGE, (Waiting(topic, (each,)),), partition=0), clock_ms=clock_ms)
        store.apply(turn.changes, now_ms=turn.clock_ms)
        clock_ms = turn.clock_ms
        order += map(line, turn.outputs)
    assert order == published(events)[1]


@pytest.mark.parametrize("most", [1, 2, 9])
def test_more_than_one_tick_can_look_at_waits_for_the_next(monkeypatch, most):
    """A morning on which everything is late is worked off tick by tick: each told once, the instant as it was."""
    monkeypatch.setattr(fold, "MOST_A_TICK", 3)
    names = [f"t{number}" for number in range(7)]
    created = [ticket_event(MONDAY, "created", ticket_id=name, assignee_id="A1", event_id=name) for name in names]
    due = MONDAY + 90 * MINUTE
    found, _, _ = published([*steady(-3, 0), *created, *steady(1, 89), due, due + 1_000, due + 2_000], most=most)
    told = [(alert.ticket_id, alert.emitted_at - due) for alert in found[ALERTS] if alert.sla.key == "0.75"]
    assert told == [(name, number // 3 * 1_000) for number, name in enumerate(names)]
    assert {alert.occurred_at for alert in found[ALERTS]} == {due}


def test_a_tick_that_has_nothing_to_say_changes_no_row():
    """Neither rows nor records: time that merely passes costs nothing."""
    store = Store(TicketRow)
    turn = None
    for number, event in enumerate([CREATED, MONDAY + MINUTE, MONDAY + 2 * MINUTE]):
        topic, each = record(event, number)
        turn = take_turn(STAGE, store, open_waiting(STAGE, (Waiting(topic, (each,)),), partition=0), clock_ms=0)
        store.apply(turn.changes, now_ms=turn.clock_ms)
    assert (turn.changes, turn.outputs) == ({}, [])


@pytest.mark.parametrize("row", [TicketRow(), TicketRow(wake_at_ms=5)])
def test_the_wake_of_a_row_stands_first(row):
    """The store reads it out of the encoded row without decoding it."""
    assert encode_row(row).startswith(b'{"wake_at_ms":') == bool(row.wake_at_ms)
    assert msgspec.json.decode(encode_row(row), type=TicketRow) == row


def test_the_breach_of_a_raised_target_is_an_alert_of_its_own():
    """Whoever drops what came before must not drop it: another instant, another alert; of one clock still."""
    found, _, _ = published(
        [
            *steady(-3, 0),
            ticket_event(MONDAY, "created", status="new", priority="high"),
            *steady(0, 58),
            ticket_event(MONDAY + 58 * MINUTE + 1, "priority_changed", status="new"),
            *steady(59, 120),
        ]
    )
    told = [each for each in found[ALERTS] if each.sla.clock == "first_response"]
    assert [each.sla.key for each in told] == ["0.75", "0.9", "0.75", "0.9", "1"]
    assert len({each.alert_id for each in told}) == len(told)
