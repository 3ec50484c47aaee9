"""The whole way in memory: an agent promises in a call, somebody is warned, it is kept or broken, tickets move."""

import json

import pytest

from agents.product import build_product
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec, topics
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.commands import Command
from schemas.contacts import CustomerContext
from schemas.hints import Hint
from schemas.promises import Promise
from schemas.topics import MESSAGES, TICKETS, TICKS, UTTERANCES
from schemas.vocabulary import AlertKind
from tests.support.tickets import HOUR, MINUTE, STANDARD, at, comment_event, ticket_event

MONDAY = at("2026-03-02 09:00")
ACTIONS = """
actions:
  broken_promise:
    zh: 承诺未兑现
    when: promise
    of: [broken]
    do:
      - {command: set_priority}
"""


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Every stage of the product, with policies of this test."""
    file = tmp_path_factory.mktemp("sla") / "sla.yaml"
    file.write_text(STANDARD + ACTIONS, encoding="utf-8")
    return build_product(Settings(sla=str(file))).stages


def run(stages, *events, runner=None):
    """What every stage publishes because of events and ticks, by type."""
    runner = runner or Runner(stages, partition_of=lambda key: 0)
    found = {}
    for number, event in enumerate(events):
        if isinstance(event, int):
            topic, moment, key = TICKS, event, b"0"
            body = codec.encode(topics.by_name["ticks"].messages[0](now_ms=event, reason="timer"))
        elif isinstance(event, dict):
            topic, moment = MESSAGES if event["schema"].startswith("chat") else UTTERANCES, event["occurred_at"]
            key, body = event["conversation_id"].encode(), json.dumps(event, ensure_ascii=False).encode()
        else:
            topic, moment, key, body = TICKETS, event.occurred_at, event.ticket_id.encode(), codec.encode(event)
        for output in runner.feed([Incoming(topic, 0, Record(number, moment, key, body))]):
            found.setdefault(type(output.value), []).append(output.value)
    return found


def said(moment, text, role="agent", **fields):
    """What somebody says in call `c1` of customer `k1`."""
    body = {
        "schema": "call.utterance/1", "event_id": f"u{moment}", "source": "asr", "occurred_at": moment,
        "conversation_id": "c1", "utterance_id": f"u{moment}", "revision": 0, "is_final": True, "role": role,
        "text": text, "start_ms": 0, "end_ms": 0, "region": "440000", "customer_key": "k1", "agent_id": "a1",
    }  # fmt: skip
    return body | fields


def written(moment, text, role="agent", **fields):
    """What somebody writes in chat `d1`, whose customer nobody knows."""
    body = {
        "schema": "chat.message/1", "event_id": f"m{moment}", "source": "web", "occurred_at": moment,
        "conversation_id": "d1", "message_id": f"m{moment}", "role": role, "sender_id": "a1", "channel": "web",
        "text": text, "content_type": "text", "sent_at": moment, "region": "440000",
    }  # fmt: skip
    return body | fields


def ticks(start, *moments):
    """Ticks at the given moments after a start, with one just before each so that the clock never jumps."""
    clock, found = start, []
    for moment in moments:
        while clock < start + moment:
            clock = min(clock + 4 * MINUTE, start + moment)
            found.append(clock)
    return found


def states(found, kind="callback"):
    """The states that a kind of promise went through."""
    return [(each.state.value, each.reason) for each in found[Promise] if each.kind == kind]


PROMISE = "您放心,两小时内给您回电话。"


def test_a_promise_is_warned_of_twice_and_then_broken(stages):
    """At 75 and at 90 of a hundred, and at its end; each once; the agent has a hint each time."""
    found = run(stages, MONDAY, said(MONDAY, PROMISE), *ticks(MONDAY, 3 * HOUR))
    alerts = [each for each in found[Alert] if each.promise]
    assert [each.promise.key for each in alerts] == ["0.75", "0.9", "broken"]
    assert [each.kind for each in alerts] == [AlertKind.PROMISE_WARNING] * 2 + [AlertKind.PROMISE]
    assert [each.occurred_at - MONDAY for each in alerts] == [90 * MINUTE, 108 * MINUTE, 120 * MINUTE]
    assert alerts[2].reasons[0].l2 == "broken_promise"
    assert alerts[0].evidence[0].text_masked == PROMISE
    assert [each.agent_id for each in found[Hint]] == ["a1"] * 3
    assert states(found) == [("open", ""), ("open", ""), ("open", ""), ("broken", "")]


def test_a_call_back_in_time_keeps_it(stages):
    """We call, and the customer speaks: nobody is warned any more."""
    back = said(MONDAY + HOUR, "您好", "customer", conversation_id="c2", direction="out")
    found = run(stages, MONDAY, said(MONDAY, PROMISE), back, *ticks(MONDAY, 3 * HOUR))
    assert states(found) == [("open", ""), ("kept", "outreach")]
    assert not [each for each in found.get(Alert, ()) if each.promise]


def test_a_call_of_the_customer_keeps_nothing(stages):
    """Whoever has to call us was not called back."""
    call = said(MONDAY + HOUR, "怎么还没有人给我回电话", "customer", conversation_id="c2", direction="in")
    found = run(stages, MONDAY, said(MONDAY, PROMISE), call, *ticks(MONDAY, 3 * HOUR))
    assert states(found)[-1] == ("broken", "")


def test_a_broken_promise_adds_to_the_next_contact(stages):
    """Ten points more for who complains then, and the agent's card knows it."""
    complaint = said(MONDAY + 4 * HOUR, "我要投诉,你们服务太差了", "customer", conversation_id="c2")
    found = run(stages, MONDAY, said(MONDAY, PROMISE), *ticks(MONDAY, 3 * HOUR), complaint)
    (context,) = found[CustomerContext]
    assert context.background.broken_promises == 1
    runner = Runner(stages, partition_of=lambda key: 0)
    again = said(MONDAY + 4 * HOUR + MINUTE, "我真的要投诉你们", "customer", conversation_id="c2")
    found = run(stages, MONDAY, said(MONDAY, PROMISE), *ticks(MONDAY, 3 * HOUR), complaint, again, runner=runner)
    (row,) = [row for (_, key), row in runner.rows(stages[0]).items() if key == b"call:c2"]
    assert row.background.broken_promises == 1


