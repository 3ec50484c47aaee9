"""The whole way in memory: a complaint in a call moves its ticket; a ticket's comment is heard like a chat message."""

import json

import pytest

from agents.product import build_product
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from pipeline.sla.ticket import KEPT_AFTER_MS
from schemas import codec, topics
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.commands import Command
from schemas.incidents import Incident
from schemas.links import LinkedComplaint, LinkedTicket, TicketSignal
from schemas.sla_clocks import TicketClocks
from schemas.tagged import Tag
from schemas.topics import TICKETS, TICKS, UTTERANCES
from schemas.vocabulary import ChannelClass, Level
from tests.support.tickets import HOUR, MINUTE, STANDARD, at, comment_event, ticket_event

MONDAY = at("2026-03-02 09:00")
ACTIONS = """
actions:
  high_risk:
    zh: 高危
    when: complaint
    of: [high_risk]
    do:
      - {command: assign}
      - {command: set_priority, priority: urgent}
      - {command: link}
      - {command: notify_customer, template: progress}
task_forces:
  refunds: {zh: 退款专案, reasons: [refund]}
  anybody: {zh: 专案}
templates:
  progress: {zh: "工单 {ticket_id} 已由专人跟进"}
"""


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Every stage of the product, with policies of this test."""
    file = tmp_path_factory.mktemp("sla") / "sla.yaml"
    file.write_text(STANDARD + ACTIONS + HOUSE, encoding="utf-8")
    return build_product(Settings(sla=str(file))).stages


def clocks_of(found, ticket_id):
    """A ticket's clocks as they were told last, by name."""
    told = [each for each in found[TicketClocks] if each.ticket_id == ticket_id]
    return {clock.clock: clock for clock in told[-1].clocks} if told else {}


def run(stages, *events, runner=None):
    """What every stage publishes because of events and ticks, by type."""
    runner = runner or Runner(stages, partition_of=lambda key: 0)
    found = {}
    for number, event in enumerate([MONDAY - MINUTE, *events]):
        if isinstance(event, int):
            body = codec.encode(topics.by_name["ticks"].messages[0](now_ms=event, reason="timer"))
            incoming = Incoming(TICKS, 0, Record(number, event, b"0", body))
        elif isinstance(event, dict):
            key = event["conversation_id"].encode()
            body = json.dumps(event, ensure_ascii=False).encode()
            incoming = Incoming(UTTERANCES, 0, Record(number, event["occurred_at"], key, body))
        else:
            key = event.ticket_id.encode()
            incoming = Incoming(TICKETS, 0, Record(number, event.occurred_at, key, codec.encode(event)))
        for output in runner.feed([incoming]):
            found.setdefault(type(output.value), []).append(output.value)
    return found


def said(moment, text, **fields):
    """What a customer says in call `c1`."""
    body = {
        "schema": "call.utterance/1", "event_id": f"u{moment}", "source": "asr", "occurred_at": moment,
        "conversation_id": "c1", "utterance_id": f"u{moment}", "revision": 0, "is_final": True, "role": "customer",
        "text": text, "start_ms": 0, "end_ms": 0, "region": "440000",
    }  # fmt: skip
    return body | fields


def created(**fields):
    """A ticket of that call."""
    about = {"status": "new", "region": "440000", "conversation_id": "c1", "customer_key": "k1"}
    return ticket_event(MONDAY, "created", **(about | fields))


HOUSE = """
house_rules: {quality: [质量], whim: [误购], rejected: [拒绝]}
"""
THREAT = "再不给我退款我就打12315投诉你们"


