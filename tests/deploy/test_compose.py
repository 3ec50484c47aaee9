"""docker-compose.yml: no container engine runs here, so its structure is read and checked."""

import re

import pytest
import yaml

from agents.board.access import Access
from agents.environment import variable_names
from agents.hints.access import Access as HintAccess
from agents.intake.load import load_intake
from agents.listening.publisher import CLOSE_WITHIN_SECONDS
from agents.settings import Board, Hints, Settings, load_settings
from tests.support.promql import rules
from tests.support.tree import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?")
ON_THE_SIDE = {"answer", "intake", "board", "hints", "verdicts"}  # for who asks for them
LONG_RUNNING = {"kafka", "worker", "deliver", *ON_THE_SIDE, "prometheus", "alertmanager", "grafana"}


def variables(service):
    """The TOCSIN_ variables that a service gets."""
    return {name: value for name, value in SERVICES[service]["environment"].items() if name.startswith("TOCSIN_")}


def test_the_whole_cast_is_there():
    """Broker, topics, worker, and the three that watch; no obsolete version key."""
    assert set(SERVICES) == LONG_RUNNING | {"topics"}
    assert "version" not in COMPOSE


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name):
    """A foreign image has a version; ours is built from the tree."""
    service = SERVICES[name]
    if "build" in service:
        assert (ROOT / service["build"]["dockerfile"]).is_file()
    else:
        assert PINNED.fullmatch(service["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_stay_on_this_machine(name):
    """Nothing is published to the network that the machine is in."""
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_has_rights_that_it_does_not_need(name):
    """No capabilities, no new privileges; a root that nobody writes, but for the Kafka image."""
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("read_only", False) is (name != "kafka")
    assert not {"privileged", "network_mode", "pid"} & set(service)


@pytest.mark.parametrize("name", sorted(LONG_RUNNING - {"worker", "deliver", "answer", "intake", "hints", "verdicts"}))
def test_services_say_when_they_are_well(name):
    """Who is waited for has a health check; that of ours is in their image."""
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_nobody_starts_too_early():
    """Topics wait for the broker, the worker for the topics, each for the right condition."""
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    assert SERVICES["worker"]["depends_on"] == {
        "kafka": {"condition": "service_healthy"},
        "topics": {"condition": "service_completed_successfully"},
    }
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]


@pytest.mark.parametrize("name", ["topics", "worker", "deliver", "intake", "verdicts"])
def test_settings_exist(name, monkeypatch):
    """Every variable is one that the worker reads, and its value is accepted."""
    assert set(variables(name)) <= set(variable_names(Settings))
    for variable, value in variables(name).items():
        monkeypatch.setenv(variable, value)
    settings = load_settings()
    assert settings.bootstrap == "kafka:19092"


def test_the_worker_talks_to_a_listener_of_the_broker():
    """The address in the worker's settings is the one that the broker advertises inside."""
    kafka = SERVICES["kafka"]["environment"]
    assert f"INTERNAL://{variables('worker')['TOCSIN_BROKER']}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert "HOST://127.0.0.1:9092" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_files_exist(name):
    """A mount of a file that is not there becomes an empty folder."""
    for volume in SERVICES[name].get("volumes", ()):
        source, target, *_ = volume.split(":")
        assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]
        assert target.startswith("/")


def test_prometheus_finds_the_workers():
    """The scrape configuration names the service and the port that the image listens on."""
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = [job for job in config["scrape_configs"] if job["job_name"] == "tocsin"]
    [names] = job["dns_sd_configs"]
    assert names["names"] == ["worker"]
    assert SERVICES["worker"]["expose"] == [str(names["port"])]
    assert f"TOCSIN_OPS__PORT={names['port']}" in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")


def test_prometheus_finds_whoever_delivers():
    """Its page is a target of its own."""
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = [job for job in config["scrape_configs"] if job["job_name"] == "tocsin-deliver"]
    [names] = job["dns_sd_configs"]
    assert names["names"] == ["deliver"]
    assert SERVICES["deliver"]["expose"] == [str(names["port"])]


