"""Cards: everything a person needs in the order of its worth, and nothing a chat tool could misread."""

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pipeline import words
from pipeline.cards.compose import Standing, quote
from pipeline.cards.compose import compose as compose_card
from pipeline.cards.draw import markdown_of, text_of
from pipeline.cards.plain import cut, plain
from pipeline.conversation.advice import AdviceBook
from pipeline.rules.load import DEFAULT_PACK, load_pack
from schemas.alerts import Alert
from schemas.cards import MAX_SAMPLES, Card, Fact
from schemas.contacts import Background, EarlierContact
from schemas.evidence import Evidence, Links
from schemas.incidents import ReasonCode
from schemas.vocabulary import AlertKind, ChannelClass, Level, ThreatGroup
from tests.support.alerts import alert


def said(text: str, mark: str = "", rule: str = "threat.regulator:12315") -> Evidence:
    """Evidence whose decisive words are `mark`."""
    start = text.find(mark) if mark else 0
    return Evidence(
        rule=rule, version="v1", utterance_id="u1", char_start=0, char_end=1, text_masked=text,
        mark_start=start, mark_end=start + len(mark),
    )  # fmt: skip


BOOK = AdviceBook.of(load_pack(DEFAULT_PACK))


def compose(told: Alert, standing: Standing) -> Card:
    """A card with the advice of the shipped pack."""
    return compose_card(told, standing, advice=BOOK)


# The gravest first.
SEVERAL = (ThreatGroup.SAFETY_SELF_HARM, ThreatGroup.SAFETY_VIOLENCE, ThreatGroup.REGULATOR, ThreatGroup.LEGAL)
HIGH = alert(
    1,
    level=Level.HIGH_RISK,
    previous_level=Level.EXPLICIT,
    score=92,
    threats=(ThreatGroup.REGULATOR,),
    evidence=(said("再不退我就打12315", "12315"),),
    conversation_id="c1",
    agent_id="agent-3",
    rules_version="v1",
    guards_passed=("negated",),
    links=Links(board="https://board.example.com/c1"),
)


def facts(card: Card) -> dict[str, str]:
    """The facts by name."""
    return {fact.name: fact.value for fact in card.facts}


def test_a_card_says_what_section_11_6_asks():
    """Level, region, reason, sample, why it fired, advice and a button, Chinese first."""
    card = compose(HIGH, Standing())
    assert card.title == "■ 高危投诉｜广东｜监管举报｜1 件"
    assert facts(card)["等级"] == "高危投诉 · 92 分 · 此前明确投诉"
    assert facts(card)["地区"] == "广东 · 电话"
    assert facts(card)["原因"] == "售后处理"
    assert card.samples == ("再不退我就打【12315】",)
    assert card.why == ("规则 threat.regulator:12315", "守卫规则 negated", "规则版本 v1")
    assert "监管" in card.advice
    assert card.english.startswith("high_risk · 440000 · regulator · 1 · first · ")
    assert [(button.label, button.url) for button in card.buttons] == [("看板", "https://board.example.com/c1")]


EARLIER = tuple(
    EarlierContact(
        conversation_id=f"c{n}", channel=ChannelClass.VOICE if n % 2 else ChannelClass.CHAT, started_at=n * 3_600_000,
        level=Level.EXPLICIT if n == 9 else Level.NONE,
    )
    for n in (9, 8, 7, 6)
)  # fmt: skip


@pytest.mark.parametrize(
    ("background", "told"),
    [
        pytest.param(None, None, id="an unknown customer"),
        pytest.param(Background(contacts=1), None, id="the first time"),
        pytest.param(
            Background(contacts=5, level=Level.EXPLICIT, earlier=EARLIER, broken_promises=1),
            "72 小时内第 5 次联系 · 最高明确投诉 · 1 项承诺未兑现 · "
            "01-01 17:00 电话 明确投诉 · 01-01 16:00 聊天 · 01-01 15:00 电话",
            id="three contacts at most",
        ),
        pytest.param(Background(contacts=1, broken_promises=2), "72 小时内第 1 次联系 · 2 项承诺未兑现", id="promised"),
    ],
)
def test_a_card_tells_what_came_before(background, told):
    """Nobody has to look the customer up."""
    card = compose(structs.replace(HIGH, background=background), Standing())
    assert facts(card).get("历史") == told


