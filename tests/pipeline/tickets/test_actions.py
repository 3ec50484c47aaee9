"""What is done without a person: commands with ids that repeat, answered by the ticket system's own events or told."""

import pytest

from agents.stages.tickets import tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.runner import Incoming, Runner
from pipeline.sla.load import SlaError, parse_sla
from schemas import codec
from schemas.codec import Record
from schemas.ticks import Tick
from schemas.topics import ALERTS, COMMANDS, SLA_CLOCKS, TICKETS, TICKS
from schemas.vocabulary import AlertKind
from tests.support.tickets import MINUTE, STANDARD, at, comment_event, pack_of, ticket_event

MONDAY = at("2026-03-02 09:00")
ACTIONS = """
actions:
  late:
    zh: 将超时
    when: warning
    of: ["0.9"]
    clocks: [first_response]
    answer_within_minutes: 5
    do:
      - {command: assign}
      - {command: set_priority}
      - {command: notify_customer, template: progress}
task_forces:
  south: {zh: 华南, regions: ["440000"], at_most: 1}
  anybody: {zh: 专案}
templates:
  progress: {zh: "工单 {ticket_id} {status}，{due} 前答复"}
"""
PACK = pack_of(STANDARD + ACTIONS)


def steady(first, last):
    """A tick a minute, counted from the beginning."""
    return [MONDAY + minute * MINUTE for minute in range(first, last + 1)]


def published(events, pack=PACK):
    """What comes of events and ticks, by topic."""
    runner = Runner([tickets_stage(pack, NO_TABLES)], partition_of=lambda key: 0)
    found = {}
    for number, event in enumerate([*steady(-3, 0), *events]):
        if isinstance(event, int):
            record = Record(number, event, b"0", codec.encode(Tick(now_ms=event, reason="timer")))
            outputs = runner.feed([Incoming(TICKS, 0, record)])
        else:
            record = Record(number, event.occurred_at, event.ticket_id.encode(), codec.encode(event))
            outputs = runner.feed([Incoming(TICKETS, 0, record)])
        for output in outputs:
            found.setdefault(output.topic, []).append(output.value)
    return found


def created(ticket_id="T1", moment=MONDAY, **fields):
    """The beginning of a ticket in the south."""
    about = {"status": "new", "region": "440000", "assignee_id": "A1"} | fields
    return ticket_event(moment, "created", ticket_id=ticket_id, **about)


def test_a_warning_has_the_ticket_moved():
    """To the task force of its region, a step up, and the customer hears how far it is."""
    found = published([created(), *steady(1, 108)])
    assign, priority, tell = found[COMMANDS]
    assert (assign.command, assign.group_id) == ("assign", "south")
    assert (priority.command, priority.priority) == ("set_priority", "high")
    assert tell.params["text"] == "工单 T1 已受理，03-02 11:00 前答复"
    assert {each.cause_alert_id for each in found[COMMANDS]} == {found[ALERTS][-1].alert_id}
    assert {each.expires_at for each in found[COMMANDS]} == {MONDAY + 113 * MINUTE}
    again = published([created(), *steady(1, 108)])
    assert [each.command_id for each in again[COMMANDS]] == [each.command_id for each in found[COMMANDS]]
    assert len({each.command_id for each in found[COMMANDS]}) == 3


def test_a_customer_is_never_told_a_time_that_has_passed():
    """After the breach the next due time is that of the solution; where everything is late, nobody names a time."""
    late = STANDARD + ACTIONS.replace("when: warning", "when: breach").replace('"0.9"', '"1", "1.5"')
    found = published([created(), *steady(1, 121)], pack_of(late))
    assert found[COMMANDS][-1].params["due"] == "03-02 18:00"
    short = late.replace(
        "total_resolution: {minutes: {low: 960, normal: 480", "total_resolution: {minutes: {low: 960, normal: 60"
    )
    short = short.replace(
        "first_resolution: {minutes: {low: 960, normal: 480", "first_resolution: {minutes: {low: 960, normal: 60"
    )
    found = published([created(), *steady(1, 121)], pack_of(short))
    assert [each.command for each in found[COMMANDS]] == ["assign", "set_priority"]