def test_a_broken_promise_raises_the_ticket(stages):
    """The ticket of the same conversation, by the action of the policies."""
    ticket = ticket_event(MONDAY, "created", status="new", conversation_id="c1")
    found = run(stages, MONDAY, ticket, said(MONDAY, PROMISE), *ticks(MONDAY, 3 * HOUR))
    (command,) = found[Command]
    assert (command.ticket_id, command.command, command.priority) == ("T1", "set_priority", "high")
    assert command.cause_alert_id in {each.alert_id for each in found[Alert]}


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        pytest.param({"conversation_id": "c1"}, {"customer_key": None}, id="by conversation"),
        pytest.param({"order_id": "o1"}, {"order_id": "o1"}, id="by order"),
        pytest.param({"requester_key": "k1"}, {}, id="by customer"),
    ],
)
def test_a_public_comment_on_the_ticket_keeps_it(stages, fields, about):
    """However the ticket and the call belong together, also where it is opened after the promise."""
    ticket = ticket_event(MONDAY + MINUTE, "created", status="new", **fields)
    comment = comment_event(MONDAY + HOUR, "agent", **fields)
    found = run(stages, MONDAY, said(MONDAY, PROMISE, **about), ticket, comment, *ticks(MONDAY, 3 * HOUR))
    assert states(found) == [("open", ""), ("kept", "ticket_comment")]


def test_a_solved_ticket_keeps_what_was_promised(stages):
    """A refund too, that no comment tells of."""
    ticket = ticket_event(MONDAY, "created", status="new", conversation_id="c1")
    solved = ticket_event(MONDAY + HOUR, "status_changed", status="solved", conversation_id="c1")
    found = run(stages, MONDAY, ticket, said(MONDAY, "48小时内给您退款。"), solved)
    assert states(found, "refund") == [("open", ""), ("kept", "ticket_solved")]


