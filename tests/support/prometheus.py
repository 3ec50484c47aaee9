"""A real Prometheus on a free port, with a data folder of its own, for as long as a test needs it."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cluster import PATIENCE_SECONDS
from tests.support.promql import Expression
from tests.support.tools import tool
from tests.support.tree import ROOT

_AGAIN = threading.Event()  # never set: waiting on it is the pause between two questions


class Prometheus:
    """The server's HTTP API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer; an error of Prometheus fails with its own words."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                pytest.fail(f"{path} {parameters}: {json.load(error)['error']}")

    def query(self, expression: str) -> list[Any]:
        """The series of an expression, now; a number is one."""
        data = self.ask("query", query=expression)
        return data["result"] if data["resultType"] == "vector" else [data["result"]]

    def shows(self, expression: Expression, *, since: float) -> bool:
        """Whether Grafana would draw a point: over time from `since` on, in Unix seconds, or the newest value."""
        if not expression.is_drawn:
            return any(each["value"][1] != "NaN" for each in self.query(expression.text))
        span = {"start": str(since), "end": str(time.time()), "step": "1"}
        lines = self.ask("query_range", query=expression.text, **span)["result"]
        return any(value != "NaN" for line in lines for _, value in line["values"])


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Ask until it holds; fails when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        _AGAIN.wait(0.1)


@contextmanager
def prometheus(folder: Path, *, targets: Mapping[str, Sequence[str]]) -> Iterator[Prometheus]:
    """Run Prometheus with the committed rules and those of its jobs that have a target here, scraping every second."""
    port = _free_port()
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    del config["alerting"]
    config["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(ROOT / "deploy/prometheus/rules/*.yml")]
    config["scrape_configs"] = [_fixed(jobs[name], found) for name, found in targets.items()]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [
        tool("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        "--log.level=warn",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        server = Prometheus(f"http://127.0.0.1:{port}")
        eventually("Prometheus is ready", lambda: _ready(server, process, folder))
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _fixed(job: dict[str, Any], targets: Sequence[str]) -> dict[str, Any]:
    """The committed job, with known addresses in place of a name to look up."""
    kept = {key: value for key, value in job.items() if key != "dns_sd_configs"}
    return kept | {"static_configs": [{"targets": [target.removeprefix("http://") for target in targets]}]}


def _ready(server: Prometheus, process: subprocess.Popen[bytes], folder: Path) -> bool:
    if process.poll() is not None:
        pytest.fail("Prometheus ended:\n" + (folder / "prometheus.log").read_text(encoding="utf-8"))
    try:
        with urllib.request.urlopen(f"{server.url}/-/ready", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
