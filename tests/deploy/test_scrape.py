"""The whole way of a number: worker's page, a real Prometheus, the committed rules, every query of every panel."""

import time

import pytest

from agents.ops import OpsServer
from tests.support.busy_worker import STATE, busy_worker, work
from tests.support.prometheus import eventually, prometheus
from tests.support.promql import panel_expressions, rules

SCRAPES_COUNT = 4


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """A Prometheus that has scraped a busy worker some times, with work between the scrapes."""
    metrics = busy_worker()
    with OpsServer(state=lambda: STATE, registry=metrics.registry) as ops:
        target = f"{ops.address.host}:{ops.address.port}"
        with prometheus(tmp_path_factory.mktemp("prometheus"), target=target) as server:

            def scraped_often():
                work(metrics, at_ms=time.time_ns() // 1_000_000)
                metrics.transaction(0.02, 500)
                metrics.recovered("conversations", 0, rows=10, seconds=0.1)
                seen = server.query('count_over_time(up{job="tocsin"}[5m])')
                return bool(seen) and int(seen[0]["value"][1]) >= SCRAPES_COUNT

            eventually("the worker was scraped", scraped_often)
            yield server


def test_the_worker_is_up(scraped):
    """Prometheus takes the page, in its own preferred format, within the limit of samples."""
    [target] = scraped.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")


@pytest.mark.parametrize("expression", panel_expressions(), ids=lambda expression: expression.place)
def test_every_panel_shows_something(scraped, expression):
    """No query fails, and none stays empty when every kind of thing has happened."""
    eventually(expression.text, lambda: bool(scraped.query(expression.text)))


def test_every_rule_is_evaluated(scraped):
    """All rules are loaded; none has a fault that shows only in evaluation."""

    def groups():
        return [rule for group in scraped.ask("rules")["groups"] for rule in group["rules"]]

    eventually("every rule was evaluated", lambda: all(rule["health"] != "unknown" for rule in groups()))
    assert {rule["name"] for rule in groups()} == {rule.get("alert") or rule["record"] for rule in rules()}
    assert {rule["name"]: rule["lastError"] for rule in groups() if rule["health"] != "ok"} == {}


def test_a_slow_bucket_leads_to_an_alert(scraped):
    """Exemplars arrive, so that a click on a slow point names an alert that was slow."""
    found = scraped.ask(
        "query_exemplars",
        query="tocsin_alert_pipeline_latency_seconds_bucket",
        start=str(time.time() - 300),
        end=str(time.time() + 60),
    )
    assert {exemplar["labels"]["alert_id"] for series in found for exemplar in series["exemplars"]}


def test_the_dead_mans_switch_fires(scraped):
    """From the first evaluation on."""
    eventually(
        "the dead man's switch fires",
        lambda: "TocsinDeadMansSwitch" in {alert["labels"]["alertname"] for alert in scraped.ask("alerts")["alerts"]},
    )
