"""deploy/kubernetes/hints and verdicts: components for overlays, checked against the code that they start."""

import pytest
import yaml

from agents.environment import variable_names
from agents.settings import Hints, Settings
from tests.support.tree import ROOT

KUBERNETES = ROOT / "deploy/kubernetes"
READ = {
    name: {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (KUBERNETES / name).glob("*.yaml")}
    for name in ("hints", "verdicts")
}
PODS = {name: files[f"{name}.yaml"]["spec"]["template"] for name, files in READ.items()}
CONTAINERS = {name: pod["spec"]["containers"][0] for name, pod in PODS.items()}
MONITOR = yaml.safe_load((KUBERNETES / "monitoring-beside.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", READ)
def test_the_component_names_every_file(name):
    """No file is forgotten."""
    component = READ[name]["kustomization.yaml"]
    assert component["kind"] == "Component"
    assert {"kustomization.yaml", *component["resources"]} == set(READ[name])


def test_settings_exist_and_no_desktop_gets_in_without_a_token():
    """Every variable is a setting; the tokens are mounted where the settings look for them."""
    container, pod = CONTAINERS["hints"], PODS["hints"]["spec"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    assert set(variables) <= set(variable_names(Settings))
    assert int(variables["TOCSIN_HINTS__PORT"]) == Hints().port == container["ports"][0]["containerPort"]
    assert READ["hints"]["service.yaml"]["spec"]["ports"][0]["port"] == Hints().port
    [volume] = [each for each in pod["volumes"] if "secret" in each]
    [mount] = [each for each in container["volumeMounts"] if each["name"] == volume["name"]]
    assert f"{mount['mountPath']}/tokens" == variables["TOCSIN_HINTS__TOKENS_FILE"]


@pytest.mark.parametrize("name", READ)
def test_the_pods_are_restricted_and_probed(name):
    """As the worker's; the pages that probes ask are those of the operations port."""
    pod, container = PODS[name]["spec"], CONTAINERS[name]
    assert container["args"] == [name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    found = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert found == {
        "startupProbe": {"path": "/startupz", "port": "ops"},
        "livenessProbe": {"path": "/livez", "port": "ops"},
        "readinessProbe": {"path": "/readyz", "port": "ops"},
    }
    assert {"name": "ops", "containerPort": 9464} in container["ports"]


@pytest.mark.parametrize("name", READ)
def test_selectors_meet_the_pods_and_no_workers(name):
    """Services, budgets and policies mean what they say; nobody but Kafka is reached from inside."""
    labels, files = PODS[name]["metadata"]["labels"], READ[name]
    policy = files["network.yaml"]["spec"]
    selectors = [files[f"{name}.yaml"]["spec"]["selector"]["matchLabels"], policy["podSelector"]["matchLabels"]]
    if name == "hints":
        selectors += [
            files["service.yaml"]["spec"]["selector"],
            files["disruption.yaml"]["spec"]["selector"]["matchLabels"],
        ]
    for selector in selectors:
        assert selector.items() <= labels.items()
    workers = yaml.safe_load((KUBERNETES / "worker.yaml").read_text(encoding="utf-8"))
    assert not labels.items() >= workers["spec"]["selector"]["matchLabels"].items()
    opened = {rule["ports"][0]["port"] for rule in policy["ingress"]}
    assert opened == {each["containerPort"] for each in CONTAINERS[name]["ports"]}
    assert [rule["ports"][0]["port"] for rule in policy["egress"]] == [53, 9093]


def test_the_monitor_finds_every_process_beside_the_workers_under_its_job():
    """The job is the pod's name; each is one that the rules and the scrape configuration know."""
    [expression] = MONITOR["spec"]["selector"]["matchExpressions"]
    assert MONITOR["spec"]["jobLabel"] == expression["key"] == "app.kubernetes.io/name"
    pods = [
        each["spec"]["template"]
        for path in KUBERNETES.glob("*/*.yaml")
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if each.get("kind") == "Deployment"
    ]
    paged = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]
        for pod in pods
        if any(port["name"] == "ops" for port in pod["spec"]["containers"][0]["ports"])
    }
    assert set(expression["values"]) == paged
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    assert paged <= {job["job_name"] for job in config["scrape_configs"]}
