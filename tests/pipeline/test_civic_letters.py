"""Letters to an authority: what asks, what complains, what is in danger; and customers who only live somewhere."""

import pytest

from pipeline.explain import explain
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role, ThreatGroup

NONE, POTENTIAL, EXPLICIT, HIGH = Level.NONE, Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK
PLACES = [pytest.param("C3区", id="placeholder"), pytest.param("雨山区", id="name")]

# A letter, written with a place wherever {} stands.
LETTERS = [
    pytest.param(
        "咨询{}老旧小区加装电梯的补贴\n领导您好，请问今年加装电梯的补贴怎么申请，需要哪些材料？恳请领导回复，万分感谢。",
        NONE,
        id="enquiry",
    ),
    pytest.param(
        "关于{}环湖步道增设路灯的建议\n环湖步道晚上散步的人很多，希望有关部门能在转弯处多装几盏路灯，方便大家锻炼。",
        NONE,
        id="suggestion",
    ),
    pytest.param(
        "请求{}青松路公交车延长末班时间\n我们在工业园上班，下班已经八点半，恳请领导为大家考虑，把末班车延长到九点，谢谢。",
        NONE,
        id="polite request",
    ),
    pytest.param(
        "咨询{}档案转移的手续\n上个月去窗口问，工作人员爱理不理，电话也一直没人接。请问到底需要带什么材料过去办理？",
        POTENTIAL,
        id="enquiry of somebody annoyed",
    ),
    pytest.param(
        "{}云岭花园楼下烧烤摊占道经营\n每天晚上十点到凌晨两点摆满桌椅，油烟飘进家里，老人孩子根本没法睡，门口垃圾遍地。",
        EXPLICIT,
        id="nuisance told",
    ),
    pytest.param(
        "{}星火驾校退费难\n去年报名后一直约不上课，申请退费一推再推，前后跑了好几趟，每次都说下周，太让人失望了。",
        EXPLICIT,
        id="grievance told",
    ),
    pytest.param(
        "投诉{}蓝湖小区物业乱收停车费\n物业没有公示就涨价，我们打了12345，也去派出所和物价局问过，主管部门互相推诿。",
        EXPLICIT,
        id="the ordinary channel",
    ),
    pytest.param(
        "{}学府路烂尾楼何时复工\n开发商停工两年，打12345市长热线和住建局反映都没有结果，也问过法院和律师，请政府给个说法。",
        EXPLICIT,
        id="courts and lawyers as steps taken",
    ),
    pytest.param(
        "{}外墙瓷砖松动\n三号楼外墙的瓷砖松动一年多了没人管，全体业主十分担心，掉下来怕是要出人命，请有关部门尽快查处。",
        EXPLICIT,
        id="feared, not happened",
    ),
    pytest.param(
        "{}洗沙场又偷偷开工\n这家洗沙场去年被媒体曝光后关了两个月，现在夜里又开始洗沙，大车压坏村道，请有关部门查处。",
        EXPLICIT,
        id="the press of the past",
    ),
    pytest.param(
        "{}砖厂粉尘污染\n厂里的工人查出尘肺，附近村民的水井也不能喝了，多次反映没有下文，请环保部门严查。",
        HIGH,
        id="health damage",
    ),
    pytest.param(
        "{}某培训机构骗取三百余名学员学费\n机构一夜之间人去楼空，受害学员到处维权，请政府出面协调退费。",
        HIGH,
        id="many defrauded",
    ),
    pytest.param(
        "{}幼儿园老师打孩子\n我女儿身上有淤青，监控里看到老师扇了孩子好几个耳光，幼儿园却说是正常管教，请教育局查处。",
        HIGH,
        id="children hurt",
    ),
    pytest.param(
        "{}征地补偿不到位\n村里补偿款三年没有发，村民准备集体上访，再不解决恐怕要引发群体性事件。",
        HIGH,
        id="petition",
    ),
    pytest.param(
        "{}暴力强拆\n昨天下午开发商叫来一帮社会闲散人员，把两户村民的围墙推了，还恐吓我们不搬走就动手。",
        HIGH,
        id="violence",
    ),
]

