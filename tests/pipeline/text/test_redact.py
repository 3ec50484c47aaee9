"""Masking: every kind of personal data, in every way people write it, and nothing that is public."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.numbers import is_bank_card, is_identity_card
from pipeline.text.redact import redact

HAN = st.text("我的是呢了吧请你打给他号码手机卡在这里", max_size=8)
AROUND = st.tuples(HAN, HAN)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")


def with_check_digit(body: str) -> str:
    """An identity card number with the right last place."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def with_luhn(body: str) -> str:
    """A card number with the right last place."""
    return next(body + str(last) for last in range(10) if is_bank_card(body + str(last)))


IDENTITIES = st.builds(
    lambda area, year, month, day, order: with_check_digit(f"{area}{year}{month:02}{day:02}{order:03}"),
    st.integers(110000, 659999),
    st.integers(1930, 2020),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 999),
)
CARDS = st.from_regex(r"62[0-9]{13,16}", fullmatch=True).map(with_luhn)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("我手机13812345678，打我", "我手机[手机]，打我", id="mobile"),
        pytest.param("138 1234 5678", "[手机]", id="mobile with spaces"),
        pytest.param("138-1234-5678", "[手机]", id="mobile with dashes"),
        pytest.param("+86 13812345678", "[手机]", id="mobile with country"),
        pytest.param("8613812345678", "[手机]", id="country without a gap"),
        pytest.param("１３８１２３４５６７８", "[手机]", id="full width"),
        pytest.param("幺三八一二三四五六七八", "[手机]", id="spoken"),
        pytest.param("一三八，一二三四，五六七八", "[手机]", id="spoken in groups"),
        pytest.param("①③⑧①②③④⑤⑥⑦⑧", "[手机]", id="circled"),
        pytest.param("tel13812345678abc", "tel[手机]abc", id="Latin letters around"),
        pytest.param("138123456789", "[号码]", id="one digit too many is some number, masked all the same"),
        pytest.param("1381234567813912345678", "[号码]", id="two phones run together"),
        pytest.param("13812345678 13912345678", "[手机] [手机]", id="two phones"),
        pytest.param("1381234567813912345678，13812345678", "[号码]，[手机]", id="a phone beside a long number"),
        pytest.param("壹叁捌壹贰叁肆伍陆柒捌", "[手机]", id="in formal numerals"),
        pytest.param("138/1234/5678", "[手机]", id="with strokes"),
        pytest.param("138*1234*5678", "[手机]", id="with stars"),
        pytest.param("138的1234的5678", "[手机]", id="as it is told"),
        pytest.param("138\n1234\n5678", "[手机]", id="in lines"),
        pytest.param("手機0912-345-678", "手機[手机]", id="Taiwan mobile"),
        pytest.param("+886 912 345 678", "[手机]", id="Taiwan mobile with country"),
        pytest.param("電話是(02)2345-6789", "電話是[座机]", id="Taiwan landline"),
        pytest.param("+852 9123 4567", "[手机]", id="Hong Kong"),
        pytest.param("A123456789", "[证件]", id="Taiwan identity card"),
        pytest.param("身份證A123456(7)", "身份證[证件]", id="Hong Kong identity card"),
        pytest.param("护照E12345678", "护照[证件]", id="passport"),
        pytest.param("2026/11/21 10:30", "2026/11/21 10:30", id="a date is none"),
        pytest.param("身份证11010519491231002X", "身份证[身份证]", id="identity card"),
        pytest.param("身份证110105194912310021", "身份证[号码]", id="wrong check digit"),
        pytest.param("银行卡号 6222 0212 3456 7890 128", "银行卡号 [银行卡]", id="bank card in groups"),
        pytest.param("6222021234567890128", "[号码]", id="a card without its context"),
        pytest.param("单号是SF1234567890123", "单号是[单号]", id="parcel"),
        pytest.param("订单号：123456789012", "订单号：[单号]", id="order"),
        pytest.param("订单13812345678", "订单[单号]", id="the earlier rule wins"),
        pytest.param("京A12345的车", "[车牌]的车", id="plate"),
        pytest.param("沪AD12345", "[车牌]", id="plate of an electric car"),
        pytest.param("邮箱abc.d@qq.com谢谢", "邮箱[邮箱]谢谢", id="e-mail beside Han"),
        pytest.param("0571-88888888", "[座机]", id="landline"),
        pytest.param("(010)12345678", "[座机]", id="landline in brackets"),
        pytest.param("qq号12345678", "qq号[QQ]", id="QQ"),
        pytest.param("加我微信abc_12345", "加我微信[微信]", id="WeChat"),
        pytest.param("打12315投诉，或者12345", "打12315投诉，或者12345", id="hotlines stay"),
        pytest.param("400-800-8888", "400-800-8888", id="a business number stays"),
        pytest.param("2024-11-25 13:45付了1999.00元", "2024-11-25 13:45付了1999.00元", id="dates and prices stay"),
        pytest.param("@某某10086", "@某某10086", id="a mention is no e-mail"),
        pytest.param("订单：1A2B3C", "订单：[单号]", id="digits and letters mixed behind a full-width sign"),
        pytest.param("电话：两三四五六七八", "电话：[座机]", id="spoken landline behind a full-width sign"),
        pytest.param("vx：Iab_cd", "vx：[微信]", id="WeChat behind a full-width sign"),
        pytest.param("@客服 订单 1A2B3C", "@客服 订单 [单号]", id="an order beside a mention"),
        pytest.param("联系：a＠b.cn", "联系：[邮箱]", id="the shortest e-mail, full width"),
        pytest.param("", "", id="empty"),
    ],
)
def test_masked(text, masked):
    """Personal data become placeholders; the rest stays."""
    assert redact(text).text == masked


