"""The rule packs in force, as a scrape sees them: of owned partitions that take turns, and of no other."""

import pytest
from prometheus_client import CollectorRegistry

from agents.metrics.rules import RulesCollector
from agents.ops.views import PartitionView
from schemas.rules import RefusedRules, RulesState, ShadowCount, Slot


def shown(*states, ready=True):
    """A registry with partitions in these states."""
    registry = CollectorRegistry()
    views = [PartitionView(number, ready=ready, rules=(state,)) for number, state in enumerate(states)]
    registry.register(RulesCollector(lambda: views))
    return registry


def state(partition=0, **changes):
    """A partition that goes by r1."""
    return RulesState(**{"partition": partition, "live": "r1", "at": 5} | changes)


def test_every_version_is_shown_once():
    """Three partitions, two versions: that is what the alert on differing rules counts."""
    registry = shown(state(0), state(1), state(2, live="r2"))
    for version in ("r1", "r2"):
        assert registry.get_sample_value("tocsin_rules_info", {"version": version}) == 1
    assert registry.get_sample_value("tocsin_rules_shadow_info", {"version": ""}) is None


def test_a_partition_that_recovers_shows_nothing():
    """What it will go by is not known yet."""
    assert shown(state(), ready=False).get_sample_value("tocsin_rules_info", {"version": "r1"}) is None


@pytest.mark.parametrize(("refused", "success"), [(False, 1), (True, 0)])
def test_a_refused_pack_is_seen(refused, success):
    """One partition that refused is enough."""
    why = RefusedRules(slot=Slot.LIVE, version="bad", problems=("cues.yaml:3: …",)) if refused else None
    assert shown(state(), state(1, refused=why)).get_sample_value("tocsin_rules_reload_success") == success


def test_nothing_was_refused_where_nothing_was_told():
    """A worker that starts does not ring the alarm for a refused pack."""
    assert shown().get_sample_value("tocsin_rules_reload_success") == 1


def test_shadow_counts_are_summed_over_partitions():
    """And every pair of levels is there from the start; without a shadow pack none is."""
    counted = ShadowCount(texts=5, failed=1, levels={"none/none": 3, "none/potential": 1})
    registry = shown(state(0, shadow="r2", counted=counted), state(1, shadow="r2", counted=counted))
    assert registry.get_sample_value("tocsin_rules_shadow_info", {"version": "r2"}) == 1
    texts = {"live": "none", "shadow": "potential"}
    assert registry.get_sample_value("tocsin_rules_shadow_texts", texts) == 2
    assert registry.get_sample_value("tocsin_rules_shadow_texts", {"live": "explicit", "shadow": "none"}) == 0
    assert registry.get_sample_value("tocsin_rules_shadow_failed_texts") == 2
    assert shown(state()).get_sample_value("tocsin_rules_shadow_texts", texts) is None
