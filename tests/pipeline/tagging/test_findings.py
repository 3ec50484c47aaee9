"""What a finding says: evidence in the original, masked quotes, tags, scores in their bands, batches without effect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.explain import explain
from pipeline.findings import QUOTE_CHARS
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.base import MAX_TEXT_CHARS
from schemas.vocabulary import Level, Role, ThreatGroup

TAGGER = Tagger(load_pack())
CUSTOMER = Role.CUSTOMER
WORDS = st.sampled_from(
    [
        "投诉",
        "我",
        "不",
        "要",
        "12315",
        "，",
        "太差",
        "13812345678",
        "發",
        "小紅書",
        "曝光",
        " ",
        "@某某新闻 ",
        "吗",
        "但是",
        "\ud800",
        "投\u200b诉",
        "😀",
        "律师",
        "没有",
        "如果",
        "谢谢",
    ]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=14).map("".join), st.text(st.characters(), max_size=40))


def find(text, role=CUSTOMER):
    """The finding on one text."""
    return TAGGER.tag([text], [role])[0]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(Role)), max_size=6))
def test_neighbours_make_no_difference(items):
    """A batch may be cut anywhere."""
    texts, roles = [text for text, _ in items], [role for _, role in items]
    assert TAGGER.tag(texts, roles) == [find(text, role) for text, role in items]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_scores_and_spans_are_in_bounds(text):
    """Scores stay in the band of their level; evidence lies in the text, marks in the quote; quotes can be encoded."""
    finding = find(text)
    if finding is None:
        return
    low, high = TAGGER.pack.band(finding.level)
    assert low <= finding.score <= high
    assert finding.level is max(
        (sign.level for sign in finding.signs), key=lambda level: level.rank, default=Level.NONE
    )
    for sign in finding.signs:
        assert 0 <= sign.start < sign.end <= len(text)
        assert 0 <= sign.mark_start <= sign.mark_end <= len(sign.quote) <= QUOTE_CHARS
        sign.quote.encode()
        assert "13812345678" not in sign.quote
    assert all("13812345678" not in word for word in finding.keywords)


def test_evidence_quotes_the_original():
    """Offsets are those of what was sent, in its own script and spacing."""
    text = "你好，我要投 訴你們！"
    sign = find(text).signs[0]
    assert text[sign.start : sign.end] == "投 訴"
    assert sign.quote[sign.mark_start : sign.mark_end] == "投 訴"


def test_quotes_are_masked_whole():
    """A number that the excerpt would cut in two is masked before it is cut."""
    text = "字" * 35 + "13812345678" + "好" * 5 + "我要投诉" + "。" * 200
    for sign in find(text).signs:
        assert "138" not in sign.quote
        assert "投诉" in sign.quote[sign.mark_start : sign.mark_end]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param("投诉电话多少", "inquiry", id="enquiry"),
        pytest.param("上次投诉没结果", "repeat", id="history"),
        pytest.param("再不退款我就投诉", "threat", id="conditional"),
        pytest.param("算了不投诉了", "withdrawn", id="withdrawal"),
        pytest.param("我有录音", "prepared", id="evidence"),
        pytest.param("好的谢谢", "thanks", id="thanks"),
        pytest.param("已经解决了", "solved", id="solved"),
        pytest.param("证据都在", "type:prepared", id="customer type"),
    ],
)
def test_tags(text, tag):
    """What the conversation goes by besides the level."""
    assert tag in find(text).tags


def test_thanks_in_a_complaint_is_no_thanks():
    """Politeness at the end of a complaint takes nothing back."""
    assert "thanks" not in find("我要投诉，谢谢").tags


@pytest.mark.parametrize(("level", "expected"), [(Level.POTENTIAL, Level.POTENTIAL), (Level.NONE, Level.NONE)])
def test_a_bare_enquiry_counts_as_configured(level, expected):
    """The product counts it as potential, the labelled sets as none; the tag stays."""
    finding = Tagger(load_pack(), inquiry_level=level).tag(["投诉电话是多少"], [CUSTOMER])[0]
    assert finding.level is expected
    assert "inquiry" in finding.tags


def test_an_agent_finding_names_what_was_said():
    """Signs without a level, for the score of the conversation and for quality checks."""
    finding = find("随便你投诉", Role.AGENT)
    assert finding.level is Level.NONE
    assert finding.score == 0
    assert "forbidden" in finding.tags
    assert finding.signs[0].rule == "forbidden.confront:随便你投诉"
    assert find("非常抱歉", Role.AGENT).tags == ("apology",)


def test_nothing_is_none():
    """Most texts show nothing."""
    assert TAGGER.tag(["帮我看看订单", "", "好的"], [CUSTOMER, CUSTOMER, Role.AGENT]) == [None, None, None]


def test_reasons_need_a_level():
    """A word of the reason tree alone is not dissatisfaction."""
    assert find("退款到哪里了") is None
    assert "refund" in find("太差了，一直不退款").reasons


def test_mentions_of_the_press_escalate():
    """On social posts naming a regulator or the press is an escalation; a company's account is not."""
    assert find("网速怎么回事 @某某都市报").threats == (ThreatGroup.MEDIA_EXPOSURE,)
    assert find("好的 @某某客服") is None


