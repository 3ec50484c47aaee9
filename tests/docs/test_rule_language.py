"""Every rule on the page about the rule language is loaded, and does with its examples what it says."""

import pytest
import yaml

from pipeline.conversation.trial import Trial
from pipeline.rules.load import DEFAULT_PACK, parse_pack
from pipeline.watches.model import Operator, Place
from tests.support.pages import blocks

SHIPPED = [(path.name, path.read_bytes()) for path in sorted(DEFAULT_PACK.glob("*.yaml"))]
BLOCKS = [block for block in blocks("yaml") if block.about == "rules" and block.page.name == "rule-language.md"]
RULES = [(block, name) for block in BLOCKS for name in yaml.safe_load(block.text)["rules"]]


@pytest.mark.parametrize(("block", "name"), RULES, ids=[name for _, name in RULES])
def test_a_rule_does_what_its_examples_say(block, name):
    """Each example fires or does not, and comes to its level."""
    pack = parse_pack([*SHIPPED, ("docs.yaml", block.text.encode())])
    trial = Trial(pack)
    rule = next(rule for rule in pack.rules if rule.id == name)
    assert rule.examples
    for example in rule.examples:
        outcome = trial.run(rule, example)
        assert (name in outcome.fired) is example.fires, example
        assert example.level in {None, outcome.level}, example


def test_the_page_shows_every_operator_and_every_place():
    """An operator that the page does not show would have to be found in the code."""
    shown = "\n".join(block.text for block in BLOCKS)
    rules = [rule for block in BLOCKS for rule in parse_pack([*SHIPPED, ("docs.yaml", block.text.encode())]).rules]
    used = {condition.operator for rule in rules for condition in rule.conditions}
    assert used == set(Operator), shown
    assert {condition.scope.place for rule in rules for condition in rule.conditions} >= set(Place) - {
        Place.BEFORE,
        Place.AROUND,
        Place.RECENT,
    }
