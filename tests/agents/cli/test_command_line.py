"""The command line: its help is quick and complete, its exit codes are the documented ones, its Chinese is right."""

import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from agents.cli.main import COMMANDS
from tests.support.commands import ROOT, tocsin


def test_help_names_every_command() -> None:
    """Each command has its promise in one line."""
    shown = tocsin("--help").stdout
    assert all(re.search(rf"\b{name}\b", shown) for name in COMMANDS)


def test_help_imports_neither_kafka_nor_rules() -> None:
    """`tocsin --help` answers at once, because commands are imported when they are called."""
    code = "import sys; from agents.cli.main import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    modules = set(done.stdout.split())
    assert not modules & {"aiokafka", "faust", "pydantic", "yaml", "msgspec", "jgo"}


@pytest.mark.parametrize("locale", ["C", "POSIX", "zh_CN.GBK", "en_US.ISO-8859-1"])
def test_chinese_is_utf8_in_every_locale(locale: str) -> None:
    """The output is UTF-8 whatever the locale says."""
    done = tocsin(
        "--help", environment={"LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    )
    assert "投诉预警" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        pytest.param(("--version",), {}, 0, "tocsin", id="version"),
        pytest.param(("nothing",), {}, 2, "No such command", id="no such command"),
        pytest.param(("broker", "up", "--prt", "1"), {}, 2, "--port", id="a misspelt option"),
        pytest.param(("topics", "plan"), {"TOCSIN_BROKRE": "x"}, 2, "did you mean TOCSIN_BROKER", id="wrong settings"),
        pytest.param(("topics", "plan"), {"TOCSIN_BROKER": "127.0.0.1:9"}, 3, "127.0.0.1", id="no broker: topics"),
        pytest.param(("tail", "alerts"), {"TOCSIN_BROKER": "127.0.0.1:9"}, 3, "127.0.0.1", id="no broker: tail"),
        pytest.param(("replay", "no/such/file"), {}, 2, "no/such/file", id="no such file"),
        pytest.param(("broker", "up", "--folder", "README.md"), {}, 2, "Not a directory", id="a file as a folder"),
        pytest.param(("broker", "status"), {}, 3, "tocsin broker up", id="no broker of ours"),
    ],
)
def test_exit_codes(arguments, environment, code, said, tmp_path: Path) -> None:
    """How a command ends says what happened; the message says what to do; no traceback is shown."""
    done = tocsin(*arguments, environment={"TOCSIN_CACHE_DIR": str(tmp_path), **environment})
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        pytest.param("<&-", 2, "tocsin: -: standard input is closed\n", id="nothing to read from"),
        pytest.param(">/dev/full", 2, "tocsin: 无法写出 cannot write: No space left on device\n", id="a full disk"),
        pytest.param(">&-", 0, "", id="nobody wants to hear it"),
        pytest.param("| true", 0, "", id="the reader has gone"),
    ],
)
def test_streams_that_are_full_or_closed(redirected: str, code: int, said: str) -> None:
    """A sentence and a code, whatever a shell does to our streams."""
    line = f"{sys.executable} -m agents.cli tag - {redirected}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        input='{"id": "1", "text": "我要投诉"}\n',
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, said)


def test_doctor_says_what_is_wrong_and_how_to_fix_it() -> None:
    """Every finding that is not good comes with its remedy; nothing else fails when the settings do."""
    environment = {"TOCSIN_BROKER": "127.0.0.1:9", "TOCSIN_OPS__PORT": "0"}
    done = tocsin("doctor", "--json", environment=environment)
    findings = orjson.loads(done.stdout)
    assert done.returncode == 1
    assert {finding["what"] for finding in findings if finding["verdict"] == "bad"} == {"broker"}
    assert all(finding["fix"] for finding in findings if finding["verdict"] != "good")
    broken = tocsin("doctor", environment={"TOCSIN_PARTITIONS": "many"})
    assert broken.returncode == 1
    assert "TOCSIN_PARTITIONS" in broken.stdout
