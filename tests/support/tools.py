"""Programs of the operating system that the deployment tests run. Missing, they fail in CI alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT


def tool(name: str) -> str:
    """Where a program is. A newcomer has Python and make only: without it the test skips there, and fails in CI."""
    path = shutil.which(name) or next((str(each) for each in [Path("/usr/sbin") / name] if each.is_file()), None)
    if path is None:
        message = f"{name} is not installed; deploy/ci/packages.sh installs it (Debian and Ubuntu)"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return path


def kustomized(folder: Path) -> str:
    """What kubectl, 1.21 or newer, renders of an overlay. Without it the test skips in CI too.

    Debian's own is older than components are, so deploy/ci/packages.sh cannot install one.
    """
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed, and no package of Debian's brings 1.21 or newer")
    return run("kubectl", "kustomize", str(folder))


def run(name: str, *arguments: str) -> str:
    """Run a program in the root of the tree; fails with its own words when it does not succeed."""
    done = subprocess.run([tool(name), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        pytest.fail(f"{name} {' '.join(arguments)} failed:\n{said}")
    return said
