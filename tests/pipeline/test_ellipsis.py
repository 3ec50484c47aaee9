"""What a bare answer stands for after a question, and when it stands for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ellipsis import spelled_out


@pytest.mark.parametrize(
    ("context", "text", "sentence"),
    [
        pytest.param("您是要投诉吗？", "我要！", "我是要投诉", id="a wish"),
        pytest.param(
            "您好，请问您是要投诉我们的师傅吗？", "对，就是这个", "我是要投诉你们的师傅", id="persons change places"
        ),
        pytest.param(
            "您的意思是要举报我们，是吗", "嗯嗯是的", "我的意思是要举报你们", id="a question without its mark"
        ),
        pytest.param("要不要帮您转投诉部门？", "要", "要帮我转投诉部门", id="one of two was chosen"),
        pytest.param("您不投诉了是吗？", "对", "我不投诉了", id="a denial that is confirmed"),
        pytest.param("您要投诉哪位？", "上次那个师傅", "我要投诉上次那个师傅", id="the word that was asked for"),
        pytest.param("您是要投訴嗎？", "沒錯", "我是要投诉", id="in traditional characters"),
        pytest.param("您是要投诉吗？😊", "对👍", "我是要投诉", id="with emoji"),
        pytest.param("我打错了 / 没关系。您要退货吗？", "是的", "我要退货", id="the last question of the last turn"),
    ],
)
def test_an_answer_is_spelled_out(context, text, sentence):
    """The question's words, in the customer's mouth."""
    assert spelled_out(text, context) == sentence


@pytest.mark.parametrize(
    ("context", "text"),
    [
        pytest.param("您是要投诉吗？", "不是", id="denied"),
        pytest.param("您要投诉哪位？", "算了", id="the question itself is refused"),
        pytest.param("已为您登记投诉。", "对", id="nothing was asked"),
        pytest.param("您是要投诉吗？ / 请稍等", "对", id="asked a turn ago"),
        pytest.param("您是要投诉还是咨询？", "可以", id="a choice that was not made"),
        pytest.param("有什么可以帮您？", "好的", id="an open question"),
        pytest.param("您是要投诉吗？", "我想先了解一下退货的流程再说，麻烦您介绍一下好吗", id="an answer in full"),
        pytest.param("", "对", id="nothing was said"),
    ],
)
def test_it_stands_for_itself(context, text):
    """Then the context changes nothing."""
    assert spelled_out(text, context) is None


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_is_taken(text, context):
    """Nothing fails, and nothing that the context merely states becomes the customer's words."""
    assert spelled_out(text, context.replace("?", "。").replace("？", "。") + "。好的。") is None
