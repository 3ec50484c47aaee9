"""deploy/oncall and deploy/kubernetes/oncall: who decides, who sends and who receives answers, against the code."""

import pytest
import yaml

from agents.answer.load import load_answers
from agents.answer.run import FINISH_WITHIN_SECONDS
from agents.channels.build import secrets_of
from agents.channels.outgoing import TIMEOUT_SECONDS
from agents.environment import variable_names
from agents.files.oncall import keys_of, load_oncall
from agents.settings import Answer, Settings
from tests.support.tree import ROOT

FOLDER = ROOT / "deploy/kubernetes/oncall"
READ = {path.name: list(yaml.safe_load_all(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))}
[COMPONENT] = READ["kustomization.yaml"]
PODS = {name: READ[f"{name}.yaml"][0]["spec"]["template"] for name in ("deliver", "answer")}
MAIN = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
BESIDE = yaml.safe_load((ROOT / "deploy/oncall/compose.yaml").read_text(encoding="utf-8"))["services"]
CAST = {**BESIDE, "answer": MAIN["answer"]}
FILES = (ROOT / "deploy/oncall/oncall.yaml", FOLDER / "plan.yaml")


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_one_file_does_for_all_three(file, monkeypatch):
    """Who receives answers needs one key; who sends needs the channels' secrets too."""
    monkeypatch.setenv("ANSWER_KEY", "k" * 32)
    assert load_answers(file).doors == {}
    oncall = load_oncall(file)
    assert keys_of(oncall.answers, file=file.name)
    assert {each.path for each in secrets_of(oncall, file=file.name)[1]} == {
        "channels.robot.url",
        "channels.robot.secret",
    }
    monkeypatch.setenv("ROBOT_URL", "https://oapi.dingtalk.com/robot/send?access_token=x")
    monkeypatch.setenv("ROBOT_SECRET", "s")
    assert secrets_of(oncall, file=file.name)[1] == []


def test_on_one_machine_each_gets_its_own_secrets():
    """The worker none, the sender all, the receiver the key alone; nothing is published to the network."""
    secrets = {
        name: {key for key in service["environment"] if not key.startswith("TOCSIN_")} for name, service in CAST.items()
    }
    assert secrets == {
        "worker": set(),
        "deliver": {"ROBOT_URL", "ROBOT_SECRET", "ANSWER_KEY"},
        "answer": {"ANSWER_KEY"},
    }
    for service in CAST.values():
        (mount,) = service["volumes"]
        source, target, mode = mount.split(":")
        assert (ROOT / source).is_file()
        assert (service["environment"]["TOCSIN_ONCALL_FILE"], mode) == (target, "ro")
        assert {key for key in service["environment"] if key.startswith("TOCSIN_")} <= set(variable_names(Settings))
    answer = MAIN["answer"]
    assert (answer["command"], answer["profiles"]) == (["answer"], ["answer"])
    assert set(BESIDE) <= set(MAIN)
    assert answer["ports"] == [f"127.0.0.1:{Answer().port}:{Answer().port}"]


def test_the_component_names_every_file():
    """No file is forgotten, and the plan is mounted where all three look for it."""
    assert COMPONENT["kind"] == "Component"
    patches = {each["path"] for each in COMPONENT["patches"]}
    assert set(COMPONENT["resources"]) | patches | {"kustomization.yaml", "plan.yaml"} == set(READ)
    [generated] = COMPONENT["configMapGenerator"]
    assert generated["files"] == ["oncall.yaml=plan.yaml"]
    [patch] = READ["worker-patch.yaml"]
    worker = yaml.safe_load((ROOT / "deploy/kubernetes/worker.yaml").read_text(encoding="utf-8"))
    assert (patch["kind"], patch["metadata"]["name"]) == (worker["kind"], worker["metadata"]["name"])
    [container] = worker["spec"]["template"]["spec"]["containers"]
    pods = {**PODS, container["name"]: patch["spec"]["template"]}
    for name, pod in pods.items():
        [mine] = pod["spec"]["containers"]
        assert mine["name"] == name
        variables = {each["name"]: each["value"] for each in mine["env"]}
        assert set(variables) <= set(variable_names(Settings))
        [volume] = [each for each in pod["spec"]["volumes"] if "configMap" in each]
        [mount] = [each for each in mine["volumeMounts"] if each["name"] == volume["name"]]
        assert volume["configMap"]["name"] == generated["name"]
        assert variables["TOCSIN_ONCALL_FILE"] == f"{mount['mountPath']}/oncall.yaml"


@pytest.mark.parametrize("name", PODS)
def test_the_pods_are_restricted(name):
    """As the worker's, and given longer to end than they may take."""
    pod, [container] = PODS[name]["spec"], PODS[name]["spec"]["containers"]
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
    assert pod["terminationGracePeriodSeconds"] > max(FINISH_WITHIN_SECONDS, TIMEOUT_SECONDS)
    assert container["args"] == [name]


def test_only_who_sends_gets_the_secrets_of_channels():
    """And only who sends may leave the cluster."""
    secrets = {
        name: {each["secretRef"]["name"] for each in pod["spec"]["containers"][0]["envFrom"] if "secretRef" in each}
        for name, pod in PODS.items()
    }
    assert secrets["answer"] == {"tocsin-kafka", "tocsin-answers"}
    assert "tocsin-channels" in secrets["deliver"]
    policies = {each["metadata"]["name"]: each["spec"] for each in READ["network.yaml"]}
    outside = {
        name: any("ipBlock" in to for rule in spec["egress"] for to in rule["to"]) for name, spec in policies.items()
    }
    assert outside == {"tocsin-answer": False, "tocsin-deliver": True}


def test_selectors_meet_the_pods_and_no_workers():
    """Services, budgets and policies mean what they say; ports are those that the process listens on."""
    selectors = [
        ("answer", READ["service.yaml"][0]["spec"]["selector"]),
        *(
            (["answer", "deliver"][at], each["spec"]["podSelector"]["matchLabels"])
            for at, each in enumerate(READ["network.yaml"])
        ),
        *(
            (["answer", "deliver"][at], each["spec"]["selector"]["matchLabels"])
            for at, each in enumerate(READ["disruption.yaml"])
        ),
        *((name, READ[f"{name}.yaml"][0]["spec"]["selector"]["matchLabels"]) for name in PODS),
    ]
    for name, selector in selectors:
        assert selector.items() <= PODS[name]["metadata"]["labels"].items()
    workers = yaml.safe_load((ROOT / "deploy/kubernetes/worker.yaml").read_text(encoding="utf-8"))
    for pod in PODS.values():
        assert not pod["metadata"]["labels"].items() >= workers["spec"]["selector"]["matchLabels"].items()
    ports = {each["name"]: each["containerPort"] for each in PODS["answer"]["spec"]["containers"][0]["ports"]}
    assert ports == {"answers": Answer().port, "ops": 9464}
    assert READ["service.yaml"][0]["spec"]["ports"][0]["port"] == Answer().port


def test_prometheus_finds_whoever_receives_answers():
    """Its page is a target of its own."""
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = [job for job in config["scrape_configs"] if job["job_name"] == "tocsin-answer"]
    assert job["dns_sd_configs"][0]["names"] == ["answer"]
