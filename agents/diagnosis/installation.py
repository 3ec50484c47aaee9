"""Python, packages, terminal: whether what runs here is what was meant to run."""

import importlib.util
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from agents.diagnosis.finding import Finding, bad, good, odd

OLDEST_PYTHON = (3, 11)
ROOMS = ("schemas", "pipeline", "agents")
TREE = Path(__file__).resolve().parents[2]
# The engine leans on private names of these: another version may lack them, or mean something else by them.
EXACT = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}
OTHERS = (
    *("ahocorasick-rs", "aiohttp", "cramjam", "google-re2", "msgspec", "opencc", "orjson", "prometheus-client"),
    *("pydantic", "pydantic-settings", "PyYAML", "rich", "structlog", "typer"),
)
_INSTALL = "pip install --require-hashes -r requirements/runtime.txt (or: make setup)"


def check_python() -> Iterator[Finding]:
    """The interpreter is new enough."""
    found = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        yield bad("Python", f"{found} is too old", "use Python 3.11 or newer: make setup PYTHON=python3.12")
    else:
        yield good("Python", found)


def check_terminal() -> Iterator[Finding]:
    """Chinese text comes out right."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        yield bad("terminal", f"writes {sys.stdout.encoding}", "start it by the command `tocsin`, or set PYTHONUTF8=1")
    else:
        locale = sys.getfilesystemencoding()
        yield good("terminal", f"writes UTF-8 (file names: {locale}) 中文正常")


def check_packages() -> Iterator[Finding]:
    """Every package is there, and those that the engine leans on in exactly the right version."""
    missing, wrong = [], []
    for package in (*EXACT, *OTHERS):
        try:
            found = version(package)
        except PackageNotFoundError:
            missing.append(package)
            continue
        if package in EXACT and found != EXACT[package]:
            wrong.append(f"{package} {found} instead of {EXACT[package]}")
    if missing:
        yield bad("packages", f"missing: {', '.join(missing)}", _INSTALL)
    if wrong:
        yield bad("packages", ", ".join(wrong), _INSTALL)
    if not missing and not wrong:
        yield good("packages", ", ".join(f"{name} {found}" for name, found in EXACT.items()))


def check_origin() -> Iterator[Finding]:
    """`schemas`, `pipeline` and `agents` are ours: another package may bring a folder of the same name."""
    owners = packages_distributions()
    for room in ROOMS:
        spec = importlib.util.find_spec(room)
        origin = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if origin is None or not origin.is_relative_to(TREE):
            yield bad(f"package {room}", f"comes from {origin}", "use an environment of its own: make setup")
            continue
        strangers = [name for name in owners.get(room, ()) if name != "tocsin"]
        if strangers:
            fix = f"pip uninstall {strangers[0]}, or use an environment of its own: make setup"
            yield odd(f"package {room}", f"{', '.join(strangers)} installs the same name", fix)
        else:
            yield good(f"package {room}", str(origin.parent))
