"""How unlikely a count is, and what looks come to: both sides of every border."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.surge.judge import CALM, LOOKS_TO_RESOLVE, Change, Look, Series, Surge, judge
from pipeline.surge.odds import tail
from pipeline.surge.usual import Expected

SURE = 1e9


@pytest.mark.parametrize(
    ("count", "mean", "odds"),
    [
        pytest.param(0, 2.0, 1.0, id="at least nothing"),
        pytest.param(1, 2.0, 0.8646647, id="1 - exp(-2)"),
        pytest.param(5, 1.0, 0.0036598, id="from a table of Poisson"),
        pytest.param(10, 2.0, 4.6498e-5, id="far out"),
        pytest.param(60, 20.0, 1.0e-12, id="a storm"),
    ],
)
def test_with_much_learnt_the_odds_are_poissons(count, mean, odds):
    """Hand-computed tails; the half that stands for not knowing is nothing against a billion hours."""
    assert tail(count, Expected(mean, SURE), share=1.0) == pytest.approx(odds, rel=2e-3, abs=1e-9)


@given(st.integers(1, 60), st.floats(0, 30), st.floats(1, 9), st.sampled_from([0.25, 1.0]))
def test_odds_are_odds(count, mean, hours, share):
    """Between 0 and 1, falling with the count."""
    odds = tail(count, Expected(mean, hours), share=share)
    assert 0 <= tail(count + 1, Expected(mean, hours), share=share) <= odds <= 1 + 1e-12


def test_little_learnt_makes_a_count_less_surprising():
    """Five where nothing was seen in four hours is no news yet; after a billion such hours it is."""
    assert tail(5, Expected(0.0, 4.0), share=1.0) > 5e-5
    assert tail(5, Expected(0.0, 1_000.0), share=1.0) < 1e-12


def look(count, usual=2.0):
    """An hour against what is usual, well known."""
    return Look(1.0, count, Expected(usual, SURE))


@pytest.mark.parametrize(
    ("counts", "usual", "opens_at"),
    [
        pytest.param([4, 4, 4], 0.1, None, id="four are never many"),
        pytest.param([5, 5], 0.6, None, id="five against 0.6, p 4e-4: not unlikely enough"),
        pytest.param([5, 5], 0.4, 1, id="five against 0.4, p 6e-5: in the second look"),
        pytest.param([5, 0, 5], 0.4, None, id="not two in a row"),
        pytest.param([14], 2.0, 0, id="p 4e-8: at once"),
        pytest.param([199, 199], 100.0, None, id="less than twice the usual, however unlikely"),
        pytest.param([200], 100.0, 0, id="twice the usual"),
    ],
)
def test_when_a_surge_opens(counts, usual, opens_at):
    """By the count, the ratio, the odds, and how often in a row."""
    series, opened = CALM, None
    for number, count in enumerate(counts):
        series, change, _ = judge(series, [look(count, usual)], now_ms=number)
        if change is Change.OPENED:
            opened = number
            break
    assert opened == opens_at


def test_a_surge_goes_on_until_it_is_over():
    """It is told again when it has grown by half, never as a new one, and resolves after three calm looks in a row."""
    series = Series(surge=Surge(0, told=7.0))
    found = []
    for count in [14, 20, 22, 2, 2, 14, 2, 2, 2, 2]:
        series, change, _ = judge(series, [look(count)], now_ms=1)
        found.append(change)
    none = None
    assert found == [none, none, Change.GROWN, none, none, none, none, none, Change.RESOLVED, none]
    assert LOOKS_TO_RESOLVE == 3
    assert series == CALM


def test_while_learning_nothing_opens():
    """No span is offered where the usual is not known."""
    assert judge(CALM, [], now_ms=0).series == CALM
