"""The Grafana dashboards: generated, complete, readable without colour, and free of accidents of layout."""

import importlib.util
import itertools
import json
import re
import subprocess
import sys

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from agents.settings import Board
from tests.support.promql import DASHBOARDS, panels
from tests.support.tree import ROOT

GRAFANA = ROOT / "deploy/grafana"
BUILD = GRAFANA / "build.py"
SOURCE_UID = "tocsin-prometheus"
UNITS = {"short", "s", "ops", "bytes", "none", "percentunit"}
PANELS = [
    pytest.param(panel, id=f"{path.stem}: {panel['title']}")
    for path in DASHBOARDS
    for panel in panels(path)
    if panel["type"] != "row"
]


def test_the_committed_dashboards_are_what_the_code_builds():
    """A change in the browser or by hand does not survive; `python deploy/grafana/build.py` writes them."""
    done = subprocess.run([sys.executable, BUILD, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def grafana():
    """A page as the models of Grafana's foundation SDK read it and write it again, defaults and all."""
    register_default_plugins()
    return lambda page: json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(page)))))


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_grafana_knows_every_field(path, grafana):
    """Nothing is lost on the way through its models and nothing changed; a misspelt field is."""
    page = json.loads(path.read_text(encoding="utf-8"))
    assert list(_lost(page, grafana(page))) == []
    panel = next(panel for panel in page["panels"] if panel["type"] != "row")
    panel["options"]["legnd"] = panel["fieldConfig"]["defaults"]["unitt"] = "x"
    place = f".panels.{page['panels'].index(panel)}"
    assert {f"{place}.options.legnd", f"{place}.fieldConfig.defaults.unitt"} <= set(_lost(page, grafana(page)))


_OF_PROMETHEUS = {"step", "titleFormat"}  # of a mark: the data source reads them, and the SDK has no place for them


def _lost(ours, theirs, place=""):
    """Where something of ours is missing or another thing."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            if not (place.startswith(".annotations") and name in _OF_PROMETHEUS):
                yield from _lost(value, theirs.get(name), f"{place}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (value, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(value, other, f"{place}.{number}")
    elif ours != theirs:
        yield place


def test_no_dashboard_is_left_over():
    """Every file in the folder comes from the code."""
    spec = importlib.util.spec_from_file_location("grafana_build", BUILD)
    build = importlib.util.module_from_spec(spec)
    before, modules = list(sys.path), set(sys.modules)
    try:
        spec.loader.exec_module(build)
    finally:
        sys.path[:] = before
        for name in set(sys.modules) - modules:
            if getattr(sys.modules[name], "__file__", None) and str(GRAFANA) in sys.modules[name].__file__:
                del sys.modules[name]  # `panels`, `delay` …: too plain a name to leave behind
    assert sorted(build.written()) == DASHBOARDS


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_explains_itself(panel):
    """Title and description, a unit, a word for no data, and the one data source."""
    assert panel["title"]
    assert panel["description"].endswith(".")
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] in UNITS
    assert defaults["noValue"] == "—"
    assert panel["datasource"]["uid"] == SOURCE_UID
    assert panel["targets"]


@pytest.mark.parametrize("panel", PANELS)
def test_rates_follow_the_scrape_interval(panel):
    """A fixed short range shows gaps or nothing when somebody scrapes less often."""
    for target in panel["targets"]:
        assert "[5m]" not in target["expr"]
        assert "[1m]" not in target["expr"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_no_two_panels_overlap(path):
    """Ids are unique, and every panel has its place within the 24 columns."""
    placed = panels(path)
    assert len({panel["id"] for panel in placed}) == len(placed)
    areas = [panel["gridPos"] for panel in placed]
    assert all(area["x"] + area["w"] <= 24 for area in areas)
    for one, other in itertools.combinations(areas, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart


def test_every_page_leads_to_the_others():
    """Each has an id of its own, the tag by which the others find it, and the way to the board and the runbooks."""
    pages = [json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS]
    assert len({page["uid"] for page in pages}) == len(pages)
    for page in pages:
        others, board, runbooks = page["links"]
        assert all(set(others["tags"]) <= set(other["tags"]) for other in pages)
        assert board["url"] == f"http://127.0.0.1:{Board().port}"
        assert runbooks["url"] == f"{board['url']}/runbooks"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_what_somebody_chooses_is_asked_for(path):
    """A choice at the top that no panel heeds misleads; so does a name that nothing fills in."""
    page = json.loads(path.read_text(encoding="utf-8"))
    asked = set(
        re.findall(r'=~"\$(\w+)"', " ".join(t["expr"] for each in page["panels"] for t in each.get("targets", ())))
    )
    assert asked == {each["name"] for each in page["templating"]["list"]}


def test_levels_have_a_word_and_a_sign_beside_their_colour():
    """Not everybody tells orange from red."""
    names = {
        each["value"]
        for param in PANELS
        for override in param.values[0]["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "displayName"
    }
    assert {"○ 潜在 potential", "△ 明确 explicit", "■ 高危 high risk"} <= names


def test_provisioning_fits_the_dashboards():
    """The data source has the uid that the panels name; nobody can edit what a file provides."""
    [source] = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert (source["uid"], source["editable"]) == (SOURCE_UID, False)
    [provider] = yaml.safe_load((GRAFANA / "provisioning/dashboards/tocsin.yml").read_text())["providers"]
    assert provider["allowUiUpdates"] is False
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in compose["services"]["grafana"]["volumes"]
