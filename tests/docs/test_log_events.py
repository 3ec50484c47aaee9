"""Log events: what the page lists is what the code says, both ways, at the level that it says it."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.support.pages import page, rows
from tests.support.tree import ROOT

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


def said_in(path: Path) -> list[tuple[str, str]]:
    """Event and level of each line that a module logs."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    found = []
    for call in calls:
        match call.func:
            case ast.Attribute(value=ast.Name(id="log"), attr=level) if level in LEVELS:
                event = call.args[0]
                assert isinstance(event, ast.Constant), f"{path.name}:{call.lineno}: write the name out"
                found.append((str(event.value), level))
    return found


def test_every_event_is_documented_and_every_documented_event_is_said():
    """Name and level; an event that several processes say has one line."""
    levels = defaultdict(set)
    for path in sorted((ROOT / "agents").rglob("*.py")):
        for event, level in said_in(path):
            levels[event].add(level)
    listed = {name.strip("`"): set(level.split(" or ")) for name, level, *_ in rows(page("log-events.md"))}
    assert {name: level for name, level in listed.items() if name != "event"} == levels


def test_names_say_what_happened_in_small_letters():
    """One style, so that a search finds them."""
    names = [event for path in (ROOT / "agents").rglob("*.py") for event, _ in said_in(path)]
    assert names
    assert all(name.replace("_", "").isalpha() and name.islower() for name in names)
