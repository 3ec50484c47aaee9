"""deploy/Dockerfile: read as instructions, since nothing builds images here."""

import re

import pytest

from agents.environment import variable_names
from agents.settings import Settings
from tests.support.tree import ROOT

TEXT = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")


def instructions():
    """Instruction and arguments, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in TEXT.splitlines() if not line.startswith("#")))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


STEPS = instructions()
STAGES = [index for index, step in enumerate(STEPS) if step[0] == "FROM"]
LAST = STEPS[STAGES[-1] :]


def test_two_stages_on_the_same_pinned_base():
    """What was compiled in the first runs on the second."""
    assert [STEPS[index][1].split(" AS ")[0] for index in STAGES] == ["${BASE}", "${BASE}"]
    base, requirements = [argument for name, argument in STEPS if name == "ARG"]
    assert re.fullmatch(r"BASE=python:3\.\d+\.\d+-slim-[a-z]+", base)
    assert requirements == "REQUIREMENTS=runtime"


def test_no_compiler_and_no_installer_in_the_last_stage():
    """The last stage only takes over what was built."""
    said = " ".join(argument for _, argument in LAST)
    assert not re.search(r"apt-get|build-essential|gcc|pip install", said)


def test_requirements_are_hashed():
    """Only what the lock names is installed, byte for byte."""
    installs = [argument for name, argument in STEPS if name == "RUN" and "pip install" in argument]
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)


def test_it_runs_as_nobody():
    """A number, so that an orchestrator can see that it is not root."""
    [user] = [argument for name, argument in LAST if name == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)


def test_it_ends_as_the_worker_expects():
    """SIGTERM reaches the worker itself: the entry point is not a shell."""
    assert ("STOPSIGNAL", "SIGTERM") in LAST
    assert ("ENTRYPOINT", '["tocsin"]') in LAST


def test_health_is_progress():
    """The image asks /livez on the port that it listens on."""
    [check] = [argument for name, argument in LAST if name == "HEALTHCHECK"]
    [port] = re.findall(r"TOCSIN_OPS__PORT=(\d+)", TEXT)
    assert f"127.0.0.1:{port}/livez" in check
    assert ("EXPOSE", port) in LAST


def test_the_settings_in_the_image_exist():
    """A variable that no setting reads would stop the worker at its start."""
    assert set(re.findall(r"TOCSIN_\w+(?==)", TEXT)) <= set(variable_names(Settings))


@pytest.mark.parametrize("source", re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.MULTILINE))
def test_what_is_copied_exists_and_is_sent(source):
    """Each path is in the tree, and .dockerignore lets it through."""
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for path in source.split():
        assert (ROOT / path).exists()
        assert f"!{path.rstrip('/')}" in sent
