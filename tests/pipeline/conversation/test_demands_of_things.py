"""Three things that are asked for in the same words are three demands; one that is asked for three times is one."""

import pytest

from pipeline.conversation.demand import add_demand, sketch
from schemas.vocabulary import Level
from tests.support.conversations import SECOND, Story

ORDER = "麻烦你们尽快帮我取消一下昨天下的那个订单{}"


def counts(*texts):
    """How often each demand was made."""
    demands = ()
    for number, text in enumerate(texts):
        demands = add_demand(demands, sketch(text), utterance_id=f"u{number}", at_ms=number)
    return [demand.count for demand in demands]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([f"请帮我取消订单A{number}" for number in (1001, 1002, 1003)], id="orders"),
        pytest.param([f"麻烦帮我退一下第{number}件衣服" for number in "一二三"], id="ordinals"),
        pytest.param([f"请问{number}月的账单什么时候出" for number in (6, 7, 8)], id="months"),
        pytest.param([f"请问{number}月的账单什么时候出" for number in "六七八"], id="months in words"),
        pytest.param([f"帮我查一下尾号{number}的快递多久到" for number in ("零零一", "零零二", "零零三")], id="spoken"),
        pytest.param([f"請幫我取消訂單{number}號" for number in (21, 22, 23)], id="traditional"),
    ],
)
def test_other_things_are_no_repeats(texts):
    """Polite requests, each said once: nobody is alerted."""
    story = Story()
    for number, text in enumerate(texts):
        story.call(number * SECOND, None, text=text)
    assert (story.level, story.score) == (Level.NONE, 0)
    assert story.on("complaints.alerts") == []


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["请帮我取消订单A1001"] * 3, id="the same order"),
        pytest.param([ORDER.format("A1001"), ORDER.format(""), ORDER.format("A1001")], id="named, and left out"),
        pytest.param(["帮我取消订单1001", "帮我取消订单１００１", "帮我取消订单1001啊"], id="written wider"),
        pytest.param(
            [f"{told}赶紧给我把上个月那笔款退了行不行" for told in ("", "说第二遍了", "说第三遍了")], id="说第三遍"
        ),
        pytest.param([f"打了{n}次电话了赶紧给我处理这件事" for n in ("三", 4, "５")], id="打了三次"),
        pytest.param([f"都第{n}次了赶紧给我处理这件事" for n in "三四五"], id="第四次了"),
        pytest.param([f"等了{n}天了什么时候给我退款啊" for n in (3, 4, 15)], id="等了三天"),
        pytest.param([f"等了{n}分钟了什么时候给我退款啊" for n in (30, 40, 50)], id="等了三十分钟"),
        pytest.param([f"都{n}了到底什么时候给我退上个月那笔款" for n in ("10:30", "11:45", "3点")], id="the clock"),
        pytest.param([f"打了{n}个电话了赶紧给我处理这件事" for n in (3, 4, 5)], id="打了三个电话"),
    ],
)
def test_the_same_thing_is_a_repeat(texts):
    """How often and how long somebody has asked is no other thing; who leaves the number out means the same."""
    story = Story()
    for number, text in enumerate(texts):
        story.call(number * SECOND, None, text=text)
    assert (story.level, story.score) == (Level.POTENTIAL, 30)


def test_a_demand_remembers_its_number():
    """What was last put without a number is still no other order."""
    first, bare, other = (ORDER.format(number) for number in ("A1001", "", "A1002"))
    assert counts(first, bare, other) == [2, 1]
    assert counts(first, other, first, other) == [2, 2]
    assert counts(bare, first, other) == [2, 1]


def test_a_sketch_of_before_numbers_were_kept_fits_any():
    """A row of an older version knows the sentence alone."""
    demands = add_demand((), sketch("请帮我取消订单A1001")[:32], utterance_id="u1", at_ms=0)
    (demand,) = add_demand(demands, sketch("请帮我取消订单A1002"), utterance_id="u2", at_ms=1)
    assert demand.count == 2


def test_a_sketch_is_small():
    """However many numbers a sentence has, and however long they are."""
    assert len(sketch("请帮我取消订单")) == 32
    assert len(sketch("请帮我取消订单" + "1" * 9000)) == 40
    assert len(sketch("请帮我取消" + "订单1，订单22，第三件" * 900)) == 40
