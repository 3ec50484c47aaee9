"""What a recogniser makes of 投诉 and its like counts beside another sign only; mood in other scripts, too."""

import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role

TAGGER = Tagger(load_pack())


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param("我要头诉", Level.NONE, id="misheard, and nothing beside it"),
        pytest.param("我要头诉根本不接电话", Level.POTENTIAL, id="misheard beside a mild word"),
        pytest.param("今天的投速正常", Level.NONE, id="the same sounds in another matter"),
        pytest.param("我要tousu你们", Level.EXPLICIT, id="typed in pinyin"),
        pytest.param("再不处理我就baoguang", Level.HIGH_RISK, id="a threat typed in pinyin"),
        pytest.param("我要ts", Level.NONE, id="two letters, and nothing beside them"),
        pytest.param("我要ts根本不接电话", Level.POTENTIAL, id="two letters beside a mild word"),
        pytest.param("文件是ts格式", Level.NONE, id="two letters in another matter"),
        pytest.param("打一二三一五", Level.HIGH_RISK, id="a hotline in characters"),
        pytest.param("打１２３１５", Level.HIGH_RISK, id="a hotline in wide digits"),
        pytest.param("我要那个嗯投诉你们", Level.EXPLICIT, id="fillers change nothing"),
        pytest.param("叫你们那个领导过来", Level.EXPLICIT, id="nor between a verb and its object"),
        pytest.param("退款退了三次都没退成我就是要投诉", Level.EXPLICIT, id="nor does a sentence without a comma"),
        pytest.param("好的😡", Level.NONE, id="a face alone"),
        pytest.param("居然还没到😡", Level.POTENTIAL, id="a face beside a mild word"),
        pytest.param("service 慢, I want to complain", Level.POTENTIAL, id="two scripts in one sentence"),
    ],
)
def test_what_was_misheard(text, level):
    """Alone it is no word, beside another sign it is one more."""
    (finding,) = TAGGER.tag([text], [Role.CUSTOMER])
    assert (finding.level if finding else Level.NONE) is level
