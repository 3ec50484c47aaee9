"""The pages of the docs: headings, links, fenced blocks, tables."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.support.tree import ROOT, texts


class Block(NamedTuple):
    """One fenced block: where, what it says to be, and its text."""

    page: Path
    line: int
    language: str
    about: str
    text: str


def pages() -> dict[Path, str]:
    """Every Markdown page of the tree that we write by hand."""
    return {path: text for path, text in texts().items() if path.suffix == ".md"}


def page(name: str) -> str:
    """One page below docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[Block]:
    """Fenced blocks of one language, on all pages."""
    return [
        Block(path, text[: match.start()].count("\n") + 1, match[1], match[2], match[3])
        for path, text in pages().items()
        for match in re.finditer(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        if match[1] == language
    ]


def first_cells(text: str) -> list[str]:
    """What stands in backquotes in the first cell of each table row."""
    return [name for line in text.splitlines() if line.startswith("| `") for name in _quoted(line.split("|")[1])]


def rows(text: str) -> list[list[str]]:
    """Every table row of a page, cell by cell, without headings and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not re.match(r"\|\s*-", line)]


def anchors(text: str) -> set[str]:
    """The anchors that headings make."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
