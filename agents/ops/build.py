"""What runs: the versions of the program and of what it leans on. Read from the installed packages, once."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def build() -> dict[str, str]:
    """Versions of the running program, as shown by `/version` and `tocsin_build_info`."""
    return {
        "version": _installed("tocsin"),
        "python": platform.python_version(),
        "faust": _installed("faust-streaming"),
        "aiokafka": _installed("aiokafka"),
    }


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a tree that was never installed
        return "unknown"
