"""What takes a complaint back, and what only sounds like it: 解决了 that is asked for, 撤诉 that others want."""

import pytest

from pipeline.conversation.course import course_of
from pipeline.conversation.lookups import Lookups
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role

NONE, POTENTIAL, EXPLICIT, HIGH = Level
TAGGER = Tagger(load_pack())
SOLVED = [
    "好的，已经解决了",
    "问题解决了，谢谢",
    "退款收到了",
    "钱到账了谢谢",
    "修好了，麻烦你们了",
    "刚才已经处理好了",
    "没事了已经处理好了",
    "我说了已经解决了",
    "是的，问题解决了",
    "我要退的退款到了",
    "之前的问题解决了",
    "申请的退款到了",
    "师傅很快就修好了",
    "已经解决了不用再打了",
    "已经处理好了，没什么问题",
    "好的已解决",
    "問題解決了，謝謝",
    "差价已经收到了，谢谢",
    "修好啦",
    "特别满意了",
    "跟你们说一下已经解决了",
    "告诉你们一声已经修好了",
    "你们帮我修好了谢谢",
    "上次那个退款到了",
    "收到银行到账提醒，退款到了",
    "限免问题解决了～看过来～很赞～顺便问一下在哪儿改号呢？",
]
NOT_SOLVED = {
    "asked": [
        "请问什么时候能把问题解决",
        "问题解决了吗",
        "问题解决了？",
        "问题解决不了怎么办",
        "退款到了吗",
        "收到退款了吗",
        "收到退款了没有",
        "是已经处理好了，我等着收短信码的吗？",
        "崩溃问题解决没？",
        "系统修好了吧",
        "到底什么时候能修好了",
        "修好了没",
        "问题已经解决了吗我等着用",
        "什么叫已经解决了",
        "这也叫修好了",
    ],
    "asked for": [
        "麻烦帮我把问题解决一下",
        "麻烦帮我把问题解决了",
        "我要求今天之内问题解决",
        "我要求今天之内问题解决了",
        "我要你们今天就处理好了",
        "尽快处理好了",
        "处理好了给我回电话",
        "等修好了再说",
        "只要退款到了就行",
        "先把问题解决了",
        "收到退款了我才满意",
    ],
    "said by others": [
        "师傅说修好了",
        "你们说已经解决了",
        "他们说修好了",
        "短信通知我已解决",
        "客服跟我说已经处理好了",
        "系统显示已解决",
        "工单显示已解决，可我钱还没到",
        "你保证没问题了",
        "你们确定修好了",
        "别人都处理好了",
    ],
    "not so": [
        "东西已经收到了，打开是坏的",
        "根本没有修好了",
        "我不满意了",
        "以为修好了",
        "修好了没两天又坏了",
        "就算修好了也没用",
    ],
}
WITHDRAWN = [
    "算了不投诉了",
    "我撤诉",
    "帮我把投诉撤了",
    "把我的投诉取消吧",
    "能帮我把投诉撤了吗",
    "麻烦你们把投诉撤了",
    "你们把我的投诉撤了吧",
    "先给我把投诉撤了",
    "跟客服通知一声投诉取消吧",
    "上次的事我不投诉了",
    "你们已经处理好了我撤诉",
]
NOT_WITHDRAWN = [
    "是你们自己把我的投诉撤销了",
    "客服把我的投诉关闭了",
    "昨天有人冒充我把投诉撤了",
    "我的投诉被撤销了",
    "说好的跟进客服把我投诉关了我都不知道",
    "你们通知我投诉撤销了",
    "显示投诉已撤销",
    "客服求我撤诉",
    "撤诉怎么操作",
    "取消投诉可以，先退钱",
    "取消投诉可以先退钱",
    "投诉都处理好了吗",
    "上次我已经说不投诉了，结果你们还是不处理",
    "上次说不投诉了这次我一定要投诉",
    "不投诉了才怪，我还是要投诉",
]


def after(text):
    """The level of a conversation whose customer complains and then says this."""
    return course_of(["我要投诉你们", text], [Role.CUSTOMER] * 2, TAGGER, Lookups())[-1].level


def read(text):
    """The level of one text, and its tags."""
    (found,) = TAGGER.tag([text], [Role.CUSTOMER])
    return (found.level, found.tags) if found else (NONE, ())


@pytest.mark.parametrize("text", [*SOLVED, *WITHDRAWN, "不用投诉了，已经解决了"])
def test_what_is_settled_settles(text):
    """Solved, or taken back by whoever complained: nothing is left of the complaint."""
    assert after(text) is NONE


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=f"{why}-{text}") for why, texts in NOT_SOLVED.items() for text in texts]
)
def test_what_is_not_said_to_be_solved_settles_nothing(text):
    """Asked, demanded, reported or denied: the complaint stands."""
    assert "solved" not in read(text)[1]
    assert after(text) is EXPLICIT


@pytest.mark.parametrize("text", NOT_WITHDRAWN)
def test_only_who_complained_takes_it_back(text):
    """The company, a stranger or a screen withdraws nothing, and neither does a question or an offer."""
    assert "withdrawn" not in read(text)[1]
    assert after(text) is EXPLICIT


def test_a_long_clause_is_read_around_the_words():
    """However many there are, and what stands far away says nothing of them."""
    assert "solved" not in read("说修好了" * 2000)[1]
    assert "solved" in read("什么时候来的我也忘记了" + "那天下着雨" * 20 + "反正修好了")[1]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("我不是要投诉你们叫你们经理来跟我说", EXPLICIT),
        ("我也不想投诉可你们必须赔偿我", EXPLICIT),
        ("我不是要投诉要求赔偿", NONE),
        ("不想投诉你们经理", NONE),
        ("不想投诉也不用叫你们经理", NONE),
        ("上次说不投诉了这次我一定要投诉", EXPLICIT),
        ("不投诉了我不要投诉了", NONE),
    ],
)
def test_a_denied_complaint_hides_only_what_it_denies(text, level):
    """A recogniser writes no commas: what is demanded behind the denial is demanded."""
    assert read(text)[0] is level


@pytest.mark.parametrize(
    ("cantonese", "mandarin", "level"),
    [
        ("唔使搵消委會", "不用找消委会", NONE),
        ("唔使報警", "不用报警", NONE),
        ("唔好報警", "不要报警", NONE),
        ("我冇話要報警", "我没说要报警", NONE),
        ("唔投訴唔得", "不投诉不行", EXPLICIT),
        ("唔投訴先奇", "不投诉才怪", EXPLICIT),
        ("我冇話要投訴", "我没说要投诉", NONE),
        ("唔使投訴", "不用投诉", NONE),
        ("唔好投訴", "不要投诉", NONE),
        ("唔報警唔得", "我要报警", HIGH),
        ("態度不好投诉你们", "态度不好投诉你们", EXPLICIT),
        ("服務不好報警", "服务不好我报警", HIGH),
    ],
)
def test_cantonese_denies_as_mandarin_does(cantonese, mandarin, level):
    """唔使, 唔好 and 冇話 are 不用, 不要 and 没说; but 态度不好 denies nothing."""
    assert (read(cantonese)[0], read(mandarin)[0]) == (level, level)
