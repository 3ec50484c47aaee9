"""Figures by hand: precision, recall, F1, intervals, calibration."""

import numpy as np
import pytest

from agents.training.figures import calibration, level_figures, macro_figure, micro_figure, reason_figures
from agents.training.thresholds import choose_reason_threshold, choose_thresholds, levels_at, macro_f1
from schemas.vocabulary import Level

LABELS = np.array([0, 0, 1, 1, 2, 3])
GIVEN = np.array([0, 1, 1, 1, 2, 2])


def test_shares_of_a_level():
    """Three were called potential and two of them are; both that are were found."""
    figures = {row.level: row for row in level_figures(LABELS, GIVEN, list("abcdef"))}
    potential = figures[Level.POTENTIAL]
    assert (potential.support, potential.precision.value, potential.recall.value) == (2, 0.667, 1.0)
    assert figures[Level.HIGH_RISK].recall.value == 0.0


def test_macro_is_the_mean_over_levels():
    """Each level counts the same, and the interval holds the value."""
    assert macro_f1(LABELS, LABELS) == 1.0
    macro = macro_figure(LABELS, GIVEN, list("abcdef"))
    assert macro.value == pytest.approx((2 / 3 + 4 / 5 + 2 / 3 + 0) / 4, abs=0.001)
    assert macro.low <= macro.value <= macro.high


def test_an_interval_draws_whole_groups():
    """Two texts of one dialogue are no two witnesses: the interval is wider than of two dialogues."""
    labels, given = np.array([0, 1] * 20), np.array([0, 0] * 20)
    apart = macro_figure(labels, given, [str(number) for number in range(40)])
    together = macro_figure(labels, given, [str(number // 10) for number in range(40)])
    assert together.low == together.value == together.high  # each group of ten is like the others
    assert apart.high - apart.low > 0


def test_reasons_count_over_all_texts():
    """Two of three labelled were found, and one was said that is not."""
    labels = [frozenset({"a", "b"}), frozenset({"a"})]
    told = [frozenset({"a"}), frozenset({"a", "c"})]
    figure = micro_figure(labels, told, ["one", "two"])
    assert figure.value == pytest.approx(4 / 6, abs=0.001)
    assert figure.low <= figure.value <= figure.high
    rows = [(row.reason, row.support, row.precision, row.recall) for row in reason_figures(labels, told)]
    assert rows == [("a", 2, 1.0, 1.0), ("b", 1, 0.0, 0.0), ("c", 0, 0.0, 0.0)]


def test_calibration_compares_what_was_held_likely_with_what_came_true():
    """Said 0.9 ten times and true nine times is right; said 0.5 and never true is half off."""
    right = calibration(np.full(10, 0.9), np.array([True] * 9 + [False]))
    assert right.ece == pytest.approx(0)
    assert calibration(np.full(10, 0.5), np.zeros(10, bool)).ece == pytest.approx(0.5)


def test_a_level_holds_from_its_threshold_on():
    """The highest question that is answered with yes."""
    odds = np.array([[0.0, -1, 5], [-9, 0, 1], [-9, -9, 2.0]])
    assert levels_at(odds, (0.0, 0.0, 2.0)).tolist() == [1, 2, 3]


def test_high_risk_holds_only_where_a_complaint_is_not_too_unlikely():
    """One and a half units of log-odds below the first threshold are the limit."""
    odds = np.array([[-1.5, -1.6], [-9, -9], [3, 3.0]])
    assert levels_at(odds, (0.0, 0.0, 2.0)).tolist() == [3, 0]


def test_who_was_taught_threats_is_seldom_wrong_alone():
    """About one in 2,000 judged texts at most; what the rules have wrong as well is not counted."""
    threats = np.array([-0.1, -0.6, -0.7, *[-5.0] * 3_997, 3.0])
    odds = np.array([[1.0] * 4_001, [-9.0] * 4_001, threats])
    ruled = np.array([0] * 4_000 + [3])
    chosen = choose_thresholds(odds, np.ones(4_001, np.int64), ruled, knows_threats=True)
    assert chosen.tolist() == [0.25, 0.0, -0.5]


def test_thresholds_are_chosen_beside_the_rules():
    """Where lower odds would find more of what the rules miss, the threshold goes down."""
    odds = np.array([[3.0] * 10, [-0.6] * 5 + [-3.0] * 5, [-9.0] * 10])
    labels = np.array([2] * 5 + [1] * 5)
    assert choose_thresholds(odds, labels, np.zeros(10, np.int64)).tolist() == [0.25, -0.75, 0.0]


@pytest.mark.parametrize(("count", "expected"), [pytest.param(3, 0.25, id="noise"), pytest.param(30, 0.75, id="more")])
def test_a_few_texts_move_no_threshold(count, expected):
    """Of 4,000, so many ordinary ones are likelier than not to complain: only from 0.75 on none is taken."""
    odds = np.array([[3.0] * 2_000 + [-3.0] * (2_000 - count) + [0.6] * count, [-9.0] * 4_000, [-9.0] * 4_000])
    labels = np.array([1] * 2_000 + [0] * 2_000)
    assert choose_thresholds(odds, labels, np.zeros(4_000, np.int64))[0] == expected


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 2)])
def test_where_no_reason_can_be_judged_it_holds_from_even_odds_on(shape):
    """No texts, or no reasons that a leaf can answer."""
    nothing = np.zeros(shape, bool)
    assert choose_reason_threshold(np.zeros(shape), nothing, nothing) == 0.0


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param(True, -1.0, id="a word of it was said"),
        pytest.param(False, -1.4, id="no word of it was said: it has to be likelier by 0.4"),
    ],
)
def test_the_threshold_of_reasons_lets_in_what_is_right(named, expected):
    """The first reason is the likeliest; the second is right at log-odds of -0.9, and wrong at -1.5."""
    odds = np.array([[2.0, -0.9], [2.0, -1.5]] * 5)
    is_so = np.array([[True, True], [True, False]] * 5)
    is_named = np.full((10, 2), named)
    assert choose_reason_threshold(odds, is_named, is_so) == pytest.approx(expected)
