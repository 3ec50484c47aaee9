"""The way of a number: a page of metrics, a real Prometheus, the committed rules. Panels: `tests/e2e/test_demo.py`."""

import time
from contextlib import ExitStack

import pytest

from agents.ops.server import OpsServer
from tests.support.busy_intake import busy_intake, receive
from tests.support.busy_people import BusyPeople
from tests.support.busy_worker import STATE, busy_worker, work
from tests.support.prometheus import eventually, prometheus
from tests.support.promql import panel_expressions, rules

SCRAPES_COUNT = 4
BESIDE = ("intake", "deliver", "answer", "hints", "verdicts")


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """A Prometheus that has scraped every process of ours some times, all busy, with work between the scrapes."""
    metrics, intake, people = busy_worker(), busy_intake(tmp_path_factory.mktemp("intake")), BusyPeople()
    registries = {"tocsin": metrics.registry, "tocsin-intake": intake.registry, **people.registries}
    with ExitStack() as open_ones:
        targets = {
            job: [open_ones.enter_context(OpsServer(state=lambda: STATE, registry=registry)).address.url]
            for job, registry in registries.items()
        }
        with prometheus(tmp_path_factory.mktemp("prometheus"), targets=targets) as server:

            def scraped_often():
                work(metrics, at_ms=time.time_ns() // 1_000_000)
                metrics.transaction(0.02, 500)
                metrics.recovered("conversations", 0, rows=10, seconds=0.1)
                receive(intake)
                people.work()
                seen = server.query("count_over_time(up[5m])")
                return len(seen) == len(targets) and all(int(each["value"][1]) >= SCRAPES_COUNT for each in seen)

            eventually("all were scraped", scraped_often)
            yield server


def test_all_are_up(scraped):
    """Prometheus takes the pages, in its own preferred format, within the limit of samples."""
    found = {target["labels"]["job"]: target for target in scraped.ask("targets")["activeTargets"]}
    assert found.keys() == {"tocsin", *(f"tocsin-{name}" for name in BESIDE)}
    assert {(target["health"], target["lastError"]) for target in found.values()} == {("up", "")}


def test_the_mean_score_is_that_of_the_summaries(scraped):
    """Of two conversations a turn, one misses one of its seven points. A scrape may come between the two."""
    [asked] = [each.text for each in panel_expressions() if "Mean score" in each.place]
    eventually("a score", lambda: bool(scraped.query(asked)))
    [score] = scraped.query(asked)
    assert float(score["value"][1]) == pytest.approx(6.5, abs=0.05)


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
