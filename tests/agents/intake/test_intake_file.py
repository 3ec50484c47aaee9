"""The intake file with its secrets: read from disk, problems told with their line, secrets told to nobody."""

import json

import pytest

from agents.intake.load import NoIntakeFileError, load_intake
from pipeline.intake.written import IntakeError
from tests.support.commands import tocsin
from tests.support.intake import FILE, write_intake
from tests.support.webhooks import COMPANY_SECRET, SECRET


def problems(path):
    """What is said of a file."""
    with pytest.raises(IntakeError) as caught:
        load_intake(path)
    return [str(problem) for problem in caught.value.problems]


def test_secrets_come_from_files_and_from_the_environment(tmp_path, monkeypatch):
    """White space around them is not a part of them; no text of the loaded file holds one."""
    monkeypatch.setenv("CRM_TOKEN", f" {SECRET.decode()} ")
    text = FILE.replace(
        "id_prefix: cw-\n    secrets: [{file: secret}]", "id_prefix: cw-\n    secrets: [{env: CRM_TOKEN}]"
    )
    loaded = load_intake(write_intake(tmp_path, text))
    assert {gate.secrets for gate in loaded.gates.values()} == {(SECRET,)}
    assert loaded.topics == {"tickets.events", "chats.messages", "deadletters"}
    shown = repr(loaded) + str(loaded)
    assert SECRET.decode() not in shown
    assert COMPANY_SECRET.decode() not in shown


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{file: company}", "{file: none}", "intake.yaml:1: customer_secret.file: none cannot be read: No such file"),
        (
            "[{file: secret}]",
            "[{env: NOT_SET}]",
            "intake.yaml:8: sources[0].secrets[0].env: the environment has no NOT_SET",
        ),
        ("{file: company}", "{file: short}", "intake.yaml:1: customer_secret.file: the secret is too short"),
        ("{file: company}", "{file: .}", "intake.yaml:1: customer_secret.file: . cannot be read"),
    ],
)
def test_a_secret_that_is_not_there(tmp_path, old, new, told):
    """Named by the place that asks for it, never by what it holds."""
    (tmp_path / "short").write_text("hunter2")
    said = problems(write_intake(tmp_path, FILE.replace(old, new, 1)))
    assert said[0].startswith(told)
    assert "hunter2" not in "\n".join(said)


def test_no_file_is_named():
    """The message says which variable is missing."""
    with pytest.raises(NoIntakeFileError, match="TOCSIN_INTAKE__FILE"):
        load_intake(None)


def test_check_tells_sources_or_problems(tmp_path):
    """Code 0 and the sources with their topics; code 1 and every problem, also as JSON."""
    environment = {"TOCSIN_INTAKE__FILE": str(write_intake(tmp_path))}
    good = tocsin("intake", "--check", environment=environment)
    assert (good.returncode, "没有问题" in good.stdout) == (0, True)
    assert "/in/chatwoot → chats.messages, tickets.events" in good.stdout
    write_intake(tmp_path, FILE.replace("kind: zendesk", "kind: zendesk\n    color: red"))
    bad = tocsin("intake", "--check", environment=environment)
    assert bad.returncode == 1
    assert "intake.yaml:7: sources[0].color: is not known here" in bad.stdout
    told = json.loads(tocsin("intake", "--check", "--json", environment=environment).stdout)
    assert [problem["line"] for problem in told["problems"]] == [7]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "TOCSIN_INTAKE__FILE"),
        ({"TOCSIN_INTAKE__FILE": "no/such.yaml"}, "no/such.yaml"),
        ({"TOCSIN_INTAKE__FILE": "pyproject.toml"}, "pyproject.toml"),
    ],
)
def test_it_does_not_start_with_a_wrong_file(environment, said):
    """Code 2, the reason, no traceback."""
    done = tocsin("intake", environment=environment)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr
