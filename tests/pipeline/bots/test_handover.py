"""When a bot should hand over, what travels along, and that it is told once per rise."""

import pytest

from schemas.chats import ChatChannel, ChatPhase
from schemas.handovers import BotHandover
from schemas.vocabulary import Role
from tests.support.conversations import SECOND, chat_phase
from tests.support.service import AGENT, BOT, Talk


def handovers(talk: Talk) -> list[BotHandover]:
    """The hand-overs so far."""
    return [each for each in talk.outputs if isinstance(each, BotHandover)]


def with_bot(*said: str) -> Talk:
    """A chat in which a bot has greeted, and the customer says these things."""
    talk = Talk()
    talk.chat(0, "您好，我是智能客服小助手", BOT)
    for number, text in enumerate(said, 1):
        talk.chat(number * SECOND, text)
    return talk


@pytest.mark.parametrize(
    ("said", "urgency", "causes"),
    [
        pytest.param(["太失望了"], "offer", ("level",), id="displeased: offer a person"),
        pytest.param(["我要投诉"], "hand_over", ("level",), id="complains: hand over"),
        pytest.param(["我现在就打12315"], "at_once", ("level",), id="threatens: at once"),
        pytest.param(["转人工", "快点转人工啊"], "hand_over", ("asked",), id="asks for a person twice"),
        pytest.param(["轉人工", "我要人工客服"], "hand_over", ("asked",), id="in traditional characters"),
    ],
)
def test_when_a_person_should_take_over(said, urgency, causes):
    """By the level, and when the bot does not get on."""
    (handover,) = handovers(with_bot(*said))
    assert (handover.urgency, handover.causes) == (urgency, causes)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(["请问几点关门"], id="an enquiry"),
        pytest.param(["转人工"], id="asked for a person once"),
        pytest.param(["不用转人工，你查一下就行", "不需要人工"], id="wants no person"),
    ],
)
def test_when_the_bot_goes_on(said):
    """Most of what customers ask a bot needs nobody."""
    assert handovers(with_bot(*said)) == []


def test_a_bot_that_does_not_understand_twice_hands_over():
    """The first time it may ask again."""
    talk = with_bot("我那个东西怎么弄")
    talk.chat(10 * SECOND, "抱歉，我没听懂，请换个说法", BOT)
    assert handovers(talk) == []
    talk.chat(20 * SECOND, "还是无法理解您的问题", BOT)
    assert [each.causes for each in handovers(talk)] == [("bot_failed",)]


def test_the_same_demand_again_hands_over():
    """Whoever says it twice was not helped the first time."""
    talk = with_bot("帮我取消昨天的订单", "帮我取消昨天的订单啊")
    assert [each.causes for each in handovers(talk)] == [("repeated",)]


def test_it_is_told_once_per_rise():
    """Offer, then hand over, then at once; never back, never twice, each under its own id."""
    talk = with_bot("太失望了", "真的太失望了", "我要投诉", "我要投诉", "我现在就打12315")
    found = handovers(talk)
    assert [each.urgency for each in found] == ["offer", "hand_over", "at_once"]
    assert len({each.record_id() for each in found}) == 3


def test_what_travels_along():
    """Nobody has to say it again: last words and questions, masked; level, reasons, type, card."""
    talk = Talk()
    talk.chat(0, "请提供您的订单号", BOT)
    talk.chat(SECOND, "订单一直不退款，我电话13812345678", product="washer-9", customer_key="k1")
    talk.chat(2 * SECOND, "我岁数大了，我要投诉你们不退款")
    handover = handovers(talk)[-1]
    assert handover.asked == ("请提供您的订单号",)
    assert len(handover.said) == 2
    assert "13812345678" not in "".join(handover.said)
    assert handover.customer_type == "vulnerable"
    assert (handover.product, handover.customer_key) == ("washer-9", "k1")
    assert "refund" in [reason.l2 for reason in handover.reasons]
    assert handover.advice
    assert handover.evidence


def test_self_harm_is_at_once_and_never_silenced():
    """A bot is the last that should answer here."""
    (handover,) = handovers(with_bot("我不想活了，死在你们面前"))
    assert (handover.urgency, handover.never_silenced) == ("at_once", True)


def test_an_agent_ends_it():
    """Once a person has the customer there is nothing to hand over."""
    talk = with_bot("你好")
    talk.chat(5 * SECOND, "您好，我来为您处理", AGENT)
    talk.chat(9 * SECOND, "我要投诉")
    assert handovers(talk) == []
    other = with_bot("你好")
    other.take(chat_phase(99, ChatPhase.HANDOVER, 5 * SECOND, from_role=Role.BOT, to_role=Role.AGENT))
    other.chat(9 * SECOND, "我要投诉")
    assert handovers(other) == []


def test_a_complaint_before_the_bots_first_words_counts():
    """The customer spoke first."""
    talk = Talk()
    talk.chat(0, "我要投诉")
    assert handovers(talk) == []
    talk.chat(SECOND, "您好，我是机器人", BOT)
    assert [each.urgency for each in handovers(talk)] == ["hand_over"]


def test_what_is_deleted_or_edited_does_not_travel_along():
    """A password sent by mistake; and an edit is no second demand."""
    talk = with_bot("我的密码是abc123", "转人工")
    talk.chat(3 * SECOND, "", message_id="m2", deleted=True)
    talk.chat(4 * SECOND, "转人工，谢谢", message_id="m3", edited=True)
    assert handovers(talk) == []
    talk.chat(5 * SECOND, "我要投诉")
    (handover,) = handovers(talk)
    assert (handover.said, handover.causes) == (("转人工，谢谢", "我要投诉"), ("level",))


