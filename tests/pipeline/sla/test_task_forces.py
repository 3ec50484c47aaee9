"""Which task force takes a ticket: the one that is meant for it, of these the one that has the fewest."""

import pytest

from pipeline.sla.actions import Automation, TaskForce

FORCES = Automation(
    task_forces=(
        TaskForce("anybody", "专案"),
        TaskForce("south", "华南", regions=frozenset({"440000", "450000"}), at_most=3),
        TaskForce("refunds", "退款", reasons=frozenset({"refund"})),
        TaskForce("south-refunds", "华南退款", regions=frozenset({"440000"}), reasons=frozenset({"refund"}), at_most=1),
    )
)


@pytest.mark.parametrize(
    ("region", "reasons", "load", "group"),
    [
        pytest.param("110000", set(), {}, "anybody", id="nobody's region"),
        pytest.param("450000", set(), {"south": 2}, "south", id="its region goes before whoever takes everything"),
        pytest.param("450000", set(), {"south": 3}, "anybody", id="a task force that is full takes no more"),
        pytest.param("440000", {"refund"}, {}, "south-refunds", id="region and reason go before either"),
        pytest.param("440000", {"refund"}, {"south-refunds": 1, "south": 1}, "refunds", id="of equals the emptier"),
        pytest.param("440000", {"refund"}, {"south-refunds": 1}, "south", id="of equals the first written"),
        pytest.param("110000", {"delivery", "refund"}, {"refunds": 99}, "refunds", id="no limit is no limit"),
    ],
)
def test_who_takes_it(region, reasons, load, group):
    """By region, reason and load."""
    assert FORCES.choose_group(region, frozenset(reasons), load) == group


def test_where_all_are_full_nobody_takes_it():
    """Then the ticket is not moved."""
    full = Automation(task_forces=(TaskForce("south", "华南", at_most=1),))
    assert full.choose_group("440000", frozenset(), {"south": 1}) == ""
