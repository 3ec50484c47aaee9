"""Which process a pid stands for: a pid alone is used again, with its start time and command it is not."""

import os
import shutil
import subprocess
import time
from pathlib import Path

_LOOKS, _LOOK_SECONDS = 100, 0.01


def identity(pid: int) -> str | None:
    """The start time and the command of a living process; None where there is none."""
    proc = Path("/proc") / str(pid)
    if Path("/proc/self/stat").exists():
        for _ in range(_LOOKS):
            try:
                # after the name in brackets, which may hold blanks, come the state and the start time 19 fields later
                fields = (proc / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                command = (proc / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                return None
            if fields[0] == "Z":
                return None
            if command:
                return f"{fields[19]} {_short(command.split(bytes(1)))}"
            time.sleep(_LOOK_SECONDS)  # between exec and its end a process has no command yet
        return None
    ps = shutil.which("ps") or "ps"
    asked = subprocess.run(  # noqa: S603 - a fixed program and a number
        [ps, "-o", "lstart=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def is_alive(pid: int, known: str) -> bool:
    """Whether `pid` is still the process that `known` was taken from."""
    return identity(pid) == known


def signal_if_same(pid: int, known: str, number: int) -> bool:
    """Send a signal, but only to the process that `known` was taken from; whether it was sent."""
    if not is_alive(pid, known):
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _short(words: list[bytes]) -> str:
    return b" ".join((words[0], *words[-3:])).decode(errors="replace").strip()
