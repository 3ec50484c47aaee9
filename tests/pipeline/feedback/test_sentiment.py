"""Three classes, each with the words that say so."""

import pytest

from pipeline.feedback.mild import MildWords
from pipeline.feedback.sentiment import feel
from pipeline.rules.load import DEFAULT_PACK, load_pack
from pipeline.tagging import Tagger
from schemas.tagged import Sentiment

PACK = load_pack(DEFAULT_PACK)
TAGGER, MILD = Tagger(PACK), MildWords.of(PACK)
POS, NEU, NEG = Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("comment", "sentiment", "word"),
    [
        pytest.param("客服很热情，处理得也快，非常满意", POS, "热情", id="praise"),
        pytest.param("东西不错", POS, "不错", id="a word that only looks denied"),
        pytest.param("不太满意", NEG, "不太满意", id="praise denied"),
        pytest.param("谈不上好用", NEG, "谈不上好用", id="praise denied at length"),
        pytest.param("送得不慢", POS, "不慢", id="displeasure denied"),
        pytest.param("味道偏咸", NEG, "咸", id="mild displeasure"),
        pytest.param("我要投诉，退款拖了一个月", NEG, "投诉", id="a complaint: the tagger's own evidence"),
        pytest.param("上周三收到的", NEU, "", id="nothing said"),
        pytest.param("和上次差不多", NEU, "", id="a word that holds another"),
        pytest.param("包装漂亮，就是慢", NEU, "", id="both sides"),
        pytest.param("不再推荐", NEG, "不再推荐", id="praise taken back"),
        pytest.param("再也不支持了", NEG, "再也不支持", id="never again"),
        pytest.param("不会再支持", NEG, "不会再支持", id="not in future"),
        pytest.param("满足不了", NEG, "足不了", id="a denial behind its word"),
        pytest.param("很满意不了解别家", POS, "很满意", id="no denial behind its word"),
        pytest.param("没有不满意的地方", NEU, "", id="displeasure denied is no displeasure"),
        pytest.param("不是不满意", NEU, "", id="displeasure denied in other words"),
        pytest.param("不便宜", NEU, "", id="not cheap is not inconvenient"),
        pytest.param("不方便", NEG, "不方便", id="inconvenient"),
        pytest.param("满意度0", NEU, "", id="satisfaction of nought"),
        pytest.param("👍", POS, "👍", id="thumbs up"),
        pytest.param("👎", NEG, "👎", id="thumbs down"),
        pytest.param("总体体验差价格贵", NEG, "差", id="bad, and the price"),
    ],
)
def test_what_a_comment_feels_like(comment, sentiment, word):
    """The class, and the words as they stand in the text."""
    felt = feel(comment, TAGGER, MILD)
    assert felt.sentiment is sentiment
    marked = [comment[sign.start : sign.end] for sign in felt.signs]
    assert any(word in each or each in word for each in marked) if word else not marked


@pytest.mark.parametrize(
    "comment",
    ["香港仓发的货", "出差住的酒店", "补差价", "退了差额", "差旅用", "香烟盒", "一瓶香水", "足足两斤", "买的足球",
     "棒球帽", "不足为奇", "价格便宜"],
)  # fmt: skip
def test_words_that_only_look_like_a_mood(comment):
    """香, 差, 足, 棒 and 不便 stand in words of other things."""
    assert feel(comment, TAGGER, MILD).sentiment is NEU


def test_evidence_is_masked():
    """A telephone number in a comment is in no quote."""
    felt = feel("很满意，有事打13800138000找我", TAGGER, MILD)
    assert felt.sentiment is POS
    assert all("13800138000" not in sign.quote for sign in felt.signs)
    assert felt.signs[0].quote[felt.signs[0].mark_start : felt.signs[0].mark_end] in {"满意", "很满意"}


def test_a_pack_without_mild_words_finds_none():
    """Nothing is praise then."""
    assert MildWords().find("非常满意") == []
