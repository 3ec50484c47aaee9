"""The Prometheus rules: checked and run by promtool, and each with what an on-call engineer needs."""

import re
from pathlib import Path

import pytest
import yaml

from agents.settings import Board
from tests.support.promql import RULES, rules
from tests.support.tools import run
from tests.support.tree import ROOT

UNIT_TESTS = sorted((ROOT / "deploy/prometheus/tests").glob("*.yml"))
ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
BOARD_URL = f"http://{Board().host}:{Board().port}"  # where the board listens unless told otherwise
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LABEL = re.compile(r'(\w+)="([^"]*)"')


def checks():
    """Every check of an alert in the unit tests: its name, the labels of what must fire, the series it fires over."""
    for path in UNIT_TESTS:
        for each in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            series = [given["series"] for given in each.get("input_series", ())]
            for check in each.get("alert_rule_test", ()):
                yield check["alertname"], [fires["exp_labels"] for fires in check["exp_alerts"]], series


def leaves_one_out(name, fires, series):
    """Whether of the series of one metric, told apart by labels that the alert keeps, one fires and one does not."""
    kept = sorted(set(fires[0]) - set(ALERTS[name]["labels"]))
    told = {tuple(labels[label] for label in kept) for labels in fires}
    given = {}
    for each in series:
        labels = dict(LABEL.findall(each))
        if kept and labels.keys() >= set(kept):
            given.setdefault(each.partition("{")[0], set()).add(tuple(labels[label] for label in kept))
    return any(found & told and found - told for found in given.values())


def test_promtool_takes_the_rules():
    """Every rule file is valid."""
    said = run("promtool", "check", "rules", *map(str, RULES))
    assert said.count("SUCCESS") == len(RULES)


def test_promtool_takes_the_configuration():
    """The configuration and what it points to are valid."""
    assert "SUCCESS" in run("promtool", "check", "config", "deploy/prometheus/prometheus.yml")


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_alerts_fire_and_stay_quiet(path):
    """Promtool runs the rules over made-up series."""
    assert "SUCCESS" in run("promtool", "test", "rules", str(path))


def test_every_alert_is_shown_firing():
    """An alert that never fired in a test may never fire at all."""
    assert {name for name, fires, _ in checks() if fires} == set(ALERTS)


def test_every_alert_is_shown_staying_quiet():
    """Each alert has a case in which it must not fire, at all or for one of several series; all but the dead man's."""
    quiet = {name for name, fires, series in checks() if not fires or leaves_one_out(name, fires, series)}
    assert set(ALERTS) - quiet == {"TocsinDeadMansSwitch"}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_to_do(name):
    """Waiting time, severity, plane, a summary in Chinese first, a description, a runbook."""
    rule = ALERTS[name]
    notes = rule["annotations"]
    assert {"for", "keep_firing_for"} <= set(rule)
    assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"}
    assert rule["labels"]["plane"] == "platform"
    chinese, _, english = notes["summary"].rpartition(" / ")
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert notes["description"].endswith(".")
    assert notes["runbook_url"] == f'{{{{ or $externalLabels.board "{BOARD_URL}" }}}}/runbooks/{name}'


def test_every_alert_has_its_runbook_and_every_runbook_its_alert():
    """The page that the alert points to exists, and no page is left over from an alert that is gone."""
    pages = {path.stem for path in Path(ROOT / "docs/runbooks").glob("Tocsin*.md")}
    assert pages == set(ALERTS)


def test_recording_rules_name_level_metric_and_operation():
    """A recorded name tells what it is an aggregate of."""
    names = [rule["record"] for rule in rules() if "record" in rule]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"([a-z_]+:)?tocsin_[a-z_]+:[a-z0-9_]+", name) for name in names)
