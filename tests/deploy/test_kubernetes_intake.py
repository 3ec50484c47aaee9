"""deploy/kubernetes/intake: a component for overlays, parsed and checked against the code that it starts."""

import yaml

from agents.environment import variable_names
from agents.intake.load import load_intake
from agents.listening.publisher import CLOSE_WITHIN_SECONDS
from agents.settings import Settings
from tests.support.tree import ROOT

FOLDER = ROOT / "deploy/kubernetes/intake"
READ = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
COMPONENT, SOURCES = READ.pop("kustomization.yaml"), READ.pop("sources.yaml")
POD = READ["intake.yaml"]["spec"]["template"]
[CONTAINER] = POD["spec"]["containers"]
PORTS = {port["name"]: port["containerPort"] for port in CONTAINER["ports"]}
VARIABLES = {each["name"]: each["value"] for each in CONTAINER["env"]}


def test_the_component_names_every_file():
    """No file is forgotten, and the sources are mounted where the settings look for them."""
    assert COMPONENT["kind"] == "Component"
    assert set(COMPONENT["resources"]) == set(READ)
    [generated] = COMPONENT["configMapGenerator"]
    assert generated["files"] == ["intake.yaml=sources.yaml"]
    [volume] = [each for each in POD["spec"]["volumes"] if "configMap" in each]
    [mount] = [each for each in CONTAINER["volumeMounts"] if each["name"] == volume["name"]]
    assert volume["configMap"]["name"] == generated["name"]
    assert f"{mount['mountPath']}/intake.yaml" == VARIABLES["TOCSIN_INTAKE__FILE"]


def test_settings_exist_and_the_sources_are_accepted(monkeypatch):
    """Every variable is a setting; the file that ships is read once its secrets are there."""
    assert set(VARIABLES) <= set(variable_names(Settings))
    for name in ("COMPANY_SECRET", "ZENDESK_SECRET"):
        monkeypatch.setenv(name, "a-secret-of-the-tests")
    loaded = load_intake(FOLDER / "sources.yaml")
    assert [gate.name for gate in loaded.gates.values()] == [each["name"] for each in SOURCES["sources"]]
    may_take_seconds = loaded.limits.read_within_seconds + loaded.limits.answer_within_seconds + CLOSE_WITHIN_SECONDS
    assert POD["spec"]["terminationGracePeriodSeconds"] > may_take_seconds


def test_the_pod_is_restricted():
    """As the worker's."""
    assert POD["spec"]["securityContext"]["runAsNonRoot"] is True
    assert POD["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["spec"]["automountServiceAccountToken"] is False
    assert POD["spec"]["enableServiceLinks"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert CONTAINER["resources"]["limits"]["memory"]


def test_probes_ask_the_operations_port():
    """Whoever is not ready gets no webhooks."""
    found = {name: CONTAINER[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert found == {
        "startupProbe": {"path": "/startupz", "port": "ops"},
        "livenessProbe": {"path": "/livez", "port": "ops"},
        "readinessProbe": {"path": "/readyz", "port": "ops"},
    }
    assert {"webhooks": int(VARIABLES["TOCSIN_INTAKE__PORT"]), "ops": 9464} == PORTS


def test_selectors_meet_the_pods_and_no_workers():
    """Service, budget and policy mean the intake; the policy of the workers does not."""
    labels = POD["metadata"]["labels"]
    policy = READ["network.yaml"]["spec"]
    for selector in (
        READ["intake.yaml"]["spec"]["selector"]["matchLabels"],
        READ["service.yaml"]["spec"]["selector"],
        READ["disruption.yaml"]["spec"]["selector"]["matchLabels"],
        policy["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    workers = yaml.safe_load((ROOT / "deploy/kubernetes/worker.yaml").read_text(encoding="utf-8"))
    assert not labels.items() >= workers["spec"]["selector"]["matchLabels"].items()
    assert [rule["ports"][0]["port"] for rule in policy["ingress"]] == [PORTS["webhooks"], PORTS["ops"]]
    assert READ["service.yaml"]["spec"]["ports"][0]["port"] == PORTS["webhooks"]