def test_a_complaint_in_a_call_moves_its_ticket(stages):
    """To a task force, to urgent, and the customer hears of it; five minutes to act."""
    found = run(stages, created(), said(MONDAY + MINUTE, THREAT))
    (signal,) = found[TicketSignal]
    assert (signal.ticket_id, signal.level, signal.conversation_id) == ("T1", Level.HIGH_RISK, "c1")
    commands = {each.command: each for each in found[Command]}
    assert commands["assign"].group_id == "refunds"
    assert commands["set_priority"].priority == "urgent"
    assert commands["notify_customer"].params["text"] == "工单 T1 已由专人跟进"
    assert "link" not in commands  # it is linked already
    assert {each.cause_alert_id for each in found[Command]} == {found[Alert][0].alert_id}
    clocks = {clock.clock: clock for clock in found[TicketClocks][-1].clocks}
    assert clocks["first_action"].target_ms == 5 * MINUTE


def test_a_command_that_nobody_carries_out_reaches_people(stages):
    """Ten minutes without an event of the ticket system: an alert for each command, and an incident that escalates."""
    clock = [MONDAY + MINUTE * minute for minute in range(2, 13)]
    done = ticket_event(MONDAY + 3 * MINUTE + 1, "assigned", group_id="refunds", priority="urgent")
    found = run(stages, created(), said(MONDAY + MINUTE, THREAT), *clock[:2], done, *clock[2:])
    unanswered = [each for each in found[Alert] if each.kind == "command_unanswered"]
    assert [each.finding for each in unanswered] == ["notify_customer:progress"]
    assert unanswered[0].emitted_at == MONDAY + 11 * MINUTE
    members = {member for incident in found[Incident] for member in incident.members}
    assert unanswered[0].alert_id in members


def test_a_complaint_finds_the_ticket_by_its_customer(stages):
    """Another call of the same customer moves the ticket that was opened last, and links the call."""
    old = ticket_event(MONDAY - MINUTE, "created", ticket_id="T0", status="new", customer_key="k1")
    new = created(conversation_id=None)
    found = run(stages, old, new, said(MONDAY + MINUTE, THREAT, conversation_id="c2", customer_key="k1"))
    assert {each.ticket_id for each in found[TicketSignal]} == {"T1"}
    assert [each.conversation_id for each in found[Command] if each.command == "link"] == ["c2"]


def test_a_complaint_finds_the_ticket_by_its_order_alone(stages):
    """Neither the conversation nor the customer is known to the ticket; that of another order stays where it is."""
    mine = created(conversation_id=None, customer_key=None, order_id="A-77")
    other = ticket_event(MONDAY, "created", ticket_id="T2", status="new", order_id="A-78")
    found = run(stages, mine, other, said(MONDAY + MINUTE, THREAT, conversation_id="c2", order_id="A-77"))
    assert [(each.ticket_id, each.conversation_id, each.level) for each in found[TicketSignal]] == [
        ("T1", "c2", Level.HIGH_RISK)
    ]
    assert {each.ticket_id for each in found[Command]} == {"T1"}
    clocks = {each.ticket_id: {clock.clock for clock in each.clocks} for each in found[TicketClocks]}
    assert "first_action" in clocks["T1"]
    assert "first_action" not in clocks["T2"]


@pytest.mark.parametrize(
    ("role", "text"),
    [
        pytest.param("customer", "我的订单号是幺三八，零零一二，三四五六", id="read aloud by the customer"),
        pytest.param("agent", "跟您核对一下，订单号13800123456对吗", id="read back by the agent"),
    ],
)
def test_a_complaint_finds_the_ticket_by_an_order_number_that_was_said(stages, role, text):
    """In another sentence of the same call; the number itself is in no record."""
    mine = created(conversation_id=None, customer_key=None, order_id="138-0012-3456")
    named = said(MONDAY + MINUTE, text, conversation_id="c2", role=role)
    found = run(stages, mine, named, said(MONDAY + 2 * MINUTE, THREAT, conversation_id="c2"))
    assert [(each.ticket_id, each.conversation_id) for each in found[TicketSignal]] == [("T1", "c2")]
    assert {each.order_id for each in found[Alert] if each.conversation_id == "c2"} == {""}
    told = b"".join(codec.encode(each) for each in found[Alert] + found[TicketSignal] + found[LinkedComplaint])
    assert b"13800123456" not in told


