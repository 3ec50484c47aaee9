"""Sentences that are easily misread: each has its level. `tests.support.tricky_sentences` tells where they stand."""

import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role, ThreatGroup
from tests.support.tricky_sentences import FOLDER, tricky_pairs, tricky_sentences

NONE = Level.NONE
AGENT_LINES = [
    "您的投诉我们已经受理",
    "如对处理结果不满意，可以拨打12315",
    "请问您是要投诉我们的快递员吗",
    "为您升级投诉，请稍等",
    "您随便投诉",
    "非常抱歉让您失望了",
    "如需投诉请按3",
    "您可以联系记者，我们不怕曝光",
    "我不想活了",
]


@pytest.fixture(scope="module")
def tagger():
    """The shipped pack at work."""
    return Tagger(load_pack())


@pytest.mark.parametrize(
    "sentence", [pytest.param(each, id=f"{each.topic}-{each.text}") for each in tricky_sentences()]
)
def test_a_tricky_sentence_has_its_level(sentence, tagger):
    """What a reader would say who knows the labelling guide."""
    (finding,) = tagger.tag([sentence.text], [sentence.role])
    assert (finding.level if finding is not None else NONE) == sentence.level


def test_the_pairs_are_pairs():
    """At least 300, one side complains and the other does not, and no sentence stands twice."""
    pairs = tricky_pairs()
    assert len(pairs) >= 300
    assert all(one.level != "none" == other.level for one, other in pairs)
    said = [(each.text, each.role) for each in tricky_sentences()]
    assert sorted(set(said)) == sorted(said)


@pytest.mark.parametrize(
    "text", [line.split("\t")[1] for line in (FOLDER / "ordinary_words.tsv").read_text("utf-8").splitlines()]
)
def test_a_threat_word_in_ordinary_talk_wakes_nobody(text, tagger):
    """For every threat word what a call centre hears each week that holds it, in words of writers without the pack."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is None or finding.level is not Level.HIGH_RISK


@pytest.mark.parametrize(
    "text",
    ["副本里的队友都不理我，我不想活了", "你们意外险理赔的进度就这样，我不想活了", "医疗险的保额就这点，我死给你们看"],
)
def test_no_ordinary_matter_hides_a_life(text, tagger):
    """A game or a claim in the same text, or in the same breath."""
    (finding,) = tagger.tag([text.replace("，", "")], [Role.CUSTOMER])
    assert finding is not None
    assert ThreatGroup.SAFETY_SELF_HARM in finding.threats


@pytest.mark.parametrize(
    "text",
    [
        "你们再发短信我就起诉",
        "再催收直接起诉你们",
        "我买的这一套房子要起诉开发商",
        "去你们总部大楼拉横幅",
        "按规定我找工商局",
        "从今天起我去工商局投诉",
        "我开直播要曝光你们",
        "我在直播间曝光你们",
        "我要拍视频发网上",
        "钱包丢了你们不管我就报警",
        "我要提交仲裁",
        "我发帖要曝光你们",
        "把你们学校的事发到网上曝光",
        "菜里有虫我拍了发网上曝光",
        "明天开车去堵门",
        "全体业主都要求退车位费",
        "你们保险理赔拖着我只能起诉",
        "意外险拒赔我要找律师",
    ],
)
def test_an_ordinary_matter_hides_no_threat(text, tagger):
    """What a claim, an errand or an address stands beside."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert finding.level is Level.HIGH_RISK


@pytest.mark.parametrize("text", AGENT_LINES)
def test_an_agent_line_has_no_level(text, tagger):
    """An agent's words are judged for quality, never as a complaint."""
    (finding,) = tagger.tag([text], [Role.AGENT])
    assert finding is None or finding.level is NONE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("退款一直没到账，太慢了", "refund", id="refund"),
        pytest.param("又断网了，真的无语", "service_fault", id="network"),
        pytest.param("快递员态度恶劣", "attitude", id="attitude"),
        pytest.param("打了十次没人接，气死了", "slow_response", id="no answer"),
        pytest.param("凭什么乱扣费", "overcharge", id="fees"),
        pytest.param("买的手机是翻新机，骗子", "fake_or_refurb", id="refurbished"),
        pytest.param("说好的赠品没给，骗人", "gift_promo", id="gift"),
        pytest.param("少送一份，差评", "lost_damaged", id="missing item"),
        pytest.param("客服互相踢皮球", "rigid", id="pushed around"),
        pytest.param("等了三天还没发货，太过分", "late_shipping", id="late shipping"),
        pytest.param("不让退货，霸王条款", "return_exchange", id="returns"),
        pytest.param("修了三次还是坏，要求赔偿", "warranty_repair", id="repair"),
        pytest.param("我的信息被泄露了，天天接骚扰电话，太气人", "privacy", id="privacy"),
        pytest.param("刚买就降价，太坑了", "price_dispute", id="price"),
    ],
)
def test_a_complaint_names_its_reason(text, reason, tagger):
    """The leaf that a reader would choose is among the reasons."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert reason in finding.reasons


@pytest.mark.parametrize(
    ("text", "group"),
    [
        pytest.param("再不退款我就打12315", ThreatGroup.REGULATOR, id="regulator"),
        pytest.param("律师会联系你们", ThreatGroup.LEGAL, id="law"),
        pytest.param("挂抖音上", ThreatGroup.SOCIAL_PLATFORM, id="platform"),
        pytest.param("联系记者", ThreatGroup.MEDIA_EXPOSURE, id="media"),
        pytest.param("我们去堵门", ThreatGroup.GROUP_OFFLINE, id="crowd"),
        pytest.param("我不想活了", ThreatGroup.SAFETY_SELF_HARM, id="self-harm"),
        pytest.param("弄死你", ThreatGroup.SAFETY_VIOLENCE, id="violence"),
        pytest.param("你们的奶粉吃了上吐下泻", ThreatGroup.SAFETY_INJURY, id="injury"),
        pytest.param("我是记者", ThreatGroup.INFLUENCE, id="influence"),
    ],
)
def test_a_threat_names_its_group(text, group, tagger):
    """One alert per group needs the right group."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert group in finding.threats
