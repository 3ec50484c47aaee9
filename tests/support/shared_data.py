"""Files of `../shared/data` beside the clone: texts that tests may read and that never enter the product."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared_data(name: str) -> Path:
    """The path of a shared file. Missing: skips on a newcomer's machine, fails in CI, where it must be there."""
    path = FOLDER / name
    if not path.exists():
        message = f"../shared/data/{name} is not beside the clone"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(f"{message}; in CI it must be", pytrace=False)
        pytest.skip(message)
    return path