@given(PHONES, AROUND, st.sampled_from(["", " ", "-", "\u200b", "."]))
def test_no_phone_survives(phone, around, gap):
    """Neither with separators nor in the middle of a sentence."""
    written = gap.join((phone[:3], phone[3:7], phone[7:]))
    assert written not in redact(around[0] + written + around[1]).text


@given(PHONES, AROUND, st.sampled_from([WIDE, SPOKEN]))
def test_no_phone_survives_in_other_digits(phone, around, table):
    """Neither in full-width digits nor spoken."""
    written = phone.translate(table)
    assert written not in redact(around[0] + written + around[1]).text


@given(st.one_of(IDENTITIES, CARDS), AROUND)
def test_no_card_survives(number, around):
    """Neither identity nor bank cards, whatever stands around them."""
    masked = redact(around[0] + number + around[1]).text
    assert number not in masked
    assert not re.search(r"\d{11}", masked)


@given(st.from_regex(r"[a-z][a-z0-9.]{0,10}@[a-z]{2,8}\.(com|cn)", fullmatch=True), AROUND)
def test_no_address_survives(address, around):
    """An e-mail address between Han characters is masked whole."""
    assert redact(around[0] + address + around[1]).text == around[0] + "[邮箱]" + around[1]


@given(st.text(st.characters(), max_size=80))
def test_nothing_raises_and_the_rest_stays(text):
    """Any text at all; what is not masked is copied as it is."""
    masked = redact(text)
    done, rebuilt = 0, ""
    for start, end, placeholder in masked.spans:
        assert done <= start < end
        rebuilt += text[done:start] + placeholder
        done = end
    assert rebuilt + text[done:] == masked.text


def test_places_move_with_the_text():
    """A stretch behind, before and inside a placeholder."""
    masked = redact("打13812345678投诉")
    assert masked.text[slice(*masked.masked(12, 14))] == "投诉"
    assert masked.text[slice(*masked.masked(0, 1))] == "打"
    assert masked.text[slice(*masked.masked(3, 5))] == "[手机]"


@given(IDENTITIES)
def test_check_digits(number):
    """A right number is right, and wrong with any other last place."""
    assert is_identity_card(number)
    assert not is_identity_card(number[:-1] + ("1" if number[-1] != "1" else "2"))
