"""The Alertmanager configuration: valid, and every alert takes the way that its severity says."""

import pytest
import yaml

from tests.support.promql import rules
from tests.support.tools import run
from tests.support.tree import ROOT

CONFIG = "deploy/alertmanager/alertmanager.yml"
ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECEIVERS = {"critical": "pager", "warning": "tickets", "none": "dead-mans-switch"}


def test_amtool_takes_the_configuration():
    """Routes, inhibit rules and receivers are valid."""
    assert "SUCCESS" in run("amtool", "check-config", CONFIG)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        pytest.param(["alertname=TocsinWorkerDeaf", "severity=critical"], "pager", id="critical pages"),
        pytest.param(["alertname=TocsinRulesDiffer", "severity=warning"], "tickets", id="warning is a ticket"),
        pytest.param(["alertname=TocsinDeadMansSwitch", "severity=none"], "dead-mans-switch", id="dead man's switch"),
        pytest.param(["alertname=SomebodyElses"], "tickets", id="what nobody thought of"),
    ],
)
def test_routes(labels, receiver):
    """Amtool walks the tree as Alertmanager would."""
    assert run("amtool", "config", "routes", "test", "--config.file", CONFIG, *labels).split()[0] == receiver


def test_every_severity_has_its_receiver():
    """No alert has a severity that no route knows."""
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} <= set(RECEIVERS)


def test_inhibit_rules_name_alerts_that_exist():
    """An alert that was renamed must not leave a rule behind that mutes nothing."""
    config = yaml.safe_load((ROOT / CONFIG).read_text(encoding="utf-8"))
    for rule in config["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            label, _, value = matcher.partition('"')
            if label.startswith("alertname"):
                assert set(value.strip('"').split("|")) <= set(ALERTS)