def test_an_order_that_the_sender_names_goes_before_one_that_was_said(stages):
    """A field is surer than a recogniser."""
    mine = created(conversation_id=None, customer_key=None, order_id="A-77")
    named = said(MONDAY + MINUTE, "订单号13800123456", conversation_id="c2", order_id="A-77")
    found = run(stages, mine, named, said(MONDAY + 2 * MINUTE, THREAT, conversation_id="c2"))
    assert [each.ticket_id for each in found[TicketSignal]] == ["T1"]
    assert {each.order_mark for each in found[Alert] if each.conversation_id == "c2"} == {""}


def test_a_ticket_that_is_opened_after_the_complaint_has_it_too(stages):
    """Within three days; both links lead to the same complaint, which counts once."""
    found = run(stages, said(MONDAY - MINUTE, THREAT, customer_key="k1"), created())
    assert {each.cause_id for each in found[TicketSignal]} == {found[Alert][0].alert_id}
    assert len([each for each in found[Command] if each.command == "assign"]) == 1
    late = ticket_event(MONDAY + 72 * HOUR, "created", status="new", conversation_id="c1")
    assert TicketSignal not in run(stages, said(MONDAY - MINUTE, THREAT), late)


def test_a_drill_moves_no_real_ticket(stages):
    """Whatever call or customer it names."""
    found = run(stages, created(), said(MONDAY + MINUTE, THREAT, customer_key="k1", test="d1"))
    assert {each.test for each in found[TicketSignal]} == {"d1"}
    assert Command not in found
    assert "first_action" not in {clock.clock for each in found[TicketClocks] for clock in each.clocks}


def test_a_ticket_that_is_over_is_left_alone(stages):
    """Closed or merged away, it has no links."""
    solved = ticket_event(MONDAY + MINUTE, "status_changed", status="solved", conversation_id="c1")
    found = run(stages, created(), solved, said(MONDAY + 2 * MINUTE, THREAT))
    assert TicketSignal not in found
    assert [each.is_open for each in found[LinkedTicket] if each.link == "conversation:c1"] == [True, False]


def test_a_comment_on_a_ticket_is_heard_like_a_chat_message(stages):
    """It is tagged, it alerts under the channel `ticket`, and it moves its own ticket and no other of the customer."""
    other = ticket_event(MONDAY + 1, "created", ticket_id="T2", status="new", customer_key="k1")
    comment = comment_event(MONDAY + MINUTE, "customer", text=THREAT, customer_key="k1", region="440000")
    found = run(stages, created(), other, comment)
    assert [(tag.conversation_id, tag.channel) for tag in found[Tag]] == [("ticket:T1", ChannelClass.TICKET)]
    assert [each.conversation_id for each in found[Alert]] == ["ticket:T1"]
    assert {each.ticket_id for each in found[TicketSignal]} == {"T1"}
    assert {each.ticket_id for each in found[Command]} == {"T1"}


def test_what_an_agent_notes_is_no_complaint(stages):
    """Neither an internal note nor an answer that speaks of complaints."""
    notes = [
        comment_event(MONDAY + MINUTE, "agent", public=False, text="客户说要打12315投诉"),
        comment_event(MONDAY + 2 * MINUTE, "agent", text="您的投诉我们已经收到"),
    ]
    assert TicketSignal not in run(stages, created(), *notes)


def test_the_first_words_of_a_ticket_are_read(stages):
    """Subject and body are what the customer said first."""
    found = run(stages, created(subject="退款", body=THREAT))
    assert [tag.utterance_id for tag in found[Tag]] == ["body"]
    assert found[TicketSignal][0].level is Level.HIGH_RISK


def test_what_was_merged_into_a_ticket_before_anybody_heard_of_it_counts(stages):
    """Partitions know no common order: the merge may come first. The older customer has waited since the beginning."""
    older = ticket_event(MONDAY - HOUR, "created", ticket_id="T0", status="new")
    merged = ticket_event(MONDAY + MINUTE, "merged", ticket_id="T0", status="closed", merged_into="T1")
    late = run(stages, older, merged, created())
    usual = run(stages, older, created(), merged)
    assert clocks_of(late, "T1") == clocks_of(usual, "T1")
    assert clocks_of(late, "T1")["total_resolution"].started_at == MONDAY - HOUR
    again = run(stages, older, merged, merged, created())
    assert clocks_of(again, "T1") == clocks_of(late, "T1")


