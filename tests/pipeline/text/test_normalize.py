"""Folding texts: what changes, what never raises, and where each character came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.alone import fold_alone
from pipeline.text.normalize import fold_phrase, normalize
from schemas.base import MAX_TEXT_CHARS

ANY_TEXT = st.text(st.characters(), max_size=60)  # with surrogates, controls, marks
ODD_TEXT = st.text(st.sampled_from("投诉訴太a１(sù)（ ̀\u200b\ud800\x00\x1e…😀ﷺ 幺二三五İ@我。"), max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("我要投訴(sù)你們", "我要投诉你们", id="bracketed pinyin and traditional"),
        pytest.param("電話（huà）費", "电话费", id="full-width brackets"),
        pytest.param("妳們冇睇電話", "你们没看电话", id="of Taiwan and Hong Kong"),
        pytest.param("投诉(tou su)你们", "投诉你们", id="pinyin without tone marks"),
        pytest.param("苹果(ios)系统", "苹果(ios)系统", id="Latin that is no pinyin stays"),
        pytest.param("打１２３１５", "打12315", id="full-width digits"),
        pytest.param("WIFI没信号", "wifi没信号", id="lower case"),
        pytest.param("投 诉 你 们", "投诉你们", id="spaces of speech recognition"),
        pytest.param("太太太差了", "太差了", id="repeats"),
        pytest.param("太太差了", "太太差了", id="two are no repeat"),
        pytest.param("幺二三幺五", "12315", id="spoken hotline"),
        pytest.param("一二三一五", "12315", id="spoken with one for yao"),
        pytest.param("三幺五晚会", "315晚会", id="spoken 315"),
        pytest.param("一二三四五六七", "一二三四五六七", id="a longer run is no hotline"),
        pytest.param("123 15", "12315", id="spaces inside a hotline"),
        pytest.param("投\u200b诉", "投诉", id="zero-width space"),
        pytest.param("\ud800投诉\x00", "\ufffd投诉 ", id="surrogate and NUL"),
        pytest.param("你等著瞧", "你等着瞧", id="tw2s, where t2s fails"),
        pytest.param("怎么办", "怎么办", id="a simplified character that tw2s would change"),
        pytest.param("@某某客服 我要投诉", "@某某客服,我要投诉", id="a mention keeps its end"),
        pytest.param("", "", id="empty"),
    ],
)
def test_folded_form(text, folded):
    """One text in the form that rules are written in, alone and among neighbours."""
    assert normalize([text])[0].text == folded
    assert [item.text for item in normalize(["你好，", text, "😀"])] == ["你好,", folded, "😀"]


@given(st.lists(st.one_of(ANY_TEXT, ODD_TEXT), max_size=6))
def test_neighbours_make_no_difference(texts):
    """A text is folded the same way alone and in any batch, and nothing raises."""
    together = normalize(texts)
    assert [(item.text, item.original) for item in together] == [
        (item.text, item.original) for text in texts for item in normalize([text])
    ]


@given(st.one_of(ANY_TEXT, ODD_TEXT))
def test_every_character_has_an_origin(text):
    """Origins lie in the original, in order, and are never empty."""
    folded = normalize([text])[0]
    spans = [folded.origin(at, at + 1) for at in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(st.one_of(ANY_TEXT, ODD_TEXT))
def test_folded_text_can_be_encoded(text):
    """What is quoted or matched later is valid Unicode."""
    folded = normalize([text])[0]
    folded.text.encode()
    folded.original.encode()


@pytest.mark.parametrize(
    ("text", "word", "origin"),
    [
        pytest.param("我要投 訴(sù)！", "投诉", "投 訴", id="space inside"),
        pytest.param("打１２３１５吧", "12315", "１２３１５", id="full width"),
        pytest.param("幺二三幺五", "12315", "幺二三幺五", id="spoken"),
        pytest.param("我的電話 投诉 单", "投诉", "投诉", id="spaces around"),
    ],
)
def test_evidence_is_found_in_the_original(text, word, origin):
    """A stretch of the folded text is quoted from the original."""
    folded = normalize([text])[0]
    start = folded.text.index(word)
    first, last = folded.origin(start, start + len(word))
    assert text[first:last] == origin


def test_long_text_is_cut_and_says_so():
    """Texts beyond the bound are cut; one at the bound is not."""
    at, beyond = normalize(["长" + "a" * (MAX_TEXT_CHARS - 1), "长" + "a" * MAX_TEXT_CHARS])
    assert (at.truncated, beyond.truncated) == (False, True)
    assert len(beyond.text) == MAX_TEXT_CHARS


def test_one_letter_that_unfolds_does_not_break_the_bound():
    """NFKC makes eighteen letters of one; the folded text stays within the bound."""
    folded = normalize(["ﷺ" * 2_000])[0]
    assert len(folded.text) <= MAX_TEXT_CHARS
    assert folded.truncated


def test_repeats_are_counted():
    """What was taken out of a run tells how strongly it was said."""
    assert normalize(["太太太太差"])[0].repeats == 3


def test_a_phrase_folds_as_a_text_does():
    """Rule authors may write traditional characters."""
    assert fold_phrase("投訴") == "投诉"


@given(
    st.text(
        st.one_of(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), st.sampled_from("太幺二三五投訴瞭藉")),
        max_size=8,
    )
)
def test_a_phrase_that_is_left_as_it_is_folds_to_itself(phrase: str):
    """Words all of Han letters take a short cut."""
    assert fold_phrase(phrase) == fold_alone(phrase).text