CUSTOMERS = [
    pytest.param(
        "我在这里买的水壶三天就漏了，找相关部门一直推脱，太失望了，质量真的很差，以后再也不会在这里买东西了",
        POTENTIAL,
        id="a shop's own departments",
    ),
    pytest.param(
        "你好，我住在城东街道物业那边的楼上，洗衣机坏了三天没人来修，师傅一直不接电话，真的很失望，怎么办",
        POTENTIAL,
        id="a quarter as the way there",
    ),
    pytest.param("我在雨山区云岭小区，宽带断了三天没人来修，再不来我就打12345投诉你们联通", HIGH, id="names a quarter"),
    pytest.param(
        "我要打12315，你们公司在长沙市的营业厅乱收费，客服电话一个也打不通，太过分了吧", HIGH, id="names a city"
    ),
    pytest.param(
        "云岭小区的快递又放错地方了，你们公司再这样我就去工商局告你们，已经第三次了知道吗",
        HIGH,
        id="a quarter and an office",
    ),
    pytest.param(
        "收货地址：雨山区学府路12号\n订单显示已签收，但是我没有收到货，客服一直没人回，真的让人失望，以后不买了",
        POTENTIAL,
        id="an address",
    ),
    pytest.param(
        "请问你们店里的水果能送到雨山区吗\n上次买的好几个都坏了，包装也很差，味道难吃，希望这次订单好好包一下，谢谢啊",
        POTENTIAL,
        id="asks a shop",
    ),
]


# What a letter says is not looked for where nobody writes to an authority.
ELSEWHERE = [
    pytest.param("游戏里带人围殴对面法师，结果被打得半死，太好笑了", id="a game"),
    pytest.param("看到这条的朋友帮忙转发一下，看看有没有一起拼单的", id="a shared order"),
    pytest.param("我司全体员工签字的验收单已经上传，麻烦查收", id="a form that all signed"),
    pytest.param("吃了感冒药引起头晕，请问这个药能退吗", id="a side effect"),
    pytest.param("向法院起诉的律师费发票怎么开", id="an invoice"),
]


@pytest.fixture(scope="module")
def tagger():
    """The shipped pack at work."""
    return Tagger(load_pack(), inquiry_level=NONE)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("letter", "level"), LETTERS)
def test_a_letter_is_weighed_as_what_it_asks_of_an_authority(letter, level, place, tagger):
    """Asking is none, complaint or demand explicit; violence, health, petition, group claim and press are high."""
    assert explain(tagger, letter.format(place)).level == level


@pytest.mark.parametrize(("text", "level"), CUSTOMERS)
def test_a_customer_is_no_letter_writer_wherever_they_live(text, level, tagger):
    """Who deals with a company keeps the whole weight of an office that they name."""
    assert explain(tagger, text).level == level


def test_what_only_asks_is_told_as_dropped(tagger):
    """An explanation says why 恳请领导 is no complaint here."""
    told = explain(tagger, LETTERS[2].values[0].format("C3区"))
    assert {dropped.why for dropped in told.dropped} == {"a letter that only asks"}


def test_a_short_text_is_said_in_a_conversation(tagger):
    """The displeasure of a single line stays what it is."""
    assert explain(tagger, "市政府旁边这家店太差了").level == POTENTIAL


@pytest.mark.parametrize("text", ELSEWHERE)
def test_what_letters_tell_is_not_looked_for_elsewhere(text, tagger):
    """A pattern of `civic_only` needs an authority that is written to."""
    assert explain(tagger, text).level is not HIGH


def test_who_speaks_for_all_and_only_asks_threatens_nobody(tagger):
    """A joint signature under a request shows no threat group either; under a grievance it does."""
    asks = "雨山区青石巷增设路灯\n希望在巷口转弯的地方装两盏路灯，方便老人和学生晚上走路，青石巷全体居民敬上。"
    complains = "雨山区青石巷路灯\n路灯坏了一年没人修，多次反映都被踢皮球，要求给个说法，青石巷全体居民敬上。"
    (asked, complained) = tagger.tag([asks, complains], [Role.CUSTOMER] * 2)
    assert asked is None or (asked.level is not HIGH and not asked.threats)
    assert complained.level is HIGH
    assert complained.threats == (ThreatGroup.GROUP_OFFLINE,)
