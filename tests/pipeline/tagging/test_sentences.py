"""Sentences and what they come to: guards, threats, traps and demands, each with its neighbours on the other side."""

import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role, ThreatGroup
from tests.support.shared_data import shared_data

NONE, POTENTIAL, EXPLICIT, HIGH = Level


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The shipped rules."""
    return Tagger(load_pack())


def level_of(tagger, text, role=Role.CUSTOMER):
    """The level of one text."""
    (finding,) = tagger.tag([text], [role])
    return finding.level if finding else Level.NONE


GUARDED = {
    "plain": [("我要投诉你们店", EXPLICIT), ("投訴你們公司", EXPLICIT), ("我要客诉", EXPLICIT)],
    "negated": [
        ("我可没说要投诉", NONE),
        ("我不是来投诉的，问下运费", NONE),
        ("不打算投诉。想改个地址", NONE),
        ("没必要投诉", NONE),
    ],
    "negated with mood": [("服务太差，但是我不投诉", POTENTIAL), ("懒得投诉你们，真坑人", POTENTIAL)],
    "withdrawn": [
        ("那就不投诉了吧", NONE),
        ("帮我取消投诉", NONE),
        ("撤诉吧", NONE),
        ("算了不投诉了，但是太失望了", POTENTIAL),
    ],
    "not withdrawn": [("我坚决不撤诉", EXPLICIT), ("我绝不会撤诉", EXPLICIT), ("你们私自取消了我的投诉", EXPLICIT)],
    "rhetorical": [
        ("这样还能不投诉", EXPLICIT),
        ("非投诉你不可", EXPLICIT),
        ("信不信我去投诉你", EXPLICIT),
        ("你以为我不敢投诉？", EXPLICIT),
        ("不投诉就没人处理吗", EXPLICIT),
        ("这是逼我投诉", EXPLICIT),
        ("没有一个不投诉的", EXPLICIT),
        ("怎么可能不投诉", EXPLICIT),
    ],
    "inquiry": [
        ("怎么投诉啊", POTENTIAL),
        ("投诉邮箱是什么", POTENTIAL),
        ("請問喺邊度投訴", POTENTIAL),
        ("要投诉的话打哪个电话", POTENTIAL),
    ],
    "angry inquiry": [("太差劲了，投诉电话多少", EXPLICIT)],
    "third party": [("我邻居投诉过你们", POTENTIAL), ("投诉有用吗", POTENTIAL)],
    "told to complain": [("我同事让我投诉你们", EXPLICIT)],
    "history": [("前天投诉过没下文", EXPLICIT), ("投诉了五次", EXPLICIT), ("投诉一个月了没人理", EXPLICIT)],
    "conditional": [("要是还不发货我就投诉", EXPLICIT), ("不退钱我就投诉", EXPLICIT)],
}
THREATS = {
    ThreatGroup.MEDIA_EXPOSURE: ["我找电视台去", "等着上315晚会", "三一五见", "我要曝光你们"],
    ThreatGroup.SOCIAL_PLATFORM: ["发抖音让大家看看", "上微博曝光", "挂小红薯上去", "發到網上去"],
    ThreatGroup.REGULATOR: [
        "我去12315",
        "幺二三幺五我打定了",
        "找消协评理",
        "向消委會投訴",
        "已经反映到工信部",
        "打１２３００",
    ],
    ThreatGroup.LEGAL: ["法院见", "我已经报警了", "律师函马上到", "走法律途径"],
    ThreatGroup.GROUP_OFFLINE: ["我们一百多户要去堵门", "建了维权群", "去总部拉横幅"],
    ThreatGroup.SAFETY_SELF_HARM: ["我不想活了", "逼得我要跳楼"],
    ThreatGroup.SAFETY_VIOLENCE: ["弄死你们", "我知道你在哪上班"],
    ThreatGroup.SAFETY_INJURY: ["你们的充电宝起火了", "吃了你家的饭食物中毒", "热水器漏电把人电到了"],
    ThreatGroup.INFLUENCE: ["我是记者", "我认识你们领导"],
}
TRAPS = [
    "轻微博弈罢了",
    "我们一起诉说往事",
    "帮我转告你们老板",
    "买个烟雾报警器",
    "曝光度怎么调",
    "这价格跳楼价",
    "爆炸头发型",
    "一共315元",
    "住在315室",
    "抖音上刷到的",
    "从知乎上看到的",
    "去微博看看",
    "微博登录不了",
    "手机中毒了怎么办",
    "大爆炸功能怎么开",
    "我去医院看病，改个时间",
    "对花生过敏能吃吗",
    "三包卡在哪",
    "我有录音",
    "秒杀了你家优惠",
    "特别买给孩子的",
    "这衣服舒服了很多",
    "买东西从不让人失望",
    "没有差评",
    "一星期能到吗",
    "收到要是不满意能退吗",
    "慢慢来不着急",
]
DEMANDS = [
    ("得有赔偿吧", EXPLICIT),
    ("给我个说法", EXPLICIT),
    ("你们解释一下！", EXPLICIT),
    ("让你们主管接电话", EXPLICIT),
    ("假一赔十", EXPLICIT),
    ("明天之前必须给我答复", EXPLICIT),
    ("请问退款要几天", NONE),
    ("运费险怎么赔", NONE),
    ("经理让我来问一下进度", NONE),
]
MOODS = [
    ("凭什么扣我钱", POTENTIAL),
    ("等了三天还没发", POTENTIAL),
    ("垃圾公司", POTENTIAL),
    ("再也不来了", POTENTIAL),
    ("差评", POTENTIAL),
    ("你们就是踢皮球", POTENTIAL),
    ("说好了送货上门，结果扔在楼下，太不负责", POTENTIAL),
    ("能帮我催一下吗", NONE),
    ("垃圾袋有货吗", NONE),
    ("很满意，谢谢", NONE),
    ("房间干净，早餐丰富，位置方便，只是电梯有点慢", NONE),
]


@pytest.mark.parametrize(
    ("text", "level"),
    [pytest.param(text, level, id=f"{name}-{text}") for name, table in GUARDED.items() for text, level in table],
)
def test_a_guard_decides(text, level, tagger):
    """What is said about complaining, clause by clause."""
    assert level_of(tagger, text) is level


@pytest.mark.parametrize(("group", "text"), [(group, text) for group, texts in THREATS.items() for text in texts])
def test_a_threat_is_high_risk(group, text, tagger):
    """Every group by its words, in either script, spoken or full-width."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert finding.level is HIGH
    assert group in finding.threats


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_is_nothing(text, tagger):
    """Substring collisions, homographs, numbers, platforms that are only named."""
    assert level_of(tagger, text) is NONE


