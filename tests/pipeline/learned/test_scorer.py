"""The scorer beside the rules: what a finding becomes, and that evidence is masked and in its place."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.files.models import load_model
from pipeline.explain import explain
from pipeline.learned.combine import Basis
from pipeline.learned.scorer import MODEL_ONLY
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role
from tests.support.made_rules import pack_with
from tests.support.models import model_of

CUSTOMER, AGENT = Role.CUSTOMER, Role.AGENT
# Each word's last value is the log-odds it adds for a text of one character; longer texts divide by the root of that.
MODEL = model_of({"原地不动": (60, 0, 0), "蓝色风车": (60, 60, 0), "绿色风车": (60, 60, 60)})
TAGGER = Tagger(load_pack(), model=MODEL)
RULES = Tagger(load_pack())
SHIPPED = Tagger(load_pack(), model=load_model("builtin"))
EAGER = model_of({"啊": (1, 0, 0)}, bias=3.0)  # holds every text for a complaint
EAGER_TAGGER = Tagger(load_pack(), model=EAGER)


def tagged(text: str, role: Role = CUSTOMER):
    """The finding of one text."""
    return TAGGER.tag([text], [role])[0]


def test_what_only_the_model_sees_has_lower_confidence():
    """Level, tag, score in the lowest quarter of the band, a sign of the model, and a probability."""
    finding = tagged("包裹在原地不动")
    assert (finding.level, finding.tags) == (Level.POTENTIAL, (MODEL_ONLY,))
    assert 30 <= finding.score <= 38
    assert finding.signs[0].rule == "model.potential"
    assert 0.9 < finding.confidence <= 1


def test_the_evidence_is_the_clause_of_the_ngram_and_masked():
    """Offsets are of the original text, and a phone number beside it never shows."""
    text = "我 的 电话13800138000，包 裹 原 地 不 动，谢谢"
    (sign,) = tagged(text).signs
    assert text[sign.start : sign.end] == "包 裹 原 地 不 动"
    assert sign.quote[sign.mark_start : sign.mark_end] == "包 裹 原 地 不 动"
    assert "138" not in sign.quote


def test_of_a_long_clause_the_evidence_is_the_ngram():
    """Nobody looks for four characters among forty."""
    text = "包裹" + "从上个星期" * 6 + "原地不动"
    (sign,) = tagged(text).signs
    assert text[sign.start : sign.end] == "原地不动"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param("那个蓝色风车", Level.EXPLICIT, id="explicit by the model alone"),
        pytest.param("蓝色风车" * 9, Level.NONE, id="a word said again and again"),
        pytest.param("那个绿色风车在转呢", Level.EXPLICIT, id="high risk needs evidence of the rules"),
        pytest.param("太失望了，绿色风车", Level.HIGH_RISK, id="and with it is high risk"),
        pytest.param("我要打12315", Level.HIGH_RISK, id="a threat that the model knows nothing of"),
        pytest.param("算了不投诉了，原地不动", Level.NONE, id="who withdraws is not lifted"),
        pytest.param("请问快递什么时候到", Level.NONE, id="nothing"),
    ],
)
def test_levels(text, level):
    """Rules and model together."""
    finding = tagged(text)
    assert (finding.level if finding else Level.NONE) is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param("那个绿色风车在转", Level.HIGH_RISK, id="needs no evidence of the rules"),
        pytest.param("那个绿色风车", Level.EXPLICIT, id="too short for a threat"),
        pytest.param("绿色风车" * 9, Level.NONE, id="nothing but a word again and again"),
        pytest.param("那个红色风车在转", Level.NONE, id="where a complaint is too unlikely nobody is threatened"),
        pytest.param("算了不投诉了，绿色风车", Level.NONE, id="who withdraws is not lifted"),
    ],
)
def test_a_model_that_was_taught_threats(text, level):
    """High risk in words that no rule has, of lower confidence."""
    model = model_of({"绿色风车": (60, 60, 60), "红色风车": (2, 0, 60)}, hard_sentences=3)
    (finding,) = Tagger(load_pack(), model=model).tag([text], [CUSTOMER])
    assert (finding.level if finding else Level.NONE) is level
    assert level is Level.NONE or MODEL_ONLY in finding.tags


def test_agents_are_not_scored():
    """What an agent says is no complaint."""
    assert tagged("包裹在原地不动", AGENT) is None


def test_reasons_come_from_the_model_and_its_leaf_from_words():
    """The likely class stands; where a word tells no leaf, its usual one."""
    assert tagged("蓝色风车，我要退款").reasons == ("refund",)
    assert tagged("那个蓝色风车").reasons == ()


def test_a_model_of_levels_alone_leaves_the_reasons_to_the_rules():
    """Labels without reasons teach none; what the rules say of them stands, and nothing breaks."""
    model = replace(MODEL, classes=(), reasons=MODEL.reasons[:0], reason_bias=MODEL.reason_bias[:0])
    model = replace(
        model,
        reason_scales=MODEL.reason_scales[:0],
        reason_thresholds=MODEL.reason_thresholds[:0],
        reason_features=MODEL.reason_features[:, :0],
    )
    (finding,) = Tagger(load_pack(), model=model).tag(["那个蓝色风车，我要退款"], [CUSTOMER])
    assert (finding.level, finding.reasons) == (Level.EXPLICIT, ("refund",))


@pytest.mark.parametrize(
    "text", ["你们", "拜托你们", "问你们", "教育局", "监管局", "消费者", "知道了", "人呢" * 14, "无语了" * 54]
)
def test_a_fragment_is_no_threat(text):
    """The shipped model leans on 你们 and 局 where more is said; by themselves they say nothing."""
    (finding,) = SHIPPED.tag([text], [CUSTOMER])
    assert finding is None or MODEL_ONLY not in finding.tags


def test_what_a_rule_of_the_house_says_is_not_taken_back():
    """The model takes back mild displeasure that shipped words saw; a rule that somebody wrote for this is told."""
    pack = pack_with("""
rules:
  mild: {zh: 蓝色套餐, conditions: {a: {any: [蓝色套餐]}}, then: {level: potential, score: 38}}
""")
    (finding,) = Tagger(pack, model=MODEL).tag(["谢谢你们的蓝色套餐"], [CUSTOMER])
    assert finding.level is Level.POTENTIAL


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["原地不动", "蓝色风车", "太失望了", "好的", "", "我要投诉", "a" * 50, "😀😀"]), max_size=9
    )
)
def test_a_batch_is_its_texts(texts):
    """Each text has the same finding alone and among others."""
    together = TAGGER.tag(texts, [CUSTOMER] * len(texts))
    assert together == [TAGGER.tag([text], [CUSTOMER])[0] for text in texts]


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_can_be_scored(text):
    """Whatever the characters are, evidence lies inside the text."""
    finding = EAGER_TAGGER.tag([text], [CUSTOMER])[0]
    if finding:
        for sign in finding.signs:
            assert 0 <= sign.start <= sign.end <= len(text)


def test_an_explanation_tells_who_decided_and_why():
    """Probabilities, basis, and the n-grams that spoke, masked."""
    view = explain(TAGGER, "包裹在原地不动").learned
    assert (view.version, view.basis) == (MODEL.version, Basis.MODEL)
    assert [answer.level for answer in view.answers] == [Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK]
    assert view.ngrams[0].name == "原地不动"
    assert explain(TAGGER, "包裹在原地不动", AGENT).learned is None
    assert explain(RULES, "包裹在原地不动").learned is None
