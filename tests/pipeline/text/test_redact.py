"""Masking: every kind of personal data, in every way people write it, and nothing that is public."""

import re
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.normalize import normalize
from pipeline.text.numbers import is_bank_card, is_identity_card
from pipeline.text.redact import carried, redact
from schemas.base import MAX_TEXT_CHARS

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


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("訂單編號12345678，我要投訴", "訂單編號[单号]，我要投訴", id="order, traditional"),
        pytest.param("訂單號：A12345678", "訂單號：[单号]", id="order with a letter, traditional"),
        pytest.param("粵Z1234港", "[车牌]", id="plate of Guangdong and Hong Kong, traditional"),
        pytest.param("滬A12345", "[车牌]", id="plate, traditional"),
        pytest.param("電話號碼 2345 6789", "電話號碼 [座机]", id="line, traditional"),
        pytest.param("銀行卡號6222021234567894", "銀行卡號[银行卡]", id="bank card, traditional"),
        pytest.param("京 A12345", "[车牌]", id="a space behind the province"),
        pytest.param("座机8888-8888", "座机[座机]", id="line with a dash"),
        pytest.param("座机8888 8888", "座机[座机]", id="line with a space"),
        pytest.param("电话91234567", "电话[座机]", id="a line of Hong Kong that starts with 9"),
        pytest.param("（138）00138000", "[手机]", id="full-width brackets"),
        pytest.param("138(0013)8000", "[手机]", id="brackets"),
        pytest.param("(+86)138 0013 8000", "[手机]", id="the country in brackets"),
        pytest.param("(+86)138，0013，8000", "[手机]", id="the country in brackets, then commas"),
        pytest.param("138。0013。8000", "[手机]", id="full stops"),
        pytest.param("138，0013，8000", "[手机]", id="commas"),
        pytest.param("138    0013    8000", "[手机]", id="four spaces"),
        pytest.param("zhang@qq。com", "[邮箱]", id="an address with a full stop"),
        pytest.param("zhangsan @ qq . com", "[邮箱]", id="an address with spaces"),
        pytest.param("zhang@qq.com . thanks", "[邮箱] . thanks", id="the next sentence is no domain"),
        pytest.param("一三八○○一三八○○○", "[手机]", id="a circle for zero"),
        pytest.param("卡号6222  0212  3456  7894", "卡号[银行卡]", id="a card with two spaces"),
        pytest.param("卡号6222  0212  3456  7890", "卡号[号码]", id="a wrong card with two spaces"),
        pytest.param("6222 - 0212 - 3456 - 7890", "[号码]", id="a wrong card with dashes in spaces"),
        pytest.param("卡号6222，0212，3456，7890", "卡号[号码]", id="a wrong card with commas"),
        pytest.param("".join(f"{digit}\ufe0f\u20e3" for digit in "13800138000") + "打我", "[手机]打我", id="keycaps"),
        pytest.param("138\u00ad0013\u202c8000", "[手机]", id="soft hyphen and the end of a direction"),
        pytest.param("138\u200b\u200b\u200b0013" + "\u200b" * 9 + "8000", "[手机]", id="many unseen"),
        pytest.param("1\u03363\u03368\u033600138000", "[手机]", id="struck through"),
        pytest.param("1_3_8_0_0_1_3_8_0_0_0", "[手机]", id="underscores"),
        pytest.param("1的3的8的0的0的1的3的8的0的0的0", "[手机]", id="的 between all"),
        pytest.param("1380013800零", "[手机]", id="the last digit spoken"),
        pytest.param("建群12345678维权", "建群[QQ]维权", id="the number of a group"),
        pytest.param("1500、2000、138 0013 8000", "1500、2000、[手机]", id="a phone at the end of a list"),
        pytest.param("12315 6222021234567890128", "12315 [号码]", id="a long number beside a hotline"),
        pytest.param("2023-11-20 13800138000", "2023-11-20 [手机]", id="a phone beside a date"),
    ],
)
def test_masked_in_every_spelling(text, masked):
    """Other scripts, other signs between the groups, and what is written so that nobody finds it."""
    assert redact(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("我要打12315、12345、12378投诉你们", id="hotlines in a list"),
        pytest.param("打12315 12345 12378投诉", id="hotlines with spaces"),
        pytest.param("打了10086、12315、12300三个电话", id="hotlines and their count"),
        pytest.param("打了110、119、120、12315、12345、12378", id="short hotlines too"),
        pytest.param("建群12315投诉", id="a hotline behind a group"),
        pytest.param("400-800-8888 400-820-8820", id="two business numbers"),
        pytest.param("电话400-8001-234", id="a business number behind its name"),
        pytest.param("2023-11-20 2023-11-22两次投诉都没用", id="two dates and a count"),
        pytest.param("20231120 20231122 20231123", id="dates without dashes"),
        pytest.param("订单2023-11-20下的", id="the day of an order"),
        pytest.param("付了150 2023-11-20到现在", id="an amount and a date"),
        pytest.param("等了150。2023.11.20才回", id="a sentence's end and a date"),
        pytest.param("价格1999-2999，3999-4999", id="ranges of prices"),
        pytest.param("扣了1500、2000、300元", id="amounts in a list"),
        pytest.param("扣了1500，2000，300", id="amounts with commas"),
        pytest.param("150 2000 3000元", id="amounts with spaces"),
        pytest.param("13,800,138,000元", id="an amount with thousands"),
        pytest.param("199.00 299.00 399.00", id="prices with cents"),
        pytest.param("1999\n2999\n3999\n4999", id="amounts in lines"),
        pytest.param("银行扣了1999，2999，3999，4999", id="amounts beside a bank"),
        pytest.param("13:30 14:30 15:30 16:30", id="times"),
        pytest.param("2021 2022 2023年都交了", id="years"),
        pytest.param("张○○，王○○，李○○，赵○○", id="names that are hidden already"),
        pytest.param("○○○○○○○○○○○○", id="a row of circles"),
        pytest.param("云 mysql8", id="a product is no plate"),
    ],
)
def test_ordinary_numbers_stay(text):
    """Hotlines, dates, prices, amounts, times."""
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("13800138000，一直打不通", "[手机]，一直打不通", id="the next word behind a comma"),
        pytest.param("13800138000一直打不通", "[手机]一直打不通", id="the next word"),
        pytest.param("打13800138000两次都不接", "打[手机]两次都不接", id="a count"),
        pytest.param("唯一13800138000", "唯一[手机]", id="the word before"),
    ],
)
def test_words_beside_a_number_stay(text, masked):
    """一 and 两 are words more often than digits."""
    assert redact(text).text == masked


