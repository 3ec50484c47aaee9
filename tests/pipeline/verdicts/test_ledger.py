"""What verdicts prove: the last one on each alert, by rule and level, with the interval that so few or many deserve."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.verdicts.ledger import OTHER, RULES_MAX, Ledger, family_of, precision
from schemas.actions import Verdict
from schemas.labels import VerdictLabel
from schemas.vocabulary import AlertKind, Level

LABEL = VerdictLabel(
    alert_id="a1", verdict=Verdict.TRUE, by="duty-1", at=1, kind=AlertKind.LEVEL_RISE, level=Level.EXPLICIT,
    region="440000", occurred_at=0, rules=("level.explicit:投诉", "level.explicit:退款", "threat.legal:律师"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "low", "high"),
    [
        pytest.param(0, 0, 0.0, 1.0, id="nothing is proved"),
        pytest.param(3, 0, 0.44, 1.0, id="three of three"),
        pytest.param(90, 10, 0.83, 0.94, id="ninety of a hundred"),
        pytest.param(0, 30, 0.0, 0.11, id="none of thirty"),
    ],
)
def test_intervals(right, wrong, low, high):
    """By Wilson, at 95 %; the values of the textbook."""
    found = precision({Verdict.TRUE: right, Verdict.FALSE_ALARM: wrong})
    assert (found.judged, found.right) == (right + wrong, right)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(
    ("right", "wrong", "is_noise"),
    [
        pytest.param(9, 21, True, id="nine of thirty: half at most by its upper bound"),
        pytest.param(10, 20, False, id="ten of thirty: it may be half"),
        pytest.param(0, 29, False, id="too few verdicts"),
    ],
)
def test_when_a_rule_is_noise(right, wrong, is_noise):
    """By thirty verdicts, to the upper bound of their interval."""
    assert precision({Verdict.TRUE: right, Verdict.FALSE_ALARM: wrong}).is_noise is is_noise


def test_handled_is_right():
    """There was something to handle."""
    assert precision({Verdict.HANDLED: 2, Verdict.FALSE_ALARM: 2}).value == 0.5


def test_an_alert_counts_once_for_each_rule():
    """However many of its words were found."""
    ledger = Ledger()
    assert ledger.put(LABEL)
    assert dict(ledger.rules) == {"level.explicit": {Verdict.TRUE: 1}, "threat.legal": {Verdict.TRUE: 1}}
    assert not ledger.put(LABEL)
    assert ledger.put(replace(LABEL, verdict=Verdict.FALSE_ALARM, at=2))
    assert not ledger.put(LABEL)
    assert +ledger.rules["threat.legal"] == {Verdict.FALSE_ALARM: 1}
    assert +ledger.levels["explicit"] == {Verdict.FALSE_ALARM: 1}


def test_rules_are_bounded():
    """A pack with more rules than anybody has fills one series more."""
    ledger = Ledger()
    for number in range(RULES_MAX + 20):
        ledger.put(replace(LABEL, alert_id=f"a{number}", rules=(f"rule.{number}:x",)))
    assert len(ledger.rules) == RULES_MAX + 1
    assert ledger.rules[OTHER][Verdict.TRUE] == 20


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(Verdict), st.integers(0, 9)), max_size=30))
def test_the_sums_are_those_of_the_last_labels(said):
    """Whatever was said in between."""
    ledger, last = Ledger(), {}
    for number, verdict, at in said:
        label = replace(LABEL, alert_id=f"a{number}", verdict=verdict, at=at)
        ledger.put(label)
        if number not in last or last[number].at <= at:
            last[number] = label
    assert sum(ledger.levels["explicit"].values()) == len(last) == len(ledger)
    for verdict in Verdict:
        assert ledger.rules["threat.legal"][verdict] == sum(each.verdict is verdict for each in last.values())


def test_a_rule_is_what_stands_before_its_word():
    """There are few of them."""
    assert family_of("threat.regulator:12315") == family_of("threat.regulator") == "threat.regulator"