def test_a_region_that_writes_traditional_reads_it():
    """Taiwan, Hong Kong, Macau."""
    found = published([created(region="710000"), *steady(1, 108)])
    assert found[COMMANDS][-1].params["text"].startswith("工單 T1")
    assert found[COMMANDS][0].group_id == "anybody"


def test_what_is_answered_is_not_told():
    """Group, priority and a public comment are the answers; nobody hears of what was done."""
    done = MONDAY + 109 * MINUTE
    answer = comment_event(done, "bot", ticket_id="T1", status="open", priority="high", group_id="south")
    found = published([created(), *steady(1, 108), answer, *steady(110, 130)])
    assert not [each for each in found[ALERTS] if each.kind is AlertKind.COMMAND_UNANSWERED]


def test_what_is_on_its_way_is_not_sent_again():
    """Two warnings ask for the same before the first was answered; once it was, and undone, it is asked for again."""
    twice = pack_of(STANDARD + ACTIONS.replace('["0.9"]', '["0.75", "0.9"]').replace("minutes: 5", "minutes: 60"))
    found = published([created(), *steady(1, 108)], twice)
    assert [each.command for each in found[COMMANDS]] == ["assign", "set_priority", "notify_customer"]
    moved = ticket_event(MONDAY + 95 * MINUTE, "assigned", status="new", ticket_id="T1", group_id="south")
    away = ticket_event(MONDAY + 96 * MINUTE, "assigned", status="new", ticket_id="T1", group_id="others")
    found = published([created(), *steady(1, 94), moved, away, *steady(97, 108)], twice)
    assert [each.command for each in found[COMMANDS]] == ["assign", "set_priority", "notify_customer", "assign"]


def test_what_happened_before_a_command_does_not_answer_it():
    """A comment of ten o'clock that comes late is no sign that the customer was told at 10:48."""
    early = comment_event(MONDAY + 60 * MINUTE, "bot", ticket_id="T1", status="new")
    found = published([created(), *steady(1, 108), early, *steady(110, 120)])
    unanswered = [each.finding for each in found[ALERTS] if each.kind is AlertKind.COMMAND_UNANSWERED]
    assert "notify_customer:progress" in unanswered


def test_what_is_not_answered_is_told_and_escalated():
    """After five minutes, for each command once; what was answered is not among them."""
    partly = ticket_event(MONDAY + 109 * MINUTE, "assigned", status="open", group_id="south", ticket_id="T1")
    found = published([created(), *steady(1, 108), partly, *steady(110, 140)])
    unanswered = [each for each in found[ALERTS] if each.kind is AlertKind.COMMAND_UNANSWERED]
    assert [each.finding for each in unanswered] == ["set_priority:high", "notify_customer:progress"]
    assert {each.audience for each in unanswered} == {("administrator", "escalation")}
    assert {each.emitted_at for each in unanswered} == {MONDAY + 113 * MINUTE}


@pytest.mark.parametrize(
    "end",
    [
        pytest.param({"kind": "status_changed", "status": "solved"}, id="solved"),
        pytest.param({"kind": "merged", "status": "closed", "merged_into": "T0"}, id="merged"),
    ],
)
def test_nobody_asks_what_became_of_a_ticket_that_is_over(end):
    """Solved before it was moved: nobody has to move it any more, and no group has it."""
    ended = ticket_event(MONDAY + 110 * MINUTE, ticket_id="T1", **end)
    second = created("T2", MONDAY + 10 * MINUTE)
    found = published([created(), second, *steady(1, 109), ended, *steady(111, 140)])
    assert {each.ticket_id for each in found[ALERTS] if each.kind is AlertKind.COMMAND_UNANSWERED} == {"T2"}
    assert [each.group_id for each in found[COMMANDS] if each.group_id] == ["south", "south"]