@pytest.mark.parametrize(
    ("lasted_ms", "told"),
    [
        pytest.param(59_999, "北京时间", id="just now"),
        pytest.param(60_000, "北京时间 · 已 1 分钟", id="a minute"),
        pytest.param(7_500_000, "北京时间 · 已 2 小时 5 分钟", id="hours"),
    ],
)
def test_a_card_tells_how_old_it_is(lasted_ms, told):
    """Whoever is told at the fourth step reads for how long nobody has answered."""
    assert facts(compose(HIGH, Standing(lasted_ms=lasted_ms)))["时间"].endswith(told)


def test_a_runbook_is_one_button_away():
    """The plan's, unless the alert has a better one."""
    plan_has = Standing(runbook_url="https://wiki.example.com/high")
    assert compose(HIGH, plan_has).buttons[-1].url == "https://wiki.example.com/high"
    own = structs.replace(HIGH, links=Links(runbook="https://wiki.example.com/own"))
    assert compose(own, plan_has).buttons[-1].url == "https://wiki.example.com/own"


@pytest.mark.parametrize(
    ("changes", "standing", "title"),
    [
        pytest.param({}, Standing(count=12), "△ 明确投诉｜广东｜售后处理｜12 件", id="a group of twelve"),
        pytest.param({"test": "d1"}, Standing(), "【演练】△ 明确投诉｜广东｜售后处理｜1 件", id="a drill"),
        pytest.param(
            {}, Standing(told_because=ReasonCode.RESOLVED), "【已解决】△ 明确投诉｜广东｜售后处理｜1 件", id="resolved"
        ),
        pytest.param(
            {"kind": AlertKind.SURGE, "count": 30, "baseline": 4.2},
            Standing(),
            "△ 明确投诉｜广东｜售后处理｜30 件",
            id="a surge counts what it saw",
        ),
        pytest.param({"region": "999999"}, Standing(), "△ 明确投诉｜未知地区｜售后处理｜1 件", id="no such region"),
        pytest.param({"region": "440300"}, Standing(), "△ 明确投诉｜广东｜售后处理｜1 件", id="a city"),
    ],
)
def test_the_title_is_enough_for_a_locked_telephone(changes, standing, title):
    """Level, region, subject and count stand in the push preview."""
    assert compose(alert(1, **changes), standing).title == title


def test_a_surge_is_compared_with_what_is_usual():
    """Thirty against about four; and when the baseline is still being learned, that is said."""
    surge = alert(1, kind=AlertKind.SURGE, count=30, baseline=4.2)
    assert facts(compose(surge, Standing()))["数量"] == "30 件，平时约 4.2 件"
    assert facts(compose(alert(1, kind=AlertKind.SURGE, count=30), Standing()))["数量"].endswith("尚在学习")


def test_a_figure_is_told_with_its_sample():
    """What it is in the title, what it was before and of how many beside it."""
    told = alert(
        1,
        kind=AlertKind.SCORE_FALL,
        tags=("opened", "kpi:csat", "all"),
        reasons=(),
        value=0.61,
        baseline=0.83,
        count=72,
    )
    card = compose(told, Standing())
    assert card.title.endswith("满意度下降｜满意度 0.61")
    assert (facts(card)["指标"], facts(card)["数量"]) == ("满意度", "0.61，此前 0.83（样本 72）")


@pytest.mark.parametrize("told", [*permutations(SEVERAL, 2), *((each,) for each in ThreatGroup)], ids="-".join)
def test_the_gravest_threat_gives_the_title_and_the_advice(told):
    """Threats stand in the order of the text: 打12315投诉你们，再不解决我弄死你."""
    gravest = told[0] if len(told) == 1 else min(told, key=SEVERAL.index)
    card = compose(structs.replace(HIGH, threats=told), Standing())
    alone = compose(structs.replace(HIGH, threats=(gravest,)), Standing())
    assert card.title == f"■ 高危投诉｜广东｜{words.THREATS[gravest]}｜1 件"
    assert (card.advice, card.english) == (alone.advice, alone.english)


