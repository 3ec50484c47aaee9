"""`tocsin demo` from start to end: real Kafka, real worker, the whole day, nothing left running."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import ROOT, TOCSIN, tocsin

pytestmark = pytest.mark.e2e


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


def environment(folder: Path) -> dict[str, str]:
    """The system's folder for temporary files, and with it the demo's, is the test's own."""
    return {"TMPDIR": str(folder)}


def test_the_whole_day_is_judged_as_the_script_says(tmp_path: Path) -> None:
    """Every conversation reaches its level live, one dead letter, no personal number on the screen, nothing stays."""
    done = tocsin("demo", "--exit", "--seconds", "20", environment=environment(tmp_path), seconds=240)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "死信 dead letters 1" in done.stdout
    assert "与预期一致 as expected 98" in done.stdout
    assert "先顾人" in done.stdout
    assert "通知卡片 a card, sent in" in done.stdout
    assert re.search(r"cards delivered [1-9]", done.stdout)
    (tickets,) = [line for line in done.stdout.splitlines() if line.startswith("工单 tickets")]
    assert re.search(r"warnings [1-9].*breaches [1-9].*house rules [1-9]", tickets), tickets
    (promises,) = [line for line in done.stdout.splitlines() if line.startswith("承诺 promises")]
    assert re.search(r"promises [23]\d: 已兑现 kept 1，未兑现 broken 1，", promises), promises
    assert "指令 commands: 转派 2、提级 1、告知客户 1" in tickets
    for secret in ("13800138000", "11010519491231002X", "demo.user@example.com"):
        assert secret not in done.stdout
    assert "\x1b" not in done.stdout
    assert not own_java(tmp_path)
    assert not list((tmp_path / "tocsin").glob("demo-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_stops_everything_that_was_started(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of the day: Kafka and worker end with the demo, and their folder is gone."""
    with subprocess.Popen(
        [*TOCSIN, "demo", "--seconds", "60"],
        cwd=ROOT,
        env={**os.environ, **environment(tmp_path), "COLUMNS": "160", "PYTHONUNBUFFERED": "1"},
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