@pytest.mark.parametrize(("text", "level"), DEMANDS + MOODS)
def test_demands_and_moods(text, level, tagger):
    """A demand is explicit, displeasure potential, a polite question nothing."""
    assert level_of(tagger, text) is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param("我绝不撤诉", EXPLICIT, id="the withdrawal guard must not eat it"),
        pytest.param("你们说已经处理好了但是根本没有", POTENTIAL, id="indirect speech is no withdrawal"),
        pytest.param("我要投诉你们，你们投诉流程是什么", EXPLICIT, id="clauses are judged one by one"),
        pytest.param("知乎上看到的", NONE, id="上 behind a platform is no verb"),
        pytest.param("我去医院看病", NONE, id="an injury needs a link to us"),
        pytest.param("三包卡在哪", NONE, id="evidence words alone only tag"),
        pytest.param("电话是12315吗", POTENTIAL, id="a question about the hotline"),
        pytest.param("没有人不投诉", EXPLICIT, id="double negation"),
        pytest.param("上次没投诉是给你们面子", EXPLICIT, id="a favour withdrawn"),
        pytest.param("他们让我投诉你们", EXPLICIT, id="others only advise"),
        pytest.param("差评", POTENTIAL, id="a bad rating is no complaint"),
        pytest.param("得有赔偿吧", EXPLICIT, id="a demand without 投诉"),
        pytest.param("收到要是不满意能退吗", NONE, id="hypothetical"),
    ],
)
def test_defects_of_the_draft_stay_repaired(text, level, tagger):
    """Each was found by running the first lexicon (`domain.md` 6.4)."""
    assert level_of(tagger, text) is level


@pytest.mark.parametrize(
    "text", ["如需投诉请按9", "您的投诉已经登记", "你去投诉吧", "我要投诉你们", "我找记者曝光", "我不想活了"]
)
def test_an_agent_never_raises(text, tagger):
    """Whatever agents, bots and systems say has no level."""
    for role in (Role.AGENT, Role.BOT, Role.SYSTEM):
        assert level_of(tagger, text, role) is NONE


def test_golden_sentences(tagger):
    """All sentences of the golden set, with the level that they must have."""
    lines = shared_data("golden_sentences.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    wrong = [(text, level, level_of(tagger, text, Role(role))) for role, text, level, _ in rows]
    assert [row for row in wrong if row[1] != row[2]] == []
    assert len(rows) == 52
