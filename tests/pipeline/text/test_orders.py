"""Order numbers: however they are written or read aloud, one order has one mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.orders import find_order, order_mark

MARK = order_mark("13800123456")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("我的订单号是13800123456，一直没发货", id="digits"),
        pytest.param("订单编号：１３８００１２３４５６", id="full width"),
        pytest.param("订单幺三八零零一二三四五六到现在没人管", id="read aloud"),
        pytest.param("订单号幺三八，零零一二，三四五六", id="read aloud in groups"),
        pytest.param("订单号是一三八 零零一二 三四五六", id="in groups, with spaces"),
        pytest.param("訂單號 138-0012-3456 還沒到", id="traditional, with dashes"),
        pytest.param("不是订单99999999，是订单13800123456", id="of two the last"),
        pytest.param("订单号幺三八零零12三四56", id="mixed"),
        pytest.param("订单号幺三八零零一二三四五六，一直没发货", id="read aloud, then a word that begins like a digit"),
        pytest.param("订单13800123456一直没人管", id="digits, then such a word"),
    ],
)
def test_an_order_is_found_however_it_is_said(text):
    """All of these are one order."""
    assert find_order(text) == MARK


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("我要投诉你们", id="no order"),
        pytest.param("我的订单还没发货", id="no number"),
        pytest.param("订单尾号3456", id="only the last four digits"),
        pytest.param("订单12345", id="too short"),
        pytest.param("快递单号13800123456", id="a parcel"),
        pytest.param("我的电话13800123456", id="a phone"),
        pytest.param("订单电话是13800123456", id="a phone of an order"),
        pytest.param("订单里有一二三四五六件", id="a count"),
        pytest.param("订单三五天了", id="days"),
    ],
)
def test_what_names_no_order(text):
    """Nothing is guessed."""
    assert not find_order(text)


@pytest.mark.parametrize(
    "order_id",
    ["DD-1380 0012", "dd13800012", "DD_1380.0012", "ＤＤ１３８０００１２", "DD/1380/0012", "DD幺三八零零零幺二"],
)
def test_one_order_has_one_mark(order_id):
    """As ticket systems, shops and recognisers write it."""
    assert order_mark(order_id) == order_mark("DD13800012")


def test_other_orders_have_other_marks():
    """Letters that mean something are kept; nothing stays nothing."""
    marks = [order_mark(each) for each in ("A77", "B77", "A78", "甲店77", "乙店77", "-", "--")]
    assert len(set(marks)) == len(marks)
    assert order_mark("") == ""


def test_a_number_cannot_be_read_off_its_mark():
    """Sixteen characters, whatever the number."""
    assert "1380012" not in MARK
    assert len(MARK) == 16


@given(st.text(max_size=60))
def test_no_text_is_too_odd(text):
    """Any text is read without an error, and any id has a mark."""
    find_order("订单" + text)
    assert bool(order_mark(text)) == bool(text)