def test_the_beginning_of_a_merged_ticket_may_come_last(stages):
    """Its creation is sent after its merge: the ticket that took it in hears that somebody has waited for longer."""
    older = ticket_event(MONDAY - HOUR, "created", ticket_id="T0", status="new")
    merged = ticket_event(MONDAY + MINUTE, "merged", ticket_id="T0", status="closed", merged_into="T1")
    found = run(stages, created(), merged, older)
    assert [each.since for each in found[TicketSignal]] == [MONDAY + MINUTE, MONDAY - HOUR]
    assert clocks_of(found, "T1")["total_resolution"].started_at == MONDAY - HOUR


def test_nothing_runs_for_a_ticket_of_which_only_a_merge_was_heard(stages):
    """It may have been closed long ago: nobody is warned, and after thirty days it is forgotten."""
    older = ticket_event(MONDAY - HOUR, "created", ticket_id="T0", status="new")
    merged = ticket_event(MONDAY + MINUTE, "merged", ticket_id="T0", status="closed", merged_into="T1")
    runner = Runner(stages, partition_of=lambda key: 0)
    found = run(stages, older, merged, *[MONDAY + MINUTE * minute for minute in range(2, 60)], runner=runner)
    (tickets,) = [stage for stage in stages if stage.name == "tickets"]
    assert not clocks_of(found, "T1")
    assert not runner.rows(tickets)[0, b"T1"].is_known
    later = MONDAY + KEPT_AFTER_MS + HOUR
    run(stages, later, later + 3 * MINUTE, runner=runner)  # after a jump of the clock nobody is woken for two minutes
    assert (0, b"T1") not in runner.rows(tickets)


def test_a_merged_ticket_tells_the_one_that_took_it_in(stages):
    """Whoever waited there first is owed since then."""
    older = ticket_event(MONDAY - 30 * MINUTE, "created", ticket_id="T0", status="new")
    merged = ticket_event(MONDAY + MINUTE, "merged", ticket_id="T0", status="closed", merged_into="T1")
    found = run(stages, older, created(), merged)
    last = found[TicketClocks][-1]
    assert (last.ticket_id, last.created_at) == ("T1", MONDAY - 30 * MINUTE)
    assert last.clocks[0].started_at == MONDAY - 30 * MINUTE


def findings(found):
    """The house rules that were broken, by ticket."""
    return [(each.ticket_id, each.finding) for each in found.get(Alert, []) if each.kind == "house_rule"]


def test_a_case_of_quality_stays_one(stages):
    """Filed again as bought by mistake it is a finding; the other way round it is none."""
    refiled = ticket_event(MONDAY + MINUTE, category="误购")
    assert findings(run(stages, created(category="质量"), refiled)) == [("T1", "refiled_category")]
    back = ticket_event(MONDAY + MINUTE, category="质量")
    assert findings(run(stages, created(category="误购"), back)) == []


def test_a_refusal_has_a_reason(stages):
    """Written down or it is a finding, once."""
    bare = ticket_event(MONDAY + MINUTE, tags=("拒绝",), actor_id="A1")
    again = ticket_event(MONDAY + 2 * MINUTE, tags=("拒绝",), actor_id="A1")
    assert findings(run(stages, created(), bare, again)) == [("T1", "unexplained_rejection")]
    explained = ticket_event(MONDAY + MINUTE, tags=("拒绝",), actor_id="A1", reason="超过期限")
    assert findings(run(stages, created(), explained)) == []


