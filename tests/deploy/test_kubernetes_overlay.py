"""deploy/kubernetes-example and the components, rendered as `kubectl apply -k` would: one release, one's own files."""

import re
import shutil
import tomllib
from functools import cache

import pytest
import yaml

from agents.answer.load import load_answers
from agents.environment import variable_names
from agents.files.oncall import load_oncall
from agents.intake.load import load_intake
from agents.settings import Settings
from tests.support.tools import kustomized
from tests.support.tree import ROOT

KUBERNETES = ROOT / "deploy/kubernetes"
EXAMPLE = ROOT / "deploy/kubernetes-example"
COMPONENTS = sorted(path.parent.name for path in KUBERNETES.glob("*/kustomization.yaml"))
PODS = {
    "tocsin-answer",
    "tocsin-board",
    "tocsin-deliver",
    "tocsin-hints",
    "tocsin-intake",
    "tocsin-topics",
    "tocsin-verdicts",
    "tocsin-worker",
}


@cache
def rendered(folder):
    """Every object that kustomize makes of a folder."""
    return [each for each in yaml.safe_load_all(kustomized(folder)) if each is not None]


def images(objects):
    """By workload: the image of its container."""
    return {
        each["metadata"]["name"]: container["image"]
        for each in objects
        if "template" in each.get("spec", {})
        for container in each["spec"]["template"]["spec"]["containers"]
    }


def data(objects, prefix):
    """What the one config map of that name holds."""
    [found] = [
        each["data"]
        for each in objects
        if each["kind"] == "ConfigMap" and re.fullmatch(rf"{prefix}-[a-z0-9]{{10}}", each["metadata"]["name"])
    ]
    return found


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_names_the_release_of_the_workers(name):
    """What the base says of images does not reach what an overlay adds: each says it again, the same."""
    base = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    component = yaml.safe_load((KUBERNETES / name / "kustomization.yaml").read_text(encoding="utf-8"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert component["images"] == base["images"]
    assert base["images"] == [{"name": "tocsin", "newTag": re.sub(r"\.dev\d+$", "", version)}]


def test_an_overlay_of_all_components_runs_one_release(tmp_path):
    """No container of ours is left at whatever `latest` is."""
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    (tmp_path / "overlay").mkdir()
    overlay = {"resources": ["../kubernetes"], "components": [f"../kubernetes/{name}" for name in COMPONENTS]}
    (tmp_path / "overlay/kustomization.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    base = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    found = images(rendered(tmp_path / "overlay"))
    assert set(found) == PODS
    assert set(found.values()) == {f"tocsin:{base['images'][0]['newTag']}"}


def test_the_example_has_every_component_and_its_own_image():
    """One place names the image of a company's own, for all of them."""
    example = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text(encoding="utf-8"))
    assert example["components"] == [*(f"../kubernetes/{name}" for name in COMPONENTS), "mine"]
    [image] = example["images"]
    found = images(rendered(EXAMPLE))
    assert set(found) == PODS
    assert set(found.values()) == {f"{image['newName']}:{image['newTag']}"}


@pytest.mark.parametrize(("prefix", "name"), [("tocsin-oncall", "oncall.yaml"), ("tocsin-intake", "intake.yaml")])
def test_one_s_own_files_replace_what_the_components_bring(prefix, name):
    """One file, one config map, and whoever mounts it mounts this one."""
    objects = rendered(EXAMPLE)
    assert data(objects, prefix) == {name: (EXAMPLE / "mine" / name).read_text(encoding="utf-8")}
    [named] = [each["metadata"]["name"] for each in objects if each["metadata"]["name"].startswith(f"{prefix}-")]
    volumes = [
        volume["configMap"]["name"]
        for each in objects
        if "template" in each.get("spec", {})
        for volume in each["spec"]["template"]["spec"]["volumes"]
        if volume.get("configMap", {}).get("name", "").startswith(prefix)
    ]
    assert volumes
    assert set(volumes) == {named}


def test_settings_of_the_example_are_added_to_those_of_the_base():
    """All of them are settings, and none of the base is lost."""
    base = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    found = data(rendered(EXAMPLE), "tocsin-settings")
    assert found.keys() > {each.partition("=")[0] for each in base["configMapGenerator"][0]["literals"]}
    assert found.keys() <= set(variable_names(Settings))
    assert found["TOCSIN_BOARD__PUBLIC_URL"].startswith("https://")


def test_files_of_the_example_are_accepted(monkeypatch):
    """As whoever reads them would accept them."""
    for name in ("ANSWER_KEY", "COMPANY_SECRET", "ZENDESK_SECRET"):
        monkeypatch.setenv(name, "a-secret-of-the-tests-of-32-bytes")
    oncall, intake = EXAMPLE / "mine/oncall.yaml", EXAMPLE / "mine/intake.yaml"
    assert load_answers(oncall).doors == {}
    assert set(load_oncall(oncall).channels) == {"floor"}
    assert [gate.name for gate in load_intake(intake).gates.values()] == ["service-desk"]


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_comment_of_a_component_says_what_builds(name):
    """An overlay inside deploy/kubernetes would be a cycle: the path is that from a folder beside it."""
    text = (KUBERNETES / name / "kustomization.yaml").read_text(encoding="utf-8")
    comment = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    assert f"components: [../kubernetes/{name}]" in comment
    assert "deploy/kubernetes-example" in comment
