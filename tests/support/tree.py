"""The tree as git sees it: tracked files and files that would be added, never ignored ones."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "pipeline", "agents")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the tree, relative to its root, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return tuple(path for path in map(Path, sorted(set(listed))) if (ROOT / path).is_file())


@cache
def texts() -> dict[Path, str]:
    """Every file that is text, by its path relative to the root."""
    found = {}
    for path in files():
        try:
            found[path] = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def sources(*folders: str) -> list[Path]:
    """Python files below `folders`."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in folders]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(texts()[path], filename=str(path))
