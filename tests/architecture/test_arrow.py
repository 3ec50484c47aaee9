"""schemas say, pipeline decides, agents act: the direction of imports, and what the first two may not call."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

from tests.support.tree import PACKAGES, ROOT, parsed, sources

READS_FILES = Path("pipeline/rules/load.py")  # the one edge of the pure packages

BUILTINS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
ATTRIBUTES = {
    "now": "the clock",
    "utcnow": "the clock",
    "today": "the clock",
    "read_text": "files",
    "read_bytes": "files",
    "write_text": "files",
    "write_bytes": "files",
    "getenv": "the environment",
    "environ": "the environment",
}


def test_imports_follow_the_arrow(monkeypatch, capsys):
    """The contracts in pyproject.toml hold."""
    monkeypatch.chdir(ROOT)
    failed = cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not failed, capsys.readouterr().out


def impure_calls(tree: ast.Module) -> Iterator[str]:
    """Calls and attributes that touch the world, with their line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
            yield f"{node.lineno}: {node.func.id}()"
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            yield f"{node.lineno}: .{node.attr} ({ATTRIBUTES[node.attr]})"
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield f"{node.lineno}: async"


@pytest.mark.parametrize("path", [path for path in sources("schemas", "pipeline") if path != READS_FILES], ids=str)
def test_nothing_pure_touches_the_world(path):
    """No clock, file, terminal, environment or waiting in schemas and pipeline; the rule loader is the one edge."""
    found = list(impure_calls(parsed(path)))
    if path.name in {"__main__.py", "export.py"}:  # the export writes the files of `make schemas`
        found = [each for each in found if "now" in each or "environ" in each or "async" in each]
    assert not found


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=str)
def test_private_names_stay_at_home(path):
    """A name with a leading underscore is not imported from another of our files."""
    taken = [
        f"{node.lineno}: {node.module}.{alias.name}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert not taken


@pytest.mark.parametrize(
    ("code", "found"),
    [
        pytest.param("def fold(x, *, now):\n    return now + x", [], id="a pure function"),
        pytest.param("open('x')", ["1: open()"], id="a file"),
        pytest.param("stamp = datetime.now(UTC)", ["1: .now (the clock)"], id="the clock"),
        pytest.param("async def wait(): ...", ["1: async"], id="waiting"),
    ],
)
def test_the_search_for_impure_calls_finds_them(code, found):
    """The test above is only worth as much as what it finds."""
    assert list(impure_calls(ast.parse(code))) == found
