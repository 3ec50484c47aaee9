"""How unlikely a count is, and what looks come to: both sides of every border."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.surge.judge import CALM, LOOKS_TO_RESOLVE, Change, Look, Scope, Series, Surge, judge
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
    ("count", "usual", "opens"),
    [
        pytest.param(4, 0.001, False, id="four are never many"),
        pytest.param(5, 0.4, False, id="five against 0.4, p 6e-5: not unlikely enough"),
        pytest.param(5, 0.3, True, id="five against 0.3, p 2e-5"),
        pytest.param(14, 2.0, True, id="p 4e-8"),
        pytest.param(199, 100.0, False, id="less than twice the usual, however unlikely"),
        pytest.param(200, 100.0, True, id="twice the usual"),
        pytest.param(32, 16.0, False, id="one reason, p 2.5e-4"),
    ],
)
def test_when_a_surge_opens(count, usual, opens):
    """By the count, the ratio and the odds."""
    found = judge(CALM, [look(count, usual)], now_ms=0, scope=Scope.REASON)
    assert (found.change is Change.OPENED) == opens
    assert (found.series.surge is not None) == opens


@pytest.mark.parametrize(
    ("count", "usual", "opens"),
    [
        pytest.param(32, 14.9, False, id="too few are usual, p 8e-5"),
        pytest.param(32, 15.0, True, id="fifteen an hour, p 9e-5"),
        pytest.param(30, 15.0, False, id="p 4e-4"),
        pytest.param(29, 14.9, False, id="less than twice"),
    ],
)
def test_a_large_region_as_a_whole_opens_sooner(count, usual, opens):
    """False alarms are spent where a surge has to be found soon."""
    assert (judge(CALM, [look(count, usual)], now_ms=0, scope=Scope.REGION).change is Change.OPENED) == opens


@pytest.mark.parametrize(
    ("count", "usual", "opens"),
    [
        pytest.param(13, 2.0, True, id="p 2e-7"),
        pytest.param(12, 2.0, False, id="p 1.4e-6: a reason of a region would open"),
        pytest.param(32, 15.0, False, id="however large"),
    ],
)
def test_a_city_has_to_be_clearer(count, usual, opens):
    """There are many of them, and together they may be wrong as often as their province."""
    assert (judge(CALM, [look(count, usual)], now_ms=0, scope=Scope.CITY).change is Change.OPENED) == opens


@pytest.mark.parametrize(
    ("minutes", "count", "usual", "scope", "opens"),
    [
        pytest.param(10, 10, 20.0, Scope.REGION, True, id="three times twenty an hour, p 3e-3"),
        pytest.param(10, 9, 20.0, Scope.REGION, False, id="2.7 times"),
        pytest.param(10, 9, 18.5, Scope.REGION, True, id="the least that must be usual"),
        pytest.param(10, 9, 18.4, Scope.REGION, False, id="a little less"),
        pytest.param(10, 10, 20.0, Scope.REASON, False, id="one reason, not the whole"),
        pytest.param(15, 15, 20.0, Scope.REGION, False, id="a quarter of an hour goes by its odds, 2.3e-4"),
        pytest.param(15, 16, 20.0, Scope.REGION, True, id="which are low enough here, p 7e-5"),
    ],
)
def test_ten_minutes_with_three_times_the_usual(minutes, count, usual, scope, opens):
    """Where twenty an hour are usual this is enough, however often chance does the same."""
    share = minutes / 60
    found = judge(CALM, [Look(share, count, Expected(usual * share, SURE))], now_ms=0, scope=scope)
    assert (found.change is Change.OPENED) == opens


def test_the_most_unlikely_span_speaks():
    """It says what it was measured against."""
    looks = [look(20, 16.0), Look(0.25, 20, Expected(4.0, SURE))]
    assert judge(CALM, looks, now_ms=0, scope=Scope.REGION).look == looks[1]


def test_a_short_span_does_not_keep_a_surge_open():
    """Ten minutes are restless: a quarter of an hour and an hour say when it is over."""
    series = Series(surge=Surge(0, told=7.0))
    for _ in range(LOOKS_TO_RESOLVE):
        looks = [Look(1 / 6, 6, Expected(1.0, SURE)), look(2)]
        series = judge(series, looks, now_ms=0, scope=Scope.REGION).series
    assert series == CALM


def test_a_surge_goes_on_until_it_is_over():
    """It is told again when it has grown by half, never as a new one, and resolves after three calm looks in a row."""
    series = Series(surge=Surge(0, told=7.0))
    found = []
    for count in [14, 20, 22, 2, 2, 14, 2, 2, 2, 2]:
        series, change, _ = judge(series, [look(count)], now_ms=1, scope=Scope.REASON)
        found.append(change)
    none = None
    assert found == [none, none, Change.GROWN, none, none, none, none, none, Change.RESOLVED, none]
    assert LOOKS_TO_RESOLVE == 3
    assert series == CALM


def test_while_learning_nothing_opens():
    """No span is offered where the usual is not known."""
    assert judge(CALM, [], now_ms=0, scope=Scope.REGION).series == CALM
