"""deploy/kubernetes: parsed and checked for what a cluster would only say at night."""

import pytest
import yaml

from agents.environment import variable_names
from agents.settings import Settings
from tests.support.tree import ROOT

FOLDER = ROOT / "deploy/kubernetes"
OBJECTS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
KUSTOMIZATION = OBJECTS.pop("kustomization.yaml")
PODS = {name: OBJECTS[name]["spec"]["template"]["spec"] for name in ("worker.yaml", "topics.yaml")}
OPS_PORT = 9464


def literals():
    """The settings of the config map."""
    [generated] = KUSTOMIZATION["configMapGenerator"]
    return dict(each.split("=", 1) for each in generated["literals"])


def test_kustomize_names_every_file():
    """No file is forgotten; monitoring is for clusters that have the operator."""
    assert set(KUSTOMIZATION["resources"]) == set(OBJECTS) - {"monitoring.yaml", "monitoring-beside.yaml"}


def test_settings_exist_and_are_accepted(monkeypatch):
    """The config map and the pod's own variables are settings."""
    own = {each["name"] for each in PODS["worker.yaml"]["containers"][0]["env"]}
    assert set(literals()) | own <= set(variable_names(Settings))
    for name, value in literals().items():
        monkeypatch.setenv(name, value)
    assert Settings().ops.port == OPS_PORT


@pytest.mark.parametrize("name", PODS)
def test_pods_are_restricted(name):
    """What the `restricted` level of the namespace asks for, and no token for the cluster's API."""
    pod = PODS[name]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert {mount["name"] for mount in container["volumeMounts"]} <= {volume["name"] for volume in pod["volumes"]}


@pytest.mark.parametrize(
    ("probe", "path"),
    [("startupProbe", "/startupz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")],
)
def test_probes(probe, path):
    """Each probe asks its own question, on the port that has the name."""
    [container] = PODS["worker.yaml"]["containers"]
    assert container[probe]["httpGet"] == {"path": path, "port": "ops"}
    assert {"name": "ops", "containerPort": OPS_PORT} in container["ports"]


def test_the_start_may_take_as_long_as_the_longest_recovery():
    """A worker that recovers a lot is not killed for it."""
    probe = PODS["worker.yaml"]["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= Settings().engine.recovery_within_seconds


def test_a_worker_may_finish_its_batch():
    """The grace period is above what the engine may take to stop."""
    assert PODS["worker.yaml"]["terminationGracePeriodSeconds"] > Settings().engine.stop_within_seconds


def test_a_worker_is_given_what_it_and_its_reading_process_take():
    """One core, and half of a second one, as docs/engine.md says."""
    assert PODS["worker.yaml"]["containers"][0]["resources"]["requests"]["cpu"] == "1500m"


def test_no_more_workers_than_partitions():
    """A worker without a partition only waits."""
    assert OBJECTS["worker.yaml"]["spec"]["replicas"] <= int(literals()["TOCSIN_PARTITIONS"])


def test_selectors_meet_the_pods():
    """Service, disruption budget, network policy and monitor mean the same pods."""
    worker = OBJECTS["worker.yaml"]
    labels = worker["spec"]["template"]["metadata"]["labels"]
    wanted = [
        worker["spec"]["selector"]["matchLabels"],
        OBJECTS["service.yaml"]["spec"]["selector"],
        OBJECTS["disruption.yaml"]["spec"]["selector"]["matchLabels"],
        OBJECTS["network.yaml"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in wanted)
    service = OBJECTS["service.yaml"]["metadata"]["labels"]
    assert OBJECTS["monitoring.yaml"]["spec"]["selector"]["matchLabels"].items() <= service.items()
    assert worker["spec"]["serviceName"] == OBJECTS["service.yaml"]["metadata"]["name"]


def test_only_the_operations_port_is_open():
    """In: Prometheus. Out: names, and the broker's port from the settings."""
    spec = OBJECTS["network.yaml"]["spec"]
    assert [rule["ports"] for rule in spec["ingress"]] == [[{"protocol": "TCP", "port": OPS_PORT}]]
    broker_port = int(literals()["TOCSIN_BROKER"].rpartition(":")[2])
    assert {port["port"] for rule in spec["egress"] for port in rule["ports"]} == {53, broker_port}


def test_the_rules_find_the_job():
    """The rules ask for job="tocsin"; the monitor takes the job from a label that has this value."""
    label = OBJECTS["monitoring.yaml"]["spec"]["jobLabel"]
    assert OBJECTS["service.yaml"]["metadata"]["labels"][label] == "tocsin"