def test_the_first_button_opens_the_board_at_the_right_place():
    """Region, level and reason are in the address; without a board there is no button."""
    card = compose(alert(1), Standing(board_url="https://board.example.com/"))
    (button,) = card.buttons
    assert button.url == "https://board.example.com/?region=440000&level=explicit&reason=after_sales"
    assert compose(alert(1), Standing()).buttons == ()


def test_at_most_three_samples():
    """More evidence than fits on a telephone is left to the board."""
    many = alert(1, evidence=tuple(said(f"第{number}句") for number in range(9)))
    assert len(compose(many, Standing()).samples) == MAX_SAMPLES


def test_a_long_quote_is_cut_around_the_words_that_decided():
    """The mark is always inside of what is shown."""
    shown = quote(said("前" * 300 + "打12315" + "后" * 300, "12315"))
    assert "【12315】" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 90


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        pytest.param("<at id=all></at>", "＜at id=all＞＜/at＞", id="a Feishu mention of all"),
        pytest.param("<@all>", "＜＠all＞", id="a WeCom mention"),
        pytest.param("@所有人", "＠所有人", id="a DingTalk mention"),
        pytest.param("[点我](http://x.example)", "［点我］（http：//x．example）", id="a false link"),
        pytest.param("看 x.example.com", "看 x．example．com", id="a bare domain"),
        pytest.param("a\n# 已解决", "a ＃ 已解决", id="a heading on a new line"),
        pytest.param("\u202e退款\u200b", "退款", id="direction and zero-width marks"),
        pytest.param("共 3.5 元", "共 3.5 元", id="a number stays as it is"),
    ],
)
def test_customer_text_is_no_markup(text, safe):
    """Markup becomes its look-alike, links and mentions cease to be any."""
    assert plain(text) == safe


@given(st.text())
def test_nothing_dangerous_survives(text):
    """Whatever was said, no character that any of the four markdowns knows is left."""
    assert not re.search(r"[\\`*_\[\](){}<>#~|@!\n\r]|://", plain(text))


@given(st.text(alphabet="投诉abc🙂", max_size=200), st.integers(min_value=3, max_value=300))
def test_a_cut_fits_and_is_text(text, most):
    """Vendors count bytes; a cut never splits a character."""
    assert len(cut(text, most).encode()) <= most
    assert cut(text, 10_000) == text


@given(st.lists(st.text(min_size=1, max_size=300), max_size=40), st.integers(min_value=40, max_value=4096))
def test_a_body_fits_whatever_is_in_it(values, most):
    """Lines are dropped from the end and their number is told."""
    card = Card(title="t", facts=tuple(Fact(name=f"n{number}", value=value) for number, value in enumerate(values)))
    body = markdown_of(card, most_bytes=most)
    assert len(body.encode()) <= most
    assert "另有" in body or body.count("**") == 2 * len(values) or len(values) == 1


def test_plain_text_holds_the_whole_card():
    """Every fact, sample, reason and address is there."""
    shown = text_of(compose(HIGH, Standing()))
    for part in (
        "■ 高危投诉",
        "地区：广东",
        "“再不退我就打【12315】”",
        "依据：规则 threat．regulator:12315",
        "https://",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("subject", "has_advice"),
    [
        pytest.param({"conversation_id": "c1"}, True, id="a conversation"),
        pytest.param({"conversation_id": "", "ticket_id": "t1"}, True, id="a ticket"),
        pytest.param({"conversation_id": "", "kind": AlertKind.SURGE}, False, id="a surge"),
        pytest.param({"conversation_id": "", "kind": AlertKind.RATE}, False, id="a share"),
        pytest.param({"conversation_id": "", "kind": AlertKind.AGENT_COMPLAINTS}, False, id="an agent"),
        pytest.param({"conversation_id": "", "kind": AlertKind.REVIEW_UNANSWERED}, False, id="a review"),
    ],
)
def test_nobody_is_advised_to_apologise_where_no_customer_is(subject, has_advice):
    """先致歉 and 关联本次会话 are said of a conversation or of its ticket."""
    card = compose(alert(1, level=Level.EXPLICIT, **subject), Standing())
    assert ("致歉" in card.advice) is has_advice
