"""The operations server over real HTTP: status, body, formats, and independence of the main loop."""

import asyncio
import json
import socket
import threading
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from agents.engine.observer import Committed
from agents.metrics import Metrics
from agents.metrics.collector import ProbeCollector
from agents.ops.health import HealthState
from agents.ops.server import OpsServer
from agents.ops.views import PartitionView
from agents.web.address import AddressError
from tests.support.turns import NOON_MS, alert, turn

WELL = HealthState(
    configured=True,
    connected=True,
    loop_age_seconds=0.1,
    watchdog_alive=True,
    assigned=True,
    partitions=(PartitionView(0, ready=True),),
    rules_version="r1",
    topic_problems=(),
)
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}


class Worker:
    """An operations server and the state that it is asked about."""

    def __init__(self):
        self.state = WELL
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.metrics.collected(ProbeCollector(lambda: self.state))
        self.server = OpsServer(state=lambda: self.state, registry=self.registry)

    def get(self, path, headers=None):
        """Status, headers and body."""
        host, port = self.server.address
        request = urllib.request.Request(f"http://{host}:{port}{path}", headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


@pytest.fixture
def worker():
    """A well worker that is being served."""
    running = Worker()
    with running.server:
        yield running


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/startupz"])
def test_a_well_worker_says_yes(worker, path):
    """200 and every check in the body."""
    status, headers, body = worker.get(path)
    answer = json.loads(body)
    assert (status, answer["ok"]) == (200, True)
    assert headers["Content-Type"].startswith("application/json")
    assert headers["Cache-Control"] == "no-store"
    assert all(set(check) == {"name", "ok", "reason", "age_seconds", "detail"} for check in answer["checks"])


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        pytest.param("/livez", replace(WELL, loop_age_seconds=99.0), "loop_stuck", id="livez"),
        pytest.param("/healthz", replace(WELL, watchdog_alive=False), "watchdog_dead", id="healthz"),
        pytest.param("/readyz", replace(WELL, rules_version=""), "rules_missing", id="readyz"),
        pytest.param("/startupz", HealthState(), "never_connected", id="startupz"),
    ],
)
def test_no_is_503_and_says_why(worker, path, state, reason):
    """The reason that the runbook names stands in the body."""
    worker.state = state
    status, _, body = worker.get(path)
    assert status == 503
    assert reason in {check["reason"] for check in json.loads(body)["checks"] if not check["ok"]}


def test_metrics_as_plain_text(worker):
    """Without negotiation the page is the old text format."""
    status, headers, body = worker.get("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {family.name for family in plain_text(body.decode())}
    assert {"tocsin_alerts", "tocsin_build_info", "tocsin_probe_ok"} <= names


def test_metrics_as_openmetrics_lead_to_a_slow_alert(worker):
    """Who asks for OpenMetrics gets exemplars: a slow bucket names an alert that was slow."""
    decided = turn(alert(alert_id="level_rise:c9:u4"))
    worker.metrics.turn_committed(Committed("conversations", 0, decided, {}, {}, 0.001, NOON_MS + 7_000))
    _, headers, body = worker.get("/metrics", OPENMETRICS)
    assert headers["Content-Type"].startswith("application/openmetrics-text")
    [family] = [each for each in openmetrics(body.decode()) if each.name == "tocsin_alert_pipeline_latency_seconds"]
    exemplars = [sample.exemplar.labels for sample in family.samples if sample.exemplar]
    assert exemplars == [{"alert_id": "level_rise:c9:u4"}]


def test_an_id_too_long_for_an_exemplar_is_left_out(worker):
    """OpenMetrics allows 128 characters; a longer id must not break the page."""
    decided = turn(alert(alert_id="x" * 128))
    worker.metrics.turn_committed(Committed("conversations", 0, decided, {}, {}, 0.001, NOON_MS))
    status, _, body = worker.get("/metrics", OPENMETRICS)
    assert status == 200
    assert list(openmetrics(body.decode()))


def test_version_names_what_runs(worker):
    """Versions of the program, of Python and of what it leans on."""
    _, _, body = worker.get("/version")
    assert set(json.loads(body)) == {"version", "python", "faust", "aiokafka"}


def test_the_index_lists_every_path(worker):
    """Whoever finds the port learns what it answers, and all of it answers."""
    paths = json.loads(worker.get("/")[2])["tocsin"]
    assert {worker.get(path)[0] for path in paths} == {200}


def test_an_unknown_path_is_not_found(worker):
    """Nothing else is served."""
    assert worker.get("/table")[0] == 404


def test_it_answers_while_the_main_loop_is_busy(worker):
    """A loop that blocks cannot keep its own probe from saying so."""

    async def block():
        worker.state = replace(WELL, loop_age_seconds=11.0)
        return worker.get("/livez")  # a blocking call inside the main loop: nothing else of it runs meanwhile

    assert asyncio.run(block())[0] == 503


def test_a_state_that_cannot_be_read_is_an_error_and_not_the_end(worker):
    """A failing snapshot is 500 for this request; the server goes on."""
    state, worker.state = worker.state, None
    assert worker.get("/livez")[0] == 500
    worker.state = state
    assert worker.get("/livez")[0] == 200


def test_closing_frees_the_port_and_ends_the_thread():
    """After closing, nobody listens; closing twice is fine."""
    server = OpsServer(state=HealthState, registry=CollectorRegistry())
    address = server.start()
    server.close()
    server.close()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(address, timeout=1):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "tocsin-ops"]


def test_a_taken_port_is_said_clearly(worker):
    """The message names the address and what to do."""
    port = worker.server.address.port
    with pytest.raises(AddressError, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*set TOCSIN_OPS__PORT"):
        OpsServer(state=HealthState, registry=CollectorRegistry(), port=port).start()


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888"])
def test_a_public_address_is_refused(host):
    """How a company's complaints run is nobody else's business."""
    with pytest.raises(AddressError, match="public address"):
        OpsServer(state=HealthState, registry=CollectorRegistry(), host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "10.1.2.3", "::1", "localhost"])
def test_private_addresses_are_fine(host):
    """Loopback, private nets, a pod's wildcard and names."""
    assert OpsServer(state=HealthState, registry=CollectorRegistry(), host=host)
