"""`tocsin demo` that is interrupted leaves nothing running; `--exit` tells by its code what came of the day."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli import demo
from agents.cli.main import app
from agents.demo.tally import Tally
from agents.settings import Settings, load_settings
from schemas.vocabulary import Level
from tests.support.commands import ROOT, TOCSIN


def own_java(folder: Path) -> list[str]:
    """Brokers that run in this folder."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            command = (proc / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "kafka.Kafka" in command:
            found.append(command)
    return found


@pytest.mark.parametrize(
    ("level", "exit_code"),
    [pytest.param(Level.EXPLICIT, 0, id="as the script says"), pytest.param(Level.NONE, 1, id="a level was missed")],
)
def test_exit_tells_whether_a_level_was_missed(monkeypatch: pytest.MonkeyPatch, level: Level, exit_code: int) -> None:
    """`--exit` ends after the summary; what the whole day comes to is in `tests/e2e/test_demo.py`."""
    monkeypatch.setattr(demo, "_run", lambda *_: Tally(levels={"call-1": level}))
    monkeypatch.setattr(demo.script, "levels", lambda: {"call-1": Level.EXPLICIT})
    monkeypatch.setattr(demo, "ends_like_ctrl_c", lambda: None)
    assert CliRunner().invoke(app, ["demo", "--exit"]).exit_code == exit_code


def test_variables_of_others_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither by us nor by what we start, whatever they say; they are there again afterwards. Kafka's cache is."""
    of_others = {
        "TOCSIN_TOPIC_PREFIX": "prod.",
        "tocsin_rules_dir": "/none",
        "TOCSIN_SECURITY__PROTOCOL": "SASL_SSL",
        "TOCSIN_NO_SUCH": "x",
    }
    cache = {"TOCSIN_CACHE_DIR": str(tmp_path)}
    for name in [each for each in os.environ if each.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    for name, value in (of_others | cache).items():
        monkeypatch.setenv(name, value)
    seen = []

    def run(*_: object) -> Tally:
        seen.append((load_settings(), {name: os.environ[name] for name in os.environ if name.upper()[:7] == "TOCSIN_"}))
        return Tally(levels={})

    monkeypatch.setattr(demo, "_run", run)
    monkeypatch.setattr(demo.script, "levels", dict)
    monkeypatch.setattr(demo, "ends_like_ctrl_c", lambda: None)
    assert CliRunner().invoke(app, ["demo", "--exit"]).exit_code == 0
    assert seen == [(Settings(_env_prefix="NONE_", cache_dir=tmp_path), cache)]
    assert of_others.items() <= os.environ.items()


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_stops_everything_that_was_started(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of the day: Kafka and worker end with the demo, and their folder is gone."""
    with subprocess.Popen(
        [*TOCSIN, "demo", "--seconds", "60"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "160", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        start_new_session=True,
        # A suite that a script started in the background ignores SIGINT, and so would whatever it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (it takes no lock)
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b"call-" in line:
                break
        running = own_java(tmp_path)
        process.send_signal(number)
        process.stdout.read()
        assert process.wait(60) == 130
    assert running
    assert not own_java(tmp_path)
    assert not list((tmp_path / "tocsin").glob("demo-*"))