def test_a_comment_that_says_nothing_of_it_keeps_no_refund(stages):
    """But one that says that it is done."""
    ticket = ticket_event(MONDAY, "created", status="new", conversation_id="c1")
    comment = comment_event(MONDAY + HOUR, "agent", conversation_id="c1")
    promise = said(MONDAY, "48小时内给您退款。")
    found = run(stages, MONDAY, ticket, promise, comment)
    assert states(found, "refund") == [("open", "")]
    done = comment_event(MONDAY + 2 * HOUR, "agent", conversation_id="c1", text="已经给您退款了。")
    found = run(stages, MONDAY, ticket, promise, comment, done)
    assert states(found, "refund") == [("open", ""), ("kept", "ticket_comment")]


def test_the_customer_confirms(stages):
    """In a later chat of the same customer."""
    came = written(MONDAY + HOUR, "退款已经到账了,谢谢", "customer", customer_key="k1")
    found = run(stages, MONDAY, said(MONDAY, "三个工作日内退款到账。"), came)
    assert states(found, "refund") == [("open", ""), ("kept", "customer_said")]


def test_the_customer_waives(stages):
    """Then nobody waits."""
    waived = said(MONDAY + MINUTE, "不用回电了", "customer")
    found = run(stages, MONDAY, said(MONDAY, PROMISE), waived, *ticks(MONDAY, 3 * HOUR))
    assert states(found) == [("open", ""), ("released", "waived")]


def test_in_a_chat_the_agent_comes_back(stages):
    """After five minutes and more; a courtesy right after the promise is no answer."""
    promise = written(MONDAY, "我核实一下,半小时内给您答复。")
    found = run(stages, MONDAY, promise, written(MONDAY + 20_000, "请您稍等。"))
    assert states(found, "answer") == [("open", "")]
    answer = written(MONDAY + 20 * MINUTE, "让您久等了,这个订单是周二发出的。")
    found = run(stages, MONDAY, promise, written(MONDAY + 20_000, "请您稍等。"), answer)
    assert states(found, "answer") == [("open", ""), ("kept", "return")]


def test_who_comes_back_to_a_chat_keeps_nothing_of_another_conversation(stages):
    """An answer that was promised in a call is not given in a chat about something else."""
    promise = said(MONDAY, "我核实一下,两小时内给您答复。")
    other = written(MONDAY + 10 * MINUTE, "您好,我三天内给您补发一个。", customer_key="k1")
    again = written(MONDAY + 17 * MINUTE, "您还在线吗", customer_key="k1")
    found = run(stages, MONDAY, promise, other, again)
    assert states(found, "answer") == [("open", "")]


def test_who_comes_back_to_a_chat_has_not_called(stages):
    """A call that was promised for tomorrow is still to come."""
    promise = written(MONDAY, "明天上午10点前给您回电话。", customer_key="k1")
    again = written(MONDAY + 6 * MINUTE, "请问还在线吗?长时间未回复会话将关闭", customer_key="k1")
    assert states(run(stages, MONDAY, promise, again)) == [("open", "")]


@pytest.mark.parametrize(
    ("order_id", "expected"),
    [
        pytest.param("o1", [("open", ""), ("kept", "agent_said")], id="the same order"),
        pytest.param("o2", [("open", "")], id="another order"),
        pytest.param(None, [("open", ""), ("kept", "agent_said")], id="no order is named"),
    ],
)
def test_a_refund_of_one_order_is_none_of_another(stages, order_id, expected):
    """What an agent says is done, in another conversation of the customer."""
    promise = said(MONDAY, "三天内给您退款。", order_id="o1")
    done = written(MONDAY + 10 * MINUTE, "已经给您退款了。", customer_key="k1", order_id=order_id)
    assert states(run(stages, MONDAY, promise, done), "refund") == expected


