"""A life that is spoken of in one breath with something else, in either script, and what only sounds like it."""

import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role, ThreatGroup

SELF_HARM, VIOLENCE = ThreatGroup.SAFETY_SELF_HARM, ThreatGroup.SAFETY_VIOLENCE
# As a recogniser writes it, without punctuation: the words in front belong to something else.
OF_ONESELF = {
    "a question": ["有人吗我想自杀", "有人吗？我想自杀", "有人能管管吗我要喝农药了", "有没有人管啊再不解决我就跳楼了"],
    "a report": ["看到你们的处理结果我想自杀", "听说你们不退钱我要跳楼", "有人跳楼了我也想跳楼", "有人逼我跳楼"],
    "a game": [
        "游戏充值不退我就跳楼",
        "这游戏害得我想自杀",
        "孩子玩你们游戏花光了家里的钱我不想活了",
        "孩子玩你们游戏花光了家里的钱不想活了",
        "买的皮肤不退我想自杀",
        "游戏里的钱全没了不想活了",
    ],
    "a thing": [
        "手机没法用我不活了",
        "手机没法用不活了",
        "银行卡冻结我没法活了",
        "热线不通我没法活了",
        "钱全花完了不想活了",
    ],
    "a matter of papers": ["条款骗人我想自杀", "小说会员乱扣费我想跳楼", "再不取消我就一了百了"],
    "what follows": ["我想自杀遗书都写好了", "再不退我跳楼你们赔多少钱", "我要跳楼这游戏太坑", "我要喝药没人管"],
    "this world": ["我不想活在这个世界上了", "不想活在这个世上"],
    "a condition": [
        "再不退款我要喝药",
        "不赔钱我要喝药",
        "没人管我要喝药",
        "你们逼得我要喝药",
        "有人管吗再不退钱就跳楼了",
    ],
    "plainly": ["我要喝药了", "今天晚上我就喝药", "我喝安眠药了"],
    "Cantonese": [
        "我唔想做人",
        "我不想做人了",
        "我唔想再做人",
        "生无可恋唔想做人",
        "生無可戀唔想做人",
        "活唔落去",
        "我唔想生存",
        "你们逼得不想做人了",
    ],
}
VIOLENT = ["斩死你", "斬死你哋", "攞把刀斩你", "攞把刀斬佢哋先，再斬你", "我搵人打你", "搵人打死你", "我搵人打佢"]
NOT_OF_ONESELF = {
    "somebody else": [
        "有人跳楼",
        "听说有人要跳楼",
        "听说我们小区有人跳楼",
        "看到我邻居跳楼了",
        "前业主跳楼过的房子你们不告诉我",
    ],
    "the world of something": ["我不想活在没有网的世界", "我不想活在没有网的世界哈哈", "我不想活在过去"],
    "medicine": [
        "我要喝药",
        "我孩子要喝药",
        "孩子不舒服要喝药",
        "我感冒了我要喝药了",
        "孩子中午要喝药",
        "医生让我按时喝药",
        "早上我还没喝药",
        "快点送药我要喝药",
        "我不在家要喝药",
        "喝药没",
    ],
    "a game": [
        "这个游戏里可以跳楼吗",
        "这个游戏怎么自杀",
        "我在游戏里自杀重来",
        "游戏人物活不下去",
        "我玩游戏跳楼死了三次",
    ],
    "a thing": ["手机好像不想活了", "网络又不活了", "花都不想活了", "鱼都不想活了", "鱼死在你们箱子里了"],
    "hyperbole": ["热得我没法活了", "卡得我没法活了", "太吵没法活了"],
    "a story": ["这部小说里主角自杀了吗", "电影里有人跳楼", "自杀论的书有吗", "自杀小队的周边有吗", "割腕贴纸"],
    "a policy": ["想问一下你们这个保险就是自杀那条条款", "条款里写着两年内自杀不赔"],
    "an account": ["一次还清一了百了", "把套餐取消掉我就一了百了"],
    "other words": [
        "做人要厚道",
        "不想做人情",
        "我不想做人脸识别",
        "我不想做人工服务转接",
        "你们不想做人了是吧",
        "不想做人流",
        "不想生存模式",
        "玩唔落去",
    ],
}
PEACEFUL = [
    "麻烦帮我斩你哋嘅叉烧",
    "斩你半只烧鹅",
    "斩料多少钱",
    "斩你一刀价",
    "呢间铺见你係游客就斩你",
    "随时斩你几百蚊",
    "搵人打扫",
    "搵人打電話俾我",
    "想搵人打边炉",
]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The shipped rules."""
    return Tagger(load_pack())


def _cases(table):
    return [pytest.param(text, id=f"{name}-{text}") for name, texts in table.items() for text in texts]


@pytest.mark.parametrize("text", _cases(OF_ONESELF))
def test_a_life_is_heard_beside_whatever_else_is_said(text, tagger):
    """No question, report or game in the same clause hides it."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert finding.level is Level.HIGH_RISK
    assert SELF_HARM in finding.threats


@pytest.mark.parametrize("text", _cases(NOT_OF_ONESELF))
def test_no_life_is_heard_where_none_is_spoken_of(text, tagger):
    """Others, games, things, medicine, stories, and words that only begin alike."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is None or SELF_HARM not in finding.threats


@pytest.mark.parametrize("text", VIOLENT)
def test_violence_in_cantonese(text, tagger):
    """In the words of Hong Kong, simplified or not."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is not None
    assert VIOLENCE in finding.threats


@pytest.mark.parametrize("text", PEACEFUL)
def test_who_carves_overcharges_or_calls_for_help_threatens_nobody(text, tagger):
    """斩 at a roast counter or of a price, 搵人 for an errand."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert finding is None or VIOLENCE not in finding.threats