@pytest.mark.parametrize("tail", ["1380013800", "138 0013 80", "一三八零零一", "zhang@q", "13"])
def test_what_a_cut_leaves_of_a_number_is_masked(tail):
    """The first ten digits of a phone are no less private; a shorter text that ends so is not cut."""
    words = "我要投诉" * (MAX_TEXT_CHARS // 4)
    (folded,) = normalize([words[: MAX_TEXT_CHARS - len(tail)] + tail + "0013800"])
    assert folded.truncated
    masked = redact(folded.original)
    assert tail not in masked.text
    assert masked.text.endswith("]")
    assert redact("我要投诉12").text == "我要投诉12"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("我的电话一三八零零一三八零零零我要投诉", "我的电话[手机]我要投诉", id="零零零 becomes one"),
        pytest.param("我 的 电话 一三八零零零零八零零零", "我的电话[手机]", id="spaces fall out"),
        pytest.param("電話138\u200b00138000，謝謝", "电话[手机],谢谢", id="the unseen falls out"),
        pytest.param("电话13800138000，谢谢", "电话[手机],谢谢", id="every character in its place"),
        pytest.param("谢谢谢谢", "谢", id="nothing to mask"),
    ],
)
def test_folded_text_is_masked_where_the_original_is(text, masked):
    """Folding may leave too few digits for a rule."""
    (folded,) = normalize([text])
    assert carried(redact(text), folded).text == masked


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "1",
            "1-",
            "1 ",
            "1    ",
            "1 -. ",
            "1、",
            "1)(",
            "138(",
            "一",
            "一，",
            "12315、",
            "2023-11-20 ",
            "1500，2000，300 ",
        ),
        *(
            "1\u200b\u200b",
            "1\ufe0f\u20e3",
            "a@",
            "q@q。",
            "a @ ",
            "京 A ",
            "訂單編號",
            "订单1 ",
            "电话2 ",
            "银行1 ",
            "😀",
            "\u00ad",
        ),
    ],
)
def test_hostile_texts_take_linear_time(unit):
    """The whole length a text may have takes at most some fifteen times the time of an eighth of it."""
    text = unit * (MAX_TEXT_CHARS // len(unit))
    assert _seconds(text) < 15 * _seconds(text[: MAX_TEXT_CHARS // 8]) + 0.01


def _seconds(text: str) -> float:
    took = []
    for _ in range(5):
        start = thread_time()
        redact(text)
        took.append(thread_time() - start)
    return min(took)


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
