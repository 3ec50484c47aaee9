"""Programs from outside Python that some tests use: promtool, amtool."""

import os
import shutil

import pytest


def tool(name: str) -> str:
    """The path of a program. Missing: skips on a newcomer's machine, fails in CI, which installs it."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed; deploy/ci/packages.sh installs it on Debian"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"{message}; in CI it must be", pytrace=False)
        pytest.skip(message)
    return path