@pytest.mark.parametrize("bot_before", [False, True])
def test_a_bot_s_line_beside_an_agent_changes_nothing(bot_before):
    """A survey, or a greeting that comes late: the customer is with a person."""
    talk = with_bot() if bot_before else Talk()
    talk.chat(9 * SECOND, "您好，我是人工客服", AGENT)
    talk.chat(8 * SECOND, "正在为您转接人工，请稍候", BOT)
    talk.chat(10 * SECOND, "温馨提示：请勿泄露验证码", BOT)
    talk.chat(15 * SECOND, "我要投诉")
    assert handovers(talk) == []


def test_a_customer_given_back_to_a_bot_may_need_a_person_again():
    """Counts begin anew, and what is told has an id of its own."""
    talk = with_bot("转人工", "快点转人工")
    talk.take(chat_phase(97, ChatPhase.HANDOVER, 4 * SECOND, from_role=BOT, to_role=AGENT))
    talk.chat(5 * SECOND, "您好", AGENT)
    talk.take(chat_phase(98, ChatPhase.HANDOVER, 60 * SECOND, from_role=AGENT, to_role=BOT))
    talk.chat(61 * SECOND, "转人工")
    assert len(handovers(talk)) == 1
    talk.chat(70 * SECOND, "我说转人工")
    first, second = handovers(talk)
    assert first.causes == second.causes == ("asked",)
    assert first.handover_id != second.handover_id


def test_self_harm_is_told_after_any_threat():
    """Never silenced: that somebody was told of 12315 is no reason to keep quiet."""
    talk = with_bot("我现在就打12315", "我不想活了，我现在就从楼上跳下去")
    first, second = handovers(talk)
    assert (first.urgency, second.urgency) == ("at_once", "at_once")
    assert (first.never_silenced, second.never_silenced) == (False, True)
    assert first.handover_id != second.handover_id


def test_a_line_of_a_bot_that_was_taken_back_begins_nothing():
    """No bot has spoken, as far as anybody can see."""
    talk = Talk()
    talk.chat(0, "", BOT, deleted=True)
    talk.chat(5 * SECOND, "我要投诉")
    assert handovers(talk) == []


@pytest.mark.parametrize("final_revision", [0, 2])
def test_a_demand_on_the_phone_counts_whatever_revision_is_final(final_revision):
    """A streaming recogniser sends what may still change first; the final of a call is seldom its revision 0."""
    talk = Talk()
    talk.call(0, "您好，我是智能语音助手", BOT)
    for number in (1, 2):
        at_ms, utterance_id = number * 10 * SECOND, f"asked{number}"
        for revision in range(final_revision):
            talk.call(at_ms, "转人工", utterance_id=utterance_id, revision=revision, is_final=False)
        assert handovers(talk) == []
        talk.call(at_ms, "转人工", utterance_id=utterance_id, revision=final_revision)
    assert [each.causes for each in handovers(talk)] == [("asked",)]


def test_a_line_of_the_bot_that_is_revised_is_one_line():
    """One failure and one question, with the words that it came to."""
    talk = Talk()
    for revision, text in enumerate(("抱歉没听懂，请问订单号", "抱歉，没听懂，请问您的订单号")):
        talk.call(5 * SECOND, text, BOT, utterance_id="b1", revision=revision)
    assert handovers(talk) == []
    talk.call(9 * SECOND, "我要投诉")
    (handover,) = handovers(talk)
    assert (handover.causes, handover.asked) == (("level",), ("抱歉，没听懂，请问您的订单号",))


@pytest.mark.parametrize("is_given", [False, True])
def test_what_was_written_before_the_bots_first_words_travels_along(is_given):
    """In chats customers begin: the last three texts, masked, whether the platform says who answers or not."""
    talk = Talk()
    for number, text in enumerate(("在吗", "订单A12三天没发货", "我电话13812345678", "我要投诉，马上给我退款")):
        talk.chat(number * SECOND, text, agent_id=None)
    if is_given:
        talk.take(chat_phase(97, ChatPhase.ASSIGNED, 4 * SECOND, to_role=BOT))
    talk.chat(5 * SECOND, "您好，我是智能客服小助手", BOT, agent_id=None)
    (handover,) = handovers(talk)
    assert [text[:3] for text in handover.said] == ["订单A", "我电话", "我要投"]
    assert "13812345678" not in handover.said[1]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda talk: talk.chat(5 * SECOND, "您好，我是人工客服", AGENT), id="an agent writes"),
        pytest.param(
            lambda talk: talk.take(chat_phase(97, ChatPhase.ASSIGNED, 5 * SECOND, to_role=AGENT)),
            id="given to an agent",
        ),
        pytest.param(lambda talk: talk.take(chat_phase(97, ChatPhase.ENDED, 5 * SECOND)), id="nobody came"),
    ],
)
def test_nothing_is_kept_of_what_no_bot_will_answer(answer):
    """A conversation with a person keeps short quotes only."""
    talk = Talk()
    talk.chat(0, "订单A12三天没发货", agent_id=None)
    assert talk.store.get(b"chat:c1").bot.said
    answer(talk)
    assert talk.store.get(b"chat:c1").bot is None


def test_calls_and_letters_keep_nothing_before_an_answer():
    """A voice bot speaks first, and nobody's bot answers a mail."""
    talk = Talk()
    talk.call(0, "订单A12三天没发货")
    assert talk.store.get(b"call:c1").bot is None
    talk.chat(0, "订单A12三天没发货", channel=ChatChannel.EMAIL)
    assert talk.store.get(b"chat:c1").bot is None
