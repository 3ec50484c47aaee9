"""NPS, CSAT, CES and stars against cases that were worked out by hand."""

import pytest

from pipeline.feedback.scales import scored
from pipeline.kpis.measure import mean, score, sum_of
from schemas.kpis import Kpi
from tests.support.feedback import answer, review

# What the answers were, and what the figure is: worked out with pencil and paper.
CASES = [
    pytest.param("nps", [10, 9, 8, 7, 6, 0], 0.0, id="nps: 2 promoters, 2 passives, 2 detractors"),
    pytest.param("nps", [10, 10, 10, 9, 9, 8, 7, 6, 5, 3], 0.2, id="nps: (5 - 3) / 10"),
    pytest.param("nps", [0], -1.0, id="nps: 0 is an answer and a detractor"),
    pytest.param("nps", [7, 8], 0.0, id="nps: passives only"),
    pytest.param("nps", [9, 6], 0.0, id="nps: both sides of the borders"),
    pytest.param("csat", [5, 4, 4, 3, 1], 0.6, id="csat: 3 of 5 are satisfied"),
    pytest.param("csat", [3, 3], 0.0, id="csat: 3 of 5 is not satisfied"),
    pytest.param("ces", [5, 4, 3, 3], 3.75, id="ces: 15 / 4"),
    pytest.param("ces", [1], 1.0, id="ces: the lowest"),
]


@pytest.mark.parametrize(("kind", "scores", "expected"), CASES)
def test_figures_worked_out_by_hand(kind, scores, expected):
    """The mean of what each answer adds."""
    steps = [scored(answer(number, kind, given)) for number, given in enumerate(scores)]
    total = sum_of([score(value, step) for _, value, step in steps])
    assert mean(total) == pytest.approx(expected)
    assert total.n == len(scores)


@pytest.mark.parametrize(
    ("low", "high", "given", "value"),
    [
        pytest.param(1, 7, 6, 4.333, id="6 of 1 to 7"),
        pytest.param(0, 10, 10, 5.0, id="the best of 0 to 10"),
        pytest.param(0, 100, 0, 1.0, id="the worst of 0 to 100"),
        pytest.param(1, 5, 4.5, 4.5, id="half a step"),
    ],
)
def test_other_scales_are_moved_onto_five_steps(low, high, given, value):
    """CES of two systems can be added up."""
    response = answer(1, "ces", given, scale_min=low, scale_max=high)
    assert scored(response) == (Kpi.CES, round(value * 1000), int(value + 0.5))


@pytest.mark.parametrize(("given", "satisfied"), [(7.4, 0), (7.5, 1)], ids=["just below four of five", "four of five"])
def test_satisfied_on_another_scale(given, satisfied):
    """Of 0 to 10, seven and a half stands where four stands of 1 to 5."""
    assert scored(answer(1, "csat", given, scale_min=0, scale_max=10))[1] == satisfied * 1000


def test_stars_of_a_review():
    """Stars count; where a platform sends a score with its scale, that does."""
    assert scored(review(1, 2)) == (Kpi.REVIEW, 2000, 2)
    assert scored(answer(1, "review", 3)) == (Kpi.REVIEW, 3000, 3)


def test_no_stars_are_no_rating():
    """0 stars say that none were given; a score beside them counts."""
    assert scored(review(1, 0)) is None
    assert scored(answer(1, "review", 3, stars=0.0)) == (Kpi.REVIEW, 3000, 3)


@pytest.mark.parametrize("kind", ["nps", "csat", "ces", "review"])
def test_an_answer_without_a_score_adds_nothing(kind):
    """A comment alone is no score of zero."""
    assert scored(answer(1, kind)) is None
