"""What a conversation tells the ledger: in which book, and about which conversation or order."""

import pytest

from pipeline.conversation.promised import MAX_TEXTS
from pipeline.promises.state import Promised
from schemas.promises import DeedCause, PromiseDeed, PromiseKind, PromisesMade
from schemas.vocabulary import Role
from tests.support.conversations import HOUR, MINUTE, Story

PROMISE = "我核实一下,两小时内给您答复。"


def told(story: Story, kind: type) -> list:
    """The records of one kind for the ledger."""
    return [each for each in story.on("promises.events") if isinstance(each, kind)]


def test_a_return_is_told_of_its_own_chat_alone() -> None:
    """And keeps only what is kept by writing."""
    story = Story()
    story.chat(0, role=Role.AGENT, text=PROMISE, customer_key="k1", order_id="o1")
    story.chat(10 * MINUTE, role=Role.AGENT, text="让您久等了。", customer_key="k1", order_id="o1")
    deeds = told(story, PromiseDeed)
    assert {(each.cause, each.kinds) for each in deeds} == {(DeedCause.RETURN, (PromiseKind.ANSWER,))}
    assert [(each.home, each.conversation_id, each.order_id) for each in deeds] == [
        ("customer:k1", "c1", ""),
        ("conversation:c1", "c1", ""),
    ]


@pytest.mark.parametrize(
    ("role", "text"),
    [
        pytest.param(Role.AGENT, "已经给您退款了。", id="an agent says that it is done"),
        pytest.param(Role.CUSTOMER, "退款收到了", id="a customer says that it has come"),
        pytest.param(Role.CUSTOMER, "不用退款了", id="a customer waives it"),
    ],
)
def test_what_is_said_of_an_order_names_it(role: Role, text: str) -> None:
    """And no conversation: the promise may be of another one."""
    story = Story()
    story.chat(0, role=role, text=text, customer_key="k1", order_id="o2")
    assert {(each.conversation_id, each.order_id) for each in told(story, PromiseDeed)} == {("", "o2")}


@pytest.mark.parametrize("change", [{"deleted": True}, {"edited": True, "text": "四小时内给您答复。"}])
def test_a_text_stays_in_the_book_of_its_first_version(change: dict) -> None:
    """Though the customer has become known since; what is promised from then on stands in the customer's."""
    story = Story()
    story.chat(0, role=Role.AGENT, text=PROMISE, message_id="m9")
    story.chat(MINUTE, text="好的", customer_key="k1")
    story.chat(2 * MINUTE, role=Role.AGENT, **{"text": "", "message_id": "m9"} | change)
    story.chat(3 * MINUTE, role=Role.AGENT, text="我明天给您补发一个新的。")
    assert [each.home for each in told(story, PromisesMade)] == ["conversation:c1", "conversation:c1", "customer:k1"]


def test_of_many_promises_the_last_texts_are_remembered_with_their_books() -> None:
    """A row cannot grow without end."""
    story = Story()
    for number in range(MAX_TEXTS + 3):
        customer = {"customer_key": "k1"} if number else {}
        story.chat(number * HOUR // 60, role=Role.AGENT, text=PROMISE, message_id=f"m{number}", **customer)
    promised = story.row.promised if story.row is not None else None
    assert promised is not None
    assert len(promised.texts) == len(promised.homes) == MAX_TEXTS
    assert promised.home_of("m0") == ""
    assert promised.home_of(f"m{MAX_TEXTS}") == "customer:k1"


def test_a_row_of_an_older_version_knows_no_books() -> None:
    """Its texts go on without; those after them have theirs."""
    promised = Promised(("m1", "m2"), 0, ("conversation:c1",))
    assert (promised.home_of("m1"), promised.home_of("m2")) == ("", "conversation:c1")