def test_an_action_that_waits_for_a_breach_follows_from_what_stands_for_it():
    """No worker was there when it was late: what is told hours later moves the ticket all the same."""
    late = pack_of(STANDARD + ACTIONS.replace("when: warning", "when: breach").replace('"0.9"', '"1"'))
    after = [MONDAY + minute * MINUTE for minute in range(300, 304)]
    found = published([created(), MONDAY + 5 * MINUTE, *after], late)
    (alert,) = [each for each in found[ALERTS] if each.sla and each.sla.clock == "first_response"]
    assert (alert.sla.key, alert.audience) == ("1.5", ("handler", "administrator", "escalation"))
    assert [each.command for each in found[COMMANDS]] == ["assign", "set_priority", "notify_customer"]


def test_load_decides_between_task_forces():
    """The one of the region takes one ticket; the next goes elsewhere, and comes back when the first is solved."""
    first, second = created("T1"), created("T2", MONDAY + MINUTE)
    found = published([first, second, *steady(1, 109)])
    assert [each.group_id for each in found[COMMANDS] if each.group_id] == ["south", "anybody"]
    moved = ticket_event(MONDAY + 108 * MINUTE + 1, "assigned", ticket_id="T1", group_id="south", status="open")
    solved = ticket_event(MONDAY + 108 * MINUTE + 2, "status_changed", ticket_id="T1", status="solved")
    found = published([first, second, *steady(1, 108), moved, solved, *steady(109, 109)])
    assert [each.group_id for each in found[COMMANDS] if each.group_id] == ["south", "south"]


def test_a_trial_sends_nothing():
    """What would be done stands on the snapshot."""
    found = published(
        [created(), *steady(1, 108)], pack_of(STANDARD + ACTIONS.replace("zh: 将超时", "zh: 将超时\n    dry_run: true"))
    )
    assert COMMANDS not in found
    assert found[SLA_CLOCKS][-1].would_do == ("assign:south", "set_priority:high", "notify_customer:progress")


def test_a_drill_asks_the_ticket_system_for_nothing():
    """All that would be done is on the snapshot; nobody waits for an answer, and no group has a ticket more."""
    drill = [created(test="d1"), created("T2", MONDAY + MINUTE), *steady(1, 130)]
    found = published(drill)
    assert {each.ticket_id for each in found[COMMANDS]} == {"T2"}
    assert [each.group_id for each in found[COMMANDS] if each.group_id][:1] == ["south"]
    (tried,) = {each.would_do for each in found[SLA_CLOCKS] if each.ticket_id == "T1" and each.would_do}
    assert tried == ("assign:south", "set_priority:high", "notify_customer:progress")
    unanswered = [each for each in found[ALERTS] if each.kind is AlertKind.COMMAND_UNANSWERED]
    assert {each.ticket_id for each in unanswered} <= {"T2"}


def test_what_is_so_already_is_not_told_to_be_done():
    """A ticket of a task force stays there; one that is urgent cannot be raised; one that is over is left alone."""
    found = published([created(group_id="anybody"), *steady(1, 108)])
    assert [each.command for each in found[COMMANDS]] == ["set_priority", "notify_customer"]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param(
            "template: progress", "template: nothing", "names the template nothing; known: progress", id="template"
        ),
        pytest.param(
            "{due}", "{price}", "has the variable price; known are ticket_id, status, group, due", id="variable"
        ),
        pytest.param(
            "when: warning",
            "when: sunday",
            "is sunday; write one of complaint, warning, breach, promise, finding",
            id="trigger",
        ),
    ],
)
def test_problems_are_named(before, after, problem):
    """Before anything is swapped in."""
    with pytest.raises(SlaError, match=problem):
        parse_sla([("sla.yaml", (STANDARD + ACTIONS.replace(before, after)).encode())])


def test_assigning_to_nobody_is_a_problem():
    """Without a task force a group must be named."""
    text = STANDARD + ACTIONS[: ACTIONS.index("task_forces")] + ACTIONS[ACTIONS.index("templates") :]
    with pytest.raises(SlaError, match="assigns to nobody; write group: … or a section task_forces"):
        parse_sla([("sla.yaml", text.encode())])
