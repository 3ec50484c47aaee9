"""The committed Alertmanager configuration in a real Alertmanager: who is told what, and what is muted."""

import asyncio
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.broker.config import free_ports
from tests.support.cluster import PATIENCE_SECONDS
from tests.support.prometheus import eventually
from tests.support.promql import rules
from tests.support.tools import tool
from tests.support.tree import ROOT
from tests.support.vendors import fake_vendor

FIRING = ("TocsinNoWorker", "TocsinWorkerDeaf", "TocsinRulesDiffer", "TocsinDeadMansSwitch")
SEVERITIES = {rule["alert"]: rule["labels"] for rule in rules() if "alert" in rule}


@contextmanager
def alertmanager(folder: Path, hook: str) -> Iterator[str]:
    """The committed configuration; each receiver calls an address of its own, and nobody waits for company."""
    config = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8"))
    for receiver in config["receivers"]:
        receiver["webhook_configs"] = [{"url": f"{hook}/{receiver['name']}"}]
    for route in (config["route"], *config["route"]["routes"]):
        route["group_wait"] = "1s"
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    [port] = free_ports(1)
    command = [
        tool("prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually("Alertmanager is ready", lambda: _answers(f"{url}/-/ready"))
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def raise_all(url: str, named: Iterable[tuple[str, Mapping[str, str]]]) -> None:
    """Say what Prometheus would say: all of them at once."""
    alerts = [{"labels": {"alertname": name, **labels, **SEVERITIES[name]}} for name, labels in named]
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def standing(url: str) -> dict[str, Any]:
    """By alert: its state and who is to be told."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:
        return {
            each["labels"]["alertname"]: (each["status"]["state"], [to["name"] for to in each["receivers"]])
            for each in json.load(answer)
        }


async def test_a_page_goes_out_and_what_it_explains_stays_quiet(tmp_path: Path) -> None:
    """No worker at all pages; a deaf topic and differing rules are muted by it; the dead man's switch never is."""
    async with fake_vendor() as vendor:
        with alertmanager(tmp_path, vendor.url) as url:
            await asyncio.to_thread(raise_all, url, [(name, {"topic": "calls.utterances"}) for name in FIRING])
            await vendor.has_seen(2, within_seconds=PATIENCE_SECONDS)
            found = await asyncio.to_thread(standing, url)
    told = {
        each.path: [alert["labels"]["alertname"] for alert in json.loads(each.body)["alerts"]] for each in vendor.seen
    }
    assert told == {"/pager": ["TocsinNoWorker"], "/dead-mans-switch": ["TocsinDeadMansSwitch"]}
    assert found == {
        "TocsinNoWorker": ("active", ["pager"]),
        "TocsinDeadMansSwitch": ("active", ["dead-mans-switch"]),
        "TocsinWorkerDeaf": ("suppressed", ["pager"]),
        "TocsinRulesDiffer": ("suppressed", ["tickets"]),
    }


WORKER_ALERTS = sorted(  # what workers do not do while there are none
    name
    for name in SEVERITIES
    if name.startswith(("TocsinWorker", "TocsinPartition", "TocsinAlertDelay"))
    or name in {"TocsinLagGrowing", "TocsinRecoverySlow", "TocsinSourceSilent", "TocsinFiguresStale"}
    or name in {"TocsinTransactionsSlow", "TocsinRulesDiffer"}
)
BESIDE = ("tocsin-deliver", "tocsin-intake", "tocsin-hints")
OTHER_ALERTS = sorted(set(SEVERITIES) - set(WORKER_ALERTS) - {"TocsinNoWorker"})


def muted(url: str) -> set[str]:
    """Which alerts are inhibited, with the label that tells one of a name from another."""
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:
        alerts = json.load(answer)
    return {
        f"{each['labels']['alertname']} {each['labels'].get('instance', '')}".strip()
        for each in alerts
        if each["status"]["inhibitedBy"]
    }


@pytest.mark.parametrize(
    ("cause", "others", "expected"),
    [
        pytest.param(
            ("TocsinNoWorker", {}),
            [
                *((name, {"instance": "i1", "job": "tocsin"}) for name in (*WORKER_ALERTS, *OTHER_ALERTS)),
                *(("TocsinWorkerNotReady", {"instance": f"{job}-1", "job": job}) for job in BESIDE),
            ],
            {f"{name} i1" for name in WORKER_ALERTS},
            id="no worker explains what workers do not do, and nothing of others",
        ),
        pytest.param(
            ("TocsinWorkerHeld", {"instance": "a"}),
            [
                ("TocsinWorkerNotReady", {"instance": "a"}),
                ("TocsinWorkerNotReady", {"instance": "b"}),
                ("TocsinPartitionStuck", {"partition": "7"}),
                ("TocsinWorkerDeaf", {"topic": "chats.messages"}),
                ("TocsinDeadLettersHigh", {"topic": "chats.messages"}),
                ("TocsinLagGrowing", {"topic": "calls.utterances"}),
            ],
            {"TocsinWorkerNotReady a"},
            id="a worker that holds explains that it is not ready itself",
        ),
        pytest.param(
            ("TocsinRecoverySlow", {"instance": "a", "partition": "1"}),
            [
                ("TocsinWorkerNotReady", {"instance": "a"}),
                ("TocsinWorkerNotReady", {"instance": "b"}),
                ("TocsinLagGrowing", {"topic": "calls.utterances"}),
            ],
            {"TocsinWorkerNotReady a"},
            id="a slow recovery explains its own worker",
        ),
    ],
)
def test_a_cause_mutes_what_it_explains_and_nothing_else(
    cause: tuple[str, Mapping[str, str]],
    others: list[tuple[str, Mapping[str, str]]],
    expected: set[str],
    tmp_path: Path,
) -> None:
    """A critical page about something else is never swallowed."""
    with alertmanager(tmp_path, "http://127.0.0.1:9") as url:
        raise_all(url, [cause, *others])
        eventually("all are judged", lambda: muted(url) >= expected)
        assert muted(url) == expected