def refusals(count, step_ms):
    """So many tickets, each refused by the same person with a reason, at a pace."""
    for number in range(count):
        ticket_id, moment = f"R{number}", MONDAY + number * step_ms
        yield ticket_event(moment, "created", ticket_id=ticket_id, status="new")
        yield ticket_event(moment + 1, ticket_id=ticket_id, tags=("拒绝",), actor_id="A1", reason="超过期限")


def test_nobody_refuses_ten_within_five_minutes(stages):
    """The tenth shows it; at a pace at which a person can read, none does."""
    assert findings(run(stages, *refusals(10, 20_000))) == [("R9", "bulk_rejection")]
    assert findings(run(stages, *refusals(10, 40_000))) == []
    assert findings(run(stages, *refusals(9, 1_000))) == []


def parked(count, step_ms, status="pending", actor="A1", tickets=None):
    """So many tickets, each set to a status by the same person, at a pace."""
    for number in range(count):
        ticket_id, moment = f"P{number % (tickets or count)}", MONDAY + number * step_ms
        if number < (tickets or count):
            yield ticket_event(moment, "created", ticket_id=ticket_id, status="new")
        else:
            yield ticket_event(moment, "status_changed", ticket_id=ticket_id, status="open", actor_id=actor)
        yield ticket_event(moment + 1, "status_changed", ticket_id=ticket_id, status=status, actor_id=actor)


@pytest.mark.parametrize("status", ["pending", "on_hold", "solved", "closed"])
def test_nobody_stops_the_clocks_of_ten_within_five_minutes(stages, status):
    """The tenth ticket shows it, whichever status stops its clocks."""
    assert ("P9", "bulk_status") in findings(run(stages, *parked(10, 20_000, status)))


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(parked(10, 40_000), id="at a pace at which a person can read"),
        pytest.param(parked(9, 1_000), id="nine"),
        pytest.param(parked(10, 1_000, "open"), id="taken up, which stops nothing"),
        pytest.param(parked(10, 1_000, actor=None), id="by nobody knows whom"),
        pytest.param(parked(12, 1_000, tickets=4), id="four tickets three times each"),
    ],
)
def test_what_is_no_bulk_change(stages, events):
    """Slow, few, harmless, anonymous, or always the same tickets."""
    assert "bulk_status" not in dict(map(reversed, findings(run(stages, *events))))


def test_one_order_has_one_open_ticket(stages):
    """A second one while the first is open is a finding; after that was solved it is none."""
    first = created(order_id="o1", conversation_id=None, customer_key=None)
    second = ticket_event(MONDAY + 2 * MINUTE, "created", ticket_id="T2", status="new", order_id="o1")
    assert findings(run(stages, first, second)) == [("T2", "repeated_order")]
    solved = ticket_event(MONDAY + MINUTE, "status_changed", status="solved")
    assert findings(run(stages, first, solved, second)) == []


@pytest.mark.parametrize("later_ms", [5 * MINUTE, 24 * HOUR])
def test_the_clocks_of_a_ticket_start_with_it(stages, later_ms):
    """Not with the complaint of the day before: five minutes to act from when there was something to act on."""
    opened = MONDAY + later_ms
    ticket = ticket_event(opened, "created", status="new", region="440000", conversation_id="c1", customer_key="k1")
    found = run(stages, said(MONDAY, THREAT), ticket, opened + MINUTE, opened + 2 * MINUTE)
    clocks = clocks_of(found, "T1")
    assert {each.started_at for each in clocks.values()} == {opened}
    assert clocks["first_action"].due_at == opened + 5 * MINUTE
    assert [each for each in found[Alert] if each.sla] == []
    assert found[TicketClocks][-1].created_at == opened


def test_an_earlier_complaint_changes_nothing_about_what_is_enforced(tmp_path):
    """A policy for tickets from Tuesday on holds for one of Tuesday, whatever was said on Monday."""
    file = tmp_path / "sla.yaml"
    file.write_text(
        STANDARD.replace("    zh: 普通\n", "    zh: 普通\n    enforce_from: 2026-03-03\n"), encoding="utf-8"
    )
    ticket = ticket_event(MONDAY + 24 * HOUR, "created", status="new", conversation_id="c1")
    found = run(build_product(Settings(sla=str(file))).stages, said(MONDAY, THREAT), ticket)
    assert set(clocks_of(found, "T1")) == {"first_response", "first_resolution", "total_resolution", "first_action"}


