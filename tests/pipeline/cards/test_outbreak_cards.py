"""The card of an outbreak: what it is about and how far it has come, in words."""

from pipeline.cards.compose import Standing, compose
from pipeline.conversation.advice import AdviceBook
from schemas.vocabulary import AlertKind
from tests.support.alerts import alert

TAGS = ("customers:5", "region:440000", "region:unknown", "channel:voice", "channel:chat")


def facts(**changes):
    """Names and values of the card's lines."""
    told = alert(1, kind=AlertKind.OUTBREAK, count=6, baseline=0.1, **{"tags": TAGS} | changes)
    return {fact.name: fact.value for fact in compose(told, Standing(), advice=AdviceBook()).facts}


def test_an_outbreak_of_words():
    """Terms of the theme, customers, regions and channels by name; no tag as it stands on the wire."""
    found = facts(keywords=("充电宝鼓包", "吓人"))
    assert found["内容"] == "充电宝鼓包、吓人"
    assert found["波及"] == "5 位客户 · 广东、未知地区 · 电话、聊天"
    assert "客户" not in found


def test_an_outbreak_of_a_product():
    """Without words the product is named."""
    assert facts(product="p9")["内容"] == "p9"
