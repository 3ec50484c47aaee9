"""How rules and model come to one level: the table of ADR 13."""

from itertools import product

import pytest

from pipeline.findings import Finding, GuardHit, Sign
from pipeline.learned.combine import Basis, combine
from schemas.vocabulary import Level

NONE, POTENTIAL, EXPLICIT, HIGH = Level.NONE, Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK


def found(level: Level, score: int, *, tags: tuple[str, ...] = (), guard: str = "") -> Finding:
    """A finding of the rules."""
    signs = (Sign("level.x:y", level, score, 0, 2),) if level is not NONE else ()
    return Finding(level, score, signs, tags=tags, guards=(GuardHit(guard, 0, 2),) if guard else ())


@pytest.mark.parametrize(
    ("finding", "learned", "is_surely_none", "level", "basis"),
    [
        pytest.param(None, NONE, True, NONE, Basis.RULES, id="nobody sees anything"),
        pytest.param(None, POTENTIAL, False, POTENTIAL, Basis.MODEL, id="the model alone sees displeasure"),
        pytest.param(None, EXPLICIT, False, EXPLICIT, Basis.MODEL, id="the model alone sees a complaint"),
        pytest.param(None, HIGH, False, EXPLICIT, Basis.MODEL, id="high risk needs evidence of the rules"),
        pytest.param(found(POTENTIAL, 38), HIGH, False, HIGH, Basis.MODEL, id="with evidence it may be high risk"),
        pytest.param(found(POTENTIAL, 38), POTENTIAL, False, POTENTIAL, Basis.AGREED, id="both"),
        pytest.param(found(POTENTIAL, 40), NONE, True, NONE, Basis.TAKEN_BACK, id="mild, and surely nothing"),
        pytest.param(found(POTENTIAL, 41), NONE, True, POTENTIAL, Basis.RULES, id="not mild: stays"),
        pytest.param(found(POTENTIAL, 38), NONE, False, POTENTIAL, Basis.RULES, id="mild, but not surely nothing"),
        pytest.param(found(POTENTIAL, 32, guard="inquiry"), NONE, True, POTENTIAL, Basis.RULES, id="a guard decided"),
        pytest.param(found(EXPLICIT, 66), NONE, True, EXPLICIT, Basis.RULES, id="a complaint is never taken back"),
        pytest.param(found(HIGH, 90), NONE, True, HIGH, Basis.RULES, id="a threat is never lowered"),
        pytest.param(found(NONE, 0, tags=("withdrawn",)), EXPLICIT, False, NONE, Basis.WITHHELD, id="withdrawn"),
        pytest.param(found(POTENTIAL, 40, tags=("withdrawn",)), HIGH, False, POTENTIAL, Basis.WITHHELD, id="still so"),
        pytest.param(found(NONE, 0, guard="negated"), EXPLICIT, False, NONE, Basis.WITHHELD, id="negated"),
        pytest.param(
            found(NONE, 0, tags=("thanks",)), POTENTIAL, False, POTENTIAL, Basis.MODEL, id="thanks are manners"
        ),
    ],
)
def test_who_decides(finding, learned, is_surely_none, level, basis):
    """Each row of the table."""
    assert combine(finding, learned, is_surely_none=is_surely_none) == (level, basis)


@pytest.mark.parametrize(
    ("finding", "level", "basis"),
    [
        pytest.param(None, HIGH, Basis.MODEL, id="in words that no rule has"),
        pytest.param(found(NONE, 0, guard="negated"), NONE, Basis.WITHHELD, id="negated"),
        pytest.param(found(POTENTIAL, 40, tags=("withdrawn",)), POTENTIAL, Basis.WITHHELD, id="withdrawn"),
    ],
)
def test_what_was_taught_threats_needs_no_evidence_of_the_rules(finding, level, basis):
    """What the rules decided against stays decided."""
    assert combine(finding, HIGH, knows_threats=True) == (level, basis)


@pytest.mark.parametrize(("learned", "is_surely_none"), list(product(Level, (True, False))))
def test_a_threat_is_never_lowered(learned, is_surely_none):
    """Whatever the model says, and however sure it is."""
    for tags in ((), ("withdrawn",), ("thanks",)):
        assert combine(found(HIGH, 90, tags=tags), learned, is_surely_none=is_surely_none).level is HIGH