def test_prometheus_keeps_what_the_rules_look_back_on():
    """The longest range of a rule lies within what is kept, with a day to spare; else a sum of a month is too small."""
    expressions = [rule["expr"] for rule in rules()]
    ranges = [int(days) for each in expressions for days in re.findall(r"(?:\[|offset )(\d+)d\b", each)]
    [kept] = [
        int(days) for each in SERVICES["prometheus"]["command"] for days in re.findall(r"retention.time=(\d+)d", each)
    ]
    assert kept > max(ranges)
    assert f"`--storage.tsdb.retention.time={kept}d`" in (ROOT / "docs/metrics.md").read_text(encoding="utf-8")


def test_the_intake_is_there_for_who_asks_for_it(monkeypatch):
    """Without its profile nobody needs its secrets; with them its file is accepted, and its port is published."""
    intake = SERVICES["intake"]
    assert intake["profiles"] == ["intake"]
    for name in ("COMPANY_SECRET", "ZENDESK_SECRET", "CHATWOOT_SECRET"):
        assert intake["environment"][name] == f"${{{name}:-}}"
        monkeypatch.setenv(name, "a-secret-of-the-tests")
    source, target, _ = intake["volumes"][0].split(":")
    assert target == variables("intake")["TOCSIN_INTAKE__FILE"]
    loaded = load_intake(ROOT / source)
    assert intake["ports"] == [f"127.0.0.1:{Settings().intake.port}:{Settings().intake.port}"]
    may_take_seconds = loaded.limits.read_within_seconds + loaded.limits.answer_within_seconds + CLOSE_WITHIN_SECONDS
    assert int(intake["stop_grace_period"].removesuffix("s")) > may_take_seconds


def test_the_board_lets_nobody_in_before_they_have_a_token():
    """It listens to the network of the containers, so the empty file of tokens that is mounted is a locked door."""
    board = SERVICES["board"]
    assert board["profiles"] == ["board"]
    assert set(variables("board")) <= set(variable_names(Settings))
    source, target, _ = board["volumes"][0].split(":")
    assert target == variables("board")["TOCSIN_BOARD__TOKENS_FILE"]
    access = Access(Board(host=variables("board")["TOCSIN_BOARD__HOST"], tokens_file=ROOT / source))
    assert access.ways == ("token",)
    assert not access.is_open
    assert access.identify({}, {}, peer="127.0.0.1", now_s=0) is None
    assert board["ports"] == [f"127.0.0.1:{Board().port}:{Board().port}"]


def test_the_hint_stream_lets_nobody_in_before_they_have_a_token():
    """As the board: the mounted file of tokens has no line, and the port is the one that desktops are told."""
    hints = SERVICES["hints"]
    assert hints["profiles"] == ["hints"]
    assert set(variables("hints")) <= set(variable_names(Settings))
    source, target, _ = hints["volumes"][0].split(":")
    assert target == variables("hints")["TOCSIN_HINTS__TOKENS_FILE"]
    access = HintAccess(Hints(host=variables("hints")["TOCSIN_HINTS__HOST"], tokens_file=ROOT / source))
    assert not access.is_open
    assert access.agent_of({}, "agent-17") is None
    assert hints["ports"] == [f"127.0.0.1:{Hints().port}:{Hints().port}"]


@pytest.mark.parametrize("name", ["hints", "verdicts"])
def test_prometheus_finds_those_on_the_side(name):
    """The scrape configuration names the service and the port of its page."""
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = [job for job in config["scrape_configs"] if job["job_name"] == f"tocsin-{name}"]
    [names] = job["dns_sd_configs"]
    assert (names["names"], SERVICES[name]["expose"]) == ([name], [str(names["port"])])


def test_prometheus_finds_the_intake():
    """The scrape configuration names the service."""
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = [job for job in config["scrape_configs"] if job["job_name"] == "tocsin-intake"]
    [names] = job["dns_sd_configs"]
    assert (names["names"], SERVICES["intake"]["expose"]) == (["intake"], [str(names["port"])])


def test_a_worker_may_finish_its_batch():
    """The engine is given longer to stop than it may take."""
    grace_seconds = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace_seconds > Settings().engine.stop_within_seconds
