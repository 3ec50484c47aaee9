"""deploy/kubernetes/board: a component for overlays, parsed and checked against the code that it starts."""

import yaml

from agents.environment import variable_names
from agents.settings import Board, Settings
from tests.support.tree import ROOT

FOLDER = ROOT / "deploy/kubernetes/board"
READ = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
COMPONENT = READ.pop("kustomization.yaml")
POD = READ["board.yaml"]["spec"]["template"]
[CONTAINER] = POD["spec"]["containers"]
VARIABLES = {each["name"]: each["value"] for each in CONTAINER["env"]}


def test_the_component_names_every_file():
    """No file is forgotten."""
    assert COMPONENT["kind"] == "Component"
    assert set(COMPONENT["resources"]) == set(READ)


def test_settings_exist_and_nobody_gets_in_without_a_token():
    """Every variable is a setting; the tokens are mounted where the settings look for them."""
    assert set(VARIABLES) <= set(variable_names(Settings))
    assert int(VARIABLES["TOCSIN_BOARD__PORT"]) == Board().port == CONTAINER["ports"][0]["containerPort"]
    [volume] = [each for each in POD["spec"]["volumes"] if "secret" in each]
    [mount] = [each for each in CONTAINER["volumeMounts"] if each["name"] == volume["name"]]
    assert f"{mount['mountPath']}/tokens" == VARIABLES["TOCSIN_BOARD__TOKENS_FILE"]


def test_the_pod_is_restricted():
    """As the worker's."""
    assert POD["spec"]["securityContext"]["runAsNonRoot"] is True
    assert POD["spec"]["automountServiceAccountToken"] is False
    assert POD["spec"]["enableServiceLinks"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert CONTAINER["resources"]["limits"]["memory"]


def test_selectors_meet_the_pods_and_no_workers():
    """Service and policy mean the board; the policy of the workers does not."""
    labels = POD["metadata"]["labels"]
    policy = READ["network.yaml"]["spec"]
    for selector in (
        READ["board.yaml"]["spec"]["selector"]["matchLabels"],
        READ["service.yaml"]["spec"]["selector"],
        policy["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    workers = yaml.safe_load((ROOT / "deploy/kubernetes/worker.yaml").read_text(encoding="utf-8"))
    assert not labels.items() >= workers["spec"]["selector"]["matchLabels"].items()
    [port] = policy["ingress"][0]["ports"]
    assert port["port"] == READ["service.yaml"]["spec"]["ports"][0]["port"] == Board().port
