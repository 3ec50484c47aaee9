"""Terms: what a text is about, and nothing that points at a person."""

import pytest

from pipeline.hotwords.terms import terms_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "我买的充电宝鼓包了，你们到现在也不处理", {"充电宝", "鼓包", "充电宝鼓包"}, id="what broke and how"
        ),
        pytest.param("行動電源鼓包了", {"鼓包"}, id="traditional characters"),
        pytest.param("说好的，一直不发货", {"不发货", "发货"}, id="a negation may begin a term"),
        pytest.param("充 电 宝 鼓 包", {"充电宝", "鼓包"}, id="spaces between characters"),
    ],
)
def test_what_a_text_is_about(text, wanted):
    """The words are among the candidates; parts of them are too, and fall away by their counts."""
    assert wanted <= set(terms_of(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("你好，请问一下", id="a greeting"),
        pytest.param("我要打12315", id="a number"),
        pytest.param("[手机][身份证][单号]", id="placeholders of personal data"),
        pytest.param("欧阳经理，李女士", id="names before titles"),
        pytest.param("广东省", id="a place"),
        pytest.param("淘宝、小红书和微博", id="platforms"),
        pytest.param("三天、两个月、第四次、一百二十块", id="amounts"),
        pytest.param("The battery is swollen", id="no Han characters"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_never_a_term(text):
    """Function words, platforms, numbers, people and places are borders between terms."""
    assert terms_of(text) == []


@pytest.mark.parametrize("text", ["我住中山路12号充电宝鼓包", "电话[手机]充电宝鼓包", "张三先生充电宝鼓包"])
def test_what_is_private_cuts_and_what_follows_is_read(text):
    """Address, phone and name are left out; the matter stays."""
    terms = terms_of(text)
    assert "鼓包" in terms
    assert not [term for term in terms if set(term) & set("中山路张手机")]