def test_a_ticket_that_is_linked_after_the_complaint_is_moved(stages):
    """Who takes a call writes its number down minutes later: the clock counts from the complaint."""
    linked = ticket_event(MONDAY + 4 * MINUTE, "updated", status="new", conversation_id="c1")
    found = run(stages, created(conversation_id=None, customer_key=None), said(MONDAY + MINUTE, THREAT), linked)
    assert [(each.ticket_id, each.level) for each in found[TicketSignal]] == [("T1", Level.HIGH_RISK)]
    assert clocks_of(found, "T1")["first_action"].due_at == MONDAY + 6 * MINUTE
    late = run(stages, said(MONDAY + MINUTE, THREAT), created())
    assert clocks_of(late, "T1")["first_action"].due_at == MONDAY + 6 * MINUTE


@pytest.mark.parametrize(
    ("deed", "state"),
    [
        pytest.param({"kind": "assigned", "group_id": "refunds", "actor_id": "tocsin"}, "active", id="by our name"),
        pytest.param({"kind": "assigned", "group_id": "refunds"}, "active", id="by nobody's name"),
        pytest.param({"kind": "assigned", "group_id": "refunds", "actor_id": "A2"}, "hit", id="by a person"),
        pytest.param({"kind": "assigned", "group_id": "refunds", "assignee_id": "A1"}, "hit", id="to a person"),
        pytest.param({"kind": "assigned", "group_id": "others"}, "hit", id="to a group that nobody asked for"),
    ],
)
def test_doing_what_it_was_told_is_no_first_action(stages, deed, state):
    """The ticket system moves the ticket because Tocsin said so: no person has looked at it yet."""
    done = ticket_event(MONDAY + MINUTE + 1, **({"priority": "urgent"} | deed))
    found = run(stages, created(), said(MONDAY + MINUTE, THREAT), done)
    assert clocks_of(found, "T1")["first_action"].state == state


def test_a_fast_clock_delays_no_alarm(stages):
    """A caller two hours ahead: the five minutes run from when it was heard."""
    runner = Runner(stages, partition_of=lambda key: 0)
    run(stages, created(), runner=runner)
    body = json.dumps(said(MONDAY + 2 * HOUR, THREAT), ensure_ascii=False).encode()
    outputs = runner.feed([Incoming(UTTERANCES, 0, Record(9, MONDAY + MINUTE, b"c1", body))])
    (clocks,) = [each.value for each in outputs if isinstance(each.value, TicketClocks)]
    (clock,) = [each for each in clocks.clocks if each.clock == "first_action"]
    assert (clock.started_at, clock.due_at) == (MONDAY + MINUTE, MONDAY + 6 * MINUTE)


def test_a_fast_clock_delays_no_merger(stages):
    """The older customer has waited since that ticket was created, and nobody waits until the day after."""
    older = ticket_event(MONDAY - HOUR, "created", ticket_id="T0", status="new")
    merged = ticket_event(MONDAY + 12 * HOUR, "merged", ticket_id="T0", status="closed", merged_into="T1")
    runner = Runner(stages, partition_of=lambda key: 0)
    run(stages, older, created(), runner=runner)
    outputs = runner.feed([Incoming(TICKETS, 0, Record(9, MONDAY + MINUTE, b"T0", codec.encode(merged)))])
    clocks = clocks_of({TicketClocks: [each.value for each in outputs if isinstance(each.value, TicketClocks)]}, "T1")
    assert {(each.started_at, each.elapsed_ms) for each in clocks.values()} == {(MONDAY - HOUR, MINUTE)}


def drill(number=0, **fields):
    """A ticket of a drill."""
    return ticket_event(MONDAY + 1000 + number, "created", ticket_id=f"D{number}", status="new", test="d1", **fields)


