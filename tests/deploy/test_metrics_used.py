"""Metrics in rules and panels against metrics that our processes have: both ways, labels included."""

import promql_parser
import pytest

from tests.support.busy_intake import busy_intake
from tests.support.busy_people import BusyPeople
from tests.support.busy_worker import busy_worker
from tests.support.promql import panel_expressions, rule_expressions, rules, selectors

# Of Prometheus itself, and of every target.
FOREIGN = {"up", "ALERTS"}
TARGET_LABELS = {"job", "instance", "le"}
EXPRESSIONS = [*rule_expressions(), *panel_expressions()]


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """What a worker, an intake, and whoever tells people and hears them count."""
    both = busy_worker(), busy_intake(tmp_path_factory.mktemp("intake"))
    return [family for metrics in both for family in metrics.registry.collect()] + BusyPeople().families()


@pytest.fixture(scope="module")
def page(families):
    """What the pages of all of them show: the label names by sample name."""
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.place)
def test_every_expression_parses(expression):
    """Whatever is asked is PromQL."""
    assert promql_parser.parse(expression.text)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.place)
def test_only_what_exists_is_asked_for(expression, page):
    """A metric that nobody exposes gives an empty panel and an alert that never fires; so does a label."""
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for selector in selectors(expression.text):
        assert selector.name in page.keys() | FOREIGN | recorded
        if selector.name in page:
            asked = {matcher.name for matcher in selector.matchers.matchers}
            assert asked <= page[selector.name] | TARGET_LABELS


def test_what_exists_is_looked_at(families):
    """Every metric of ours stands in a rule or on a board: nobody pays for unseen series."""
    asked = {selector.name for expression in EXPRESSIONS for selector in selectors(expression.text)}
    ours = {family.name for family in families if family.name.startswith("tocsin_")}
    unseen = {name for name in ours if not any(each.startswith(name) for each in asked)}
    assert not unseen


def test_counters_are_only_asked_for_their_growth():
    """The value of a counter starts anew with every process; only its rate or increase means something."""
    raw = [
        expression.place
        for expression in EXPRESSIONS
        for selector in selectors(expression.text)
        if selector.name.endswith(("_total", "_bucket", "_sum", "_count"))
        and f"{selector.name}" not in _under_growth(expression.text)
    ]
    assert not raw


def _under_growth(text):
    """Counters inside rate() or increase()."""
    found = set()

    def visit(node):
        if isinstance(node, promql_parser.Call) and node.func.name in {"rate", "increase"}:
            found.update(selector.name for selector in selectors(str(node)))
        return True

    promql_parser.walk(promql_parser.parse(text), visit)
    return found