def test_a_customer_whom_nobody_called_keeps_nothing(stages):
    """Nor does one who demands the money; who says plainly that it came does."""
    promises = said(MONDAY, PROMISE), said(MONDAY + 1, "三天内给您退款。")
    denied = said(MONDAY + 90 * MINUTE, "都一个多小时了,根本没人给我打过电话", "customer", conversation_id="c2")
    demanded = said(MONDAY + 91 * MINUTE, "算了给我退款,我今天就要收到退款", "customer", conversation_id="c2")
    found = run(stages, MONDAY, *promises, denied, demanded)
    assert {each.state.value for each in found[Promise]} == {"open"}
    plain = said(MONDAY + 92 * MINUTE, "已经给我打过电话了,退款收到了", "customer", conversation_id="c2")
    found = run(stages, MONDAY, *promises, plain)
    assert [states(found, kind)[-1] for kind in ("callback", "refund")] == [("kept", "customer_said")] * 2


@pytest.mark.parametrize("known", ["", "k0"], ids=["nobody was known", "somebody else was known"])
def test_a_promise_stays_in_its_book_when_the_customer_becomes_known(stages, known):
    """Deleted it is taken back there; edited it is the same promise, and no second one of that name is made."""
    promise = written(MONDAY, "我两小时内给您回电话。", customer_key=known)
    hello = written(MONDAY + 20_000, "好的", "customer", customer_key="k1")
    later = promise | {"customer_key": "k1", "occurred_at": MONDAY + MINUTE}
    gone = later | {"event_id": "gone", "deleted": True}
    found = run(stages, MONDAY, promise, hello, gone, *ticks(MONDAY, 3 * HOUR))
    assert states(found) == [("open", ""), ("released", "taken_back")]
    edited = later | {"event_id": "edit", "edited": True, "text": "我四小时内给您回电话。"}
    found = run(stages, MONDAY, promise, hello, edited)
    assert [(each.version, each.due_at - MONDAY) for each in found[Promise]] == [
        (1, 2 * HOUR),
        (2, 4 * HOUR + MINUTE),
    ]


def test_a_promise_that_is_deleted_is_taken_back(stages):
    """And one that is edited is due when the new text says."""
    promise = written(MONDAY, "我两小时内给您回电话。")
    gone = promise | {"event_id": "gone", "deleted": True, "occurred_at": MONDAY + MINUTE}
    assert states(run(stages, MONDAY, promise, gone)) == [("open", ""), ("released", "taken_back")]
    edited = promise | {
        "event_id": "edit", "edited": True, "occurred_at": MONDAY + MINUTE, "text": "我四小时内给您回电话。",
    }  # fmt: skip
    found = run(stages, MONDAY, promise, edited)
    assert [each.due_at - MONDAY for each in found[Promise]] == [2 * HOUR, 4 * HOUR + MINUTE]


def test_what_only_another_partition_knows_may_come_first(stages):
    """A call back that is heard of before the promise is: both orders end the same."""
    promise, back = (
        said(MONDAY, PROMISE),
        said(MONDAY + HOUR, "您好", "customer", conversation_id="c2", direction="out"),
    )
    assert states(run(stages, MONDAY, back, promise))[-1] == states(run(stages, MONDAY, promise, back))[-1]


def test_what_bots_and_private_notes_say_is_no_promise(stages):
    """Nobody gave his word to the customer."""
    found = run(
        stages,
        MONDAY,
        said(MONDAY, PROMISE, "bot"),
        written(MONDAY, PROMISE, private=True),
        said(MONDAY, PROMISE, "customer"),
    )
    assert Promise not in found


def test_a_text_that_may_still_change_promises_nothing(stages):
    """The final one does, once, also when it is sent again."""
    final = said(MONDAY, PROMISE, revision=1)
    partial = said(MONDAY, PROMISE, is_final=False, event_id="p")
    found = run(stages, MONDAY, partial, final, final | {"event_id": "again"})
    assert states(found) == [("open", "")]
