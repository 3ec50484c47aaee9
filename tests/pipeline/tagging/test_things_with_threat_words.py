"""Things that carry the words of a threat (记者同款皮肤, 律师函模板) are none; a threat beside a thing is one."""

import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role

TAGGER = Tagger(load_pack())
THREATS = (
    "我要找媒体曝光你们这个皮肤",
    "再不退皮肤钱就找媒体曝光",
    "我要去法院起诉你们多少钱都行",
    "同款问题一大堆我要曝光你们",
    "我要起诉你们赔多少钱",
)
THINGS = (
    "有起诉书模板吗",
    "起诉书模板怎么打印",
    "记者同款马甲多少钱",
    "法院制服有卖吗",
    "我想问下律师函多少钱",
    "我想买个警察玩具",
    "我要一份消费者权益日的活动海报",
)


@pytest.mark.parametrize(
    ("text", "is_threat"), [*((text, True) for text in THREATS), *((text, False) for text in THINGS)]
)
def test_a_thing_hides_no_threat(text: str, is_threat: bool) -> None:
    """One expression that was torn into two had silenced every threat in whose clause a price or a poster stood."""
    (finding,) = TAGGER.tag([text], [Role.CUSTOMER])
    assert (finding is not None and finding.level is Level.HIGH_RISK) is is_threat
