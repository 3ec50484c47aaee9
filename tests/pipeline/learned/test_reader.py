"""A reader beside the linear model: whom it is asked about, how far it is followed, and files that are none."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.explain import explain
from pipeline.learned.reader import ABOUT, MAX_PIECES, TOKENIZER, ReaderError, open_reader
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role
from tests.support.models import model_of
from tests.support.readers import about, reader_bytes, reader_of, unlike_json

CUSTOMER = Role.CUSTOMER
PACK = load_pack()
# The linear model holds every text for an unlikely complaint (log-odds -1), and 风车 for a very unlikely one.
LINEAR = model_of({"蓝色风车": (-60, 0, 0)}, bias=-1.0)
# To the answers potential, explicit, high risk, refund, attitude:
SAYS = {
    "凉": (8, 0, 0, 0, 0),
    "透": (8, 0, 0, 9, 0),
    "愤": (12, 12, 12, 0, 0),
    "车": (20, 0, 0, 0, 0),
    "贵": (0, 0, 0, 9, 0),
}


def tagger(**changes) -> Tagger:
    """The linear model with a reader beside it."""
    return Tagger(PACK, model=replace(LINEAR, reader=reader_of(SAYS, **changes)))


TAGGER = tagger()


def level_of(text: str, by: Tagger = TAGGER) -> Level:
    """The level of one customer's text."""
    (finding,) = by.tag([text], [CUSTOMER])
    return finding.level if finding else Level.NONE


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param("饭菜", Level.NONE, id="both see nothing"),
        pytest.param("这里的饭菜凉", Level.POTENTIAL, id="the reader sees more than the linear model doubts"),
        pytest.param("蓝色风车", Level.NONE, id="what the linear model holds for very unlikely is not read again"),
        pytest.param("愤", Level.NONE, id="one character complains about nothing"),
        pytest.param("他们今天很愤愤", Level.EXPLICIT, id="high risk is not the reader's to say"),
        pytest.param("我要打12315", Level.HIGH_RISK, id="a threat that a rule saw stays"),
    ],
)
def test_levels(text, level):
    """Rules, linear model and reader together."""
    assert level_of(text) is level


def test_who_is_not_a_customer_is_not_read():
    """A model judges customers only."""
    assert TAGGER.tag(["饭菜凉凉凉"], [Role.AGENT]) == [None]


def test_a_reader_that_is_not_followed_changes_nothing():
    """Its shares say how far."""
    assert level_of("饭菜凉凉", tagger(level_shares=(0.0, 0.0, 0.0))) is Level.NONE


def test_thresholds_are_shifted():
    """For the two together another one may be best."""
    assert level_of("饭菜凉", tagger(level_shifts=(5.0, 0.0, 0.0))) is Level.NONE


def test_reasons_that_the_linear_model_does_not_hear():
    """A class that the reader hears is told; one that only the reader knows is none of the model's."""
    (finding,) = TAGGER.tag(["饭菜凉透"], [CUSTOMER])
    assert finding.reasons == ("refund",)
    (finding,) = tagger(reason_share=0.0, reason_shift=2.0).tag(["饭菜凉透"], [CUSTOMER])
    assert finding.reasons == ()


def test_what_the_rules_see_is_read_for_its_reasons():
    """However unlikely a complaint the linear model holds it."""
    with_it, without = (by.tag(["我要投诉，蓝色风车贵"], [CUSTOMER])[0] for by in (TAGGER, Tagger(PACK, model=LINEAR)))
    assert (with_it.level, without.level) == (Level.EXPLICIT, Level.EXPLICIT)
    assert "refund" in with_it.reasons
    assert "refund" not in without.reasons


@given(st.lists(st.text("凉透愤车贵风饭，", max_size=12), max_size=8))
def test_a_text_is_read_alone(texts):
    """Neighbours of the same batch change nothing."""
    together = TAGGER.tag(texts, [CUSTOMER] * len(texts))
    assert together == [TAGGER.tag([text], [CUSTOMER])[0] for text in texts]


def test_a_long_text_is_read_to_its_limit():
    """What stands behind is the linear model's."""
    reader = reader_of(SAYS)
    assert reader.read("饭" * MAX_PIECES + "凉凉凉").levels == reader.read("饭").levels


def test_an_explanation_shows_what_the_reader_holds():
    """Beside the probabilities of the two together; nothing where it was not asked."""
    view = explain(TAGGER, "饭菜凉").learned
    assert view.read == (0.982, 0.018, 0.018)
    assert view.answers[0].probability == 0.818
    assert explain(TAGGER, "蓝色风车").learned.read == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"PK\x03\x04 no graph", "", id="no graph"),
        pytest.param(reader_bytes(SAYS)[:300], "", id="torn"),
        pytest.param(reader_bytes(SAYS, entries={}), "has no entry 'tocsin'", id="a graph of somebody else"),
        pytest.param(reader_bytes(SAYS, entries=unlike_json(ABOUT)), "was truncated", id="damaged entry"),
        pytest.param(reader_bytes(SAYS, entries=unlike_json(TOKENIZER)), "", id="damaged vocabulary"),
        pytest.param(reader_bytes(SAYS, format=2), "format 2; this version reads 1", id="of a later version"),
        pytest.param(
            reader_bytes(SAYS, classes=(("refund",),)), "5 answers; expected 3 levels and 1 classes", id="other classes"
        ),
    ],
)
def test_no_reader(data, problem):
    """Said with the name of the file, whatever the libraries raise."""
    with pytest.raises(ReaderError, match=r"^ours\.onnx: no reader of Tocsin: ") as refusal:
        open_reader("ours.onnx", data)
    assert problem in str(refusal.value)


def test_without_its_libraries(monkeypatch):
    """The refusal says what to install."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ReaderError, match=r"requirements/reader\.txt"):
        open_reader("ours.onnx", reader_bytes(SAYS))


def test_the_version_is_of_the_content():
    """The same bytes, the same version; another share, another version."""
    assert reader_of(SAYS).version == reader_of(SAYS).version != reader_of(SAYS, reason_share=0.6).version
    assert reader_of(SAYS).about == about()
