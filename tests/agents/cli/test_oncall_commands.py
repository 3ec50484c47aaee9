"""`tocsin oncall` and `tocsin channels test`: what an operator asks before anybody is woken."""

import json

import pytest
from typer.testing import CliRunner

from agents.channels.build import secrets_of
from agents.cli.main import app
from agents.files.oncall import load_oncall
from tests.support.vendors import fake_vendor, said

FILE = """
allow_private_hosts: [127.0.0.1]
channels:
  robot: {{kind: dingtalk, url: env:ROBOT_URL, secret: {secret}}}
  console: {{kind: console}}
people:
  duty-1: {{contacts: {{robot: "13800000000"}}}}
rosters:
  duty: {{members: [duty-1], starts_on: {starts_on}}}
chains:
  high: {{steps: [{{tell: ["roster:duty"]}}]}}
routes:
  - chain: high
"""


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Run a command over a file with these changes; its exit code and what it said."""

    def run(*arguments, starts_on="2020-01-01", secret="env:ROBOT_SECRET"):
        file = tmp_path / "oncall.yaml"
        file.write_text(FILE.format(starts_on=starts_on, secret=secret), encoding="utf-8")
        told = CliRunner().invoke(app, [*arguments, "--file", str(file)])
        return told.exit_code, told.output

    monkeypatch.setenv("ROBOT_URL", "https://oapi.dingtalk.com/robot/send?access_token=S3cretPart")
    monkeypatch.setenv("ROBOT_SECRET", "S3cretPart")
    return run


def test_a_good_file_is_said_to_be_good(ask):
    """Code 0 and no warning; with the secrets too."""
    assert ask("oncall", "check", "--secrets") == (0, "oncall.yaml: 0 个问题 problem(s), 0 个提醒 warning(s)\n")


def test_a_gap_is_a_warning(ask):
    """Nobody is on call before the rotation begins: said, with code 0."""
    code, told = ask("oncall", "check", "--json", starts_on="2099-01-01")
    assert code == 0
    (warning,) = json.loads(told)["warnings"]
    assert warning.startswith("rosters.duty: 无人值班 nobody is on call")


def test_a_secret_that_is_not_there_is_a_problem(ask):
    """It names the reference; and an address that leads elsewhere is refused without being repeated."""
    code, told = ask("oncall", "check", "--secrets", secret="env:NO_SUCH_VARIABLE")
    assert code == 1
    assert "channels.robot.secret: env:NO_SUCH_VARIABLE holds nothing" in told


def test_an_address_that_is_not_allowed_is_a_problem(ask, monkeypatch):
    """Its host is told, its token is not."""
    monkeypatch.setenv("ROBOT_URL", "https://evil.example.com/robot/send?access_token=S3cretPart")
    code, told = ask("oncall", "check", "--secrets")
    assert code == 1
    assert "evil.example.com, which is not allowed" in told
    assert "S3cretPart" not in told


def test_a_secret_may_be_a_file(tmp_path, monkeypatch):
    """As Kubernetes mounts it; the last line break is no part of it."""
    (tmp_path / "secret").write_text("S3cretPart\n")
    file = tmp_path / "oncall.yaml"
    file.write_text(FILE.format(starts_on="2020-01-01", secret=f'"file:{tmp_path}/secret"'), encoding="utf-8")
    monkeypatch.setenv("ROBOT_URL", "https://oapi.dingtalk.com/x")
    secrets, problems = secrets_of(load_oncall(file), file="oncall.yaml")
    assert problems == []
    assert secrets["robot"]["secret"].get_secret_value() == "S3cretPart"
    assert "S3cretPart" not in repr(secrets)


def test_who_is_on_call(ask):
    """By name, and as JSON; an unknown roster is the caller's mistake."""
    assert ask("oncall", "who") == (0, "duty: duty-1\n")
    assert json.loads(ask("oncall", "who", "duty", "--at", "2019-12-31T09:00", "--json")[1]) == {"duty": []}
    assert ask("oncall", "who", "nobody")[0] == 2
    assert ask("oncall", "who", "--at", "tomorrow")[0] == 2


@pytest.mark.parametrize(
    ("at", "people"),
    [
        pytest.param("2020-01-01T08:59", [], id="local, a minute before the first duty"),
        pytest.param("2020-01-01T09:00", ["duty-1"], id="local"),
        pytest.param("2020-01-01T09:00+08:00", ["duty-1"], id="the same with its zone"),
        pytest.param("2020-01-01T09:00+09:00", [], id="where it is an hour later"),
        pytest.param("2020-01-01T01:00Z", ["duty-1"], id="in UTC"),
        pytest.param("2020-01-01T00:59Z", [], id="a minute before, in UTC"),
    ],
)
def test_a_moment_may_say_its_zone(ask, at, people):
    """Without one it is by the plan's clock."""
    assert json.loads(ask("oncall", "who", "--at", at, "--json")[1]) == {"duty": people}


def test_the_next_duties(ask):
    """One person alone has one long duty."""
    (duty,) = json.loads(ask("oncall", "preview", "duty", "--days", "3", "--json")[1])
    assert duty["people"] == ["duty-1"]
    assert duty["to_ms"] - duty["from_ms"] == 3 * 86_400_000


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        pytest.param(said(errcode=0), 0, {"outcome": "accepted", "vendor_code": "0"}, id="taken"),
        pytest.param(said(errcode=310000), 1, {"outcome": "unauthorised", "vendor_code": "310000"}, id="refused"),
    ],
)
async def test_a_channel_is_tested_with_a_real_message(ask, monkeypatch, answer, code, told):
    """The vendor's own code is shown, and is the exit code's reason."""
    import asyncio

    async with fake_vendor() as vendor:
        vendor.answering = lambda _: answer
        monkeypatch.setenv("ROBOT_URL", f"{vendor.url}/robot/send?access_token=S3cretPart")
        done = await asyncio.to_thread(ask, "channels", "test", "robot", "--to", "duty-1", "--json")
        (seen,) = vendor.seen
    assert done[0] == code
    assert json.loads(done[1]) == {"channel": "robot", **told}
    assert seen.json()["at"]["atMobiles"] == ["13800000000"]
    assert "【测试】" in seen.body.decode()
