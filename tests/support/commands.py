"""Run `tocsin` as a process of its own, as people and scripts do."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOCSIN = (sys.executable, "-c", "from agents.cli.main import main; main()")


def tocsin(
    *arguments: str, environment: Mapping[str, str] | None = None, given: bytes = b"", seconds: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; output as text, which must be UTF-8."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    done = subprocess.run(
        [*TOCSIN, *arguments],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env={**inherited, "NO_COLOR": "1", "COLUMNS": "160", **(environment or {})},
        timeout=seconds,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