def test_long_and_hostile_texts_end():
    """Thousands of hits in one clause are read in good time, and the cut is told."""
    for text in ("投诉" * 5_000, "不投诉" * 3_000 + "才怪", "怎么还" * 3_000, "@" * 9_000, "1" * 9_000, "a@" * 4_500):
        finding = find(text)
        assert finding is None or finding.truncated == (len(text) > MAX_TEXT_CHARS)


def test_a_phone_is_masked_in_the_folded_text_as_in_the_quote():
    """Folding makes one 零 of three, and nine digits are no phone."""
    told = explain(TAGGER, "我的电话一三八零零一三八零零零我要投诉")
    assert told.text == "我的电话[手机]我要投诉"
    assert told.folded == "我的电话[手机]我要投诉"


def test_a_keyword_is_masked_as_in_its_text():
    """What a pattern with a wildcard found is cut out of the text, and may hold a number."""
    told = explain(TAGGER, "建群12345678维权投诉")
    assert told.finding.keywords
    assert "12345678" not in "".join(told.finding.keywords) + told.text + told.folded


def test_regulators_stay_in_the_evidence():
    """The hotline is the reason of the alert."""
    finding = find("我要打12315、12345、12378投诉你们")
    assert all("12315、12345、12378" in sign.quote for sign in finding.signs)


def test_a_phone_that_the_limit_cuts_is_not_quoted():
    """Ten digits of eleven are no phone to the rules, and private all the same."""
    finding = find("好" * (MAX_TEXT_CHARS - 14) + "我要投诉13800138000")
    assert finding.truncated
    assert all("138" not in sign.quote for sign in finding.signs)


def test_an_explanation_says_why_and_why_not():
    """Arithmetic, guards, and each hit that does not count with its reason."""
    told = explain(TAGGER, "我不投诉才怪，一起诉求，电话13812345678")
    assert told.level is Level.EXPLICIT
    assert [guard.guard for guard in told.finding.guards] == ["rhetorical_positive"]
    assert any(hit.word == "起诉" and hit.why.startswith("trap") for hit in told.dropped)
    assert told.parts[0].weight == 1.0
    assert "138" not in told.text + told.folded
    start, end = told.marks[0]
    assert told.text[start:end] == "投诉"


@pytest.mark.parametrize("text", ["我要投诉", "我录音了，叫你们领导来", "你们是骗子，我要投诉，我录音了", "我录音了"])
def test_the_sum_of_an_explanation_is_the_score(text):
    """Every addend is told, the one for evidence too."""
    told = explain(TAGGER, text)
    low, high = told.band
    total = round(sum(part.score * part.weight for part in told.parts))
    assert told.score == (max(low, min(high, total)) if told.parts else 0)
