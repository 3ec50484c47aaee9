"""Holding a drill: a name that one had before is refused before anything is sent."""

from typer.testing import CliRunner

from agents.cli.exits import Exit
from agents.cli.main import app
from agents.drill import hold
from agents.drill.storm import DrillError
from tests.agents.drill.test_report import GOOD

ONCALL = """
channels:
  console: {kind: console}
chains:
  normal: {steps: [{tell: ["channel:console"]}]}
routes:
  - chain: normal
drill_channel: console
"""


def test_a_name_is_held_once(tmp_path, monkeypatch):
    """A job that runs each week under one name would else be told what became of its first week."""
    sent = []

    async def read(_settings):
        return GOOD

    async def replay(_settings, records, **_):
        sent.extend(records)

    file = tmp_path / "oncall.yaml"
    file.write_text(ONCALL, "utf-8")
    monkeypatch.setattr(hold, "_read", read)
    monkeypatch.setattr(hold, "replay", replay)
    words = ["drill", "start", "--alerts-per-minute", "1", "--wait", "0", "--name"]
    taken = CliRunner().invoke(app, [*words, "d"], env={"TOCSIN_ONCALL_FILE": str(file)})
    assert isinstance(taken.exception, DrillError)
    assert "a drill of the name d was held; choose another" in str(taken.exception)
    assert not sent
    other = CliRunner().invoke(app, [*words, "e"], env={"TOCSIN_ONCALL_FILE": str(file)})
    assert other.exit_code == Exit.PROBLEMS  # nothing came of it within no time
    assert sent