def test_a_drill_takes_no_complaint_away(stages):
    """It is nobody's newest ticket, and no second one for an order."""
    real = created(conversation_id=None)
    call = said(MONDAY + MINUTE, THREAT, conversation_id="c2", customer_key="k1")
    assert [each.ticket_id for each in run(stages, real, drill(customer_key="k1"), call)[TicketSignal]] == ["T1"]
    assert findings(run(stages, drill(order_id="o1"), ticket_event(MONDAY + 2000, "created", order_id="o1"))) == []


def test_a_drill_incriminates_nobody(stages):
    """Nine refusals of a drill and a real one are one refusal; what is merged in a drill moves no real ticket."""
    refused = {"tags": ("拒绝",), "reason": "超过期限", "actor_id": "A1"}
    tried = [drill(number) for number in range(9)]
    tried += [ticket_event(MONDAY + 2000, ticket_id=f"D{number}", **refused) for number in range(9)]
    real = [created(), ticket_event(MONDAY + 3000, **refused)]
    assert findings(run(stages, *tried, *real)) == []
    merged = ticket_event(MONDAY + MINUTE, "merged", ticket_id="D0", status="closed", merged_into="T1")
    found = run(
        stages, ticket_event(MONDAY - HOUR, "created", ticket_id="D0", status="new", test="d1"), created(), merged
    )
    assert clocks_of(found, "T1")["total_resolution"].started_at == MONDAY


def test_a_drill_that_was_linked_before_is_let_go(stages):
    """Its row is from before drills had so few links: its next event takes them back."""
    runner = Runner(stages, partition_of=lambda key: 0)
    run(stages, drill(customer_key="k1"), runner=runner)
    found = run(stages, ticket_event(MONDAY + MINUTE, ticket_id="D0"), runner=runner)
    assert [(each.link, each.is_open) for each in found[LinkedTicket]] == [("customer:k1", False)]


MILD = "你们这服务态度不太好"


def test_a_later_milder_complaint_is_a_milder_one(stages):
    """Half an hour, and for the board alone, though the gravest of this ticket was dealt with an hour before."""
    answer = comment_event(MONDAY + 2 * MINUTE, "agent", region="440000")
    milder = said(MONDAY + 60 * MINUTE, MILD, conversation_id="c9", customer_key="k1")
    clock = [MONDAY + minute * MINUTE for minute in range(58, 95)]
    found = run(stages, created(), said(MONDAY + MINUTE, THREAT), answer, *clock[:2], milder, *clock[2:])
    action = clocks_of(found, "T1")["first_action"]
    assert (action.cycle, action.target_ms) == (2, 30 * MINUTE)
    assert action.state == "active_with_misses"
    assert [each for each in found[Alert] if each.sla and each.sla.clock == "first_action"] == []


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(
            [
                created(category="质量"),
                ticket_event(MONDAY + 1, category="其他"),
                ticket_event(MONDAY + 2, category="误购"),
            ],
            id="with a stop in between",
        ),
        pytest.param([ticket_event(MONDAY, category="误购", previous_category="质量")], id="by the sender's word"),
    ],
)
def test_what_once_was_of_quality_is_so(stages, events):
    """Filed again as bought by mistake it is a finding, by whatever way."""
    assert findings(run(stages, *events)) == [("T1", "refiled_category")]


def test_a_blank_is_no_reason(stages):
    """Whoever presses the space bar has explained nothing."""
    blank = ticket_event(MONDAY + MINUTE, tags=("拒绝",), reason=" \t")
    assert findings(run(stages, created(), blank)) == [("T1", "unexplained_rejection")]


def test_a_ticket_id_is_no_template(stages):
    """What stands in braces in it is read by nobody: our groups are not the customer's business."""
    found = run(stages, created(ticket_id="T{status}{group}", group_id="内部组"), said(MONDAY + MINUTE, THREAT))
    (told,) = [each.params["text"] for each in found[Command] if each.command == "notify_customer"]
    assert told == "工单 T{status}{group} 已由专人跟进"
