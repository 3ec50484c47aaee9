"""Links and names in the docs lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.support.pages import anchors, page, pages, prose
from tests.support.tree import ROOT, texts

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("path", pages(), ids=str)
def test_links_resolve(path):
    """Every relative link names a file of the tree, and an anchor names a heading of it."""
    broken = []
    for target in LINK.findall(prose(pages()[path])):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (ROOT / path.parent / name).resolve() if name else ROOT / path
        if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            broken.append(target)
    assert not broken


def test_pages_named_in_code_exist():
    """A docstring, an alert or a message that sends somebody to a page of the docs sends to one that exists."""
    named = {
        (str(path), page)
        for path, text in texts().items()
        if path.suffix != ".md"
        for page in re.findall(r"\bdocs/[\w/.-]+\.(?:md|json)\b", text)
    }
    assert [(path, page) for path, page in sorted(named) if not (ROOT / page).is_file()] == []


def test_the_index_names_every_page():
    """A page that the index does not name is not found."""
    linked = set(LINK.findall(page("index.md")))
    written = {path.name for path in pages() if path.parent == Path("docs") and path.name != "index.md"}
    assert written <= linked


DECISIONS = sorted(path for path in pages() if path.parent == Path("docs/adr") and path.name != "README.md")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path):
    """Status, problem, options, outcome, price."""
    text = pages()[path]
    assert re.match(rf"# {path.stem[:4]}: \S", text)
    assert re.search(r"^Status: (accepted|proposed|superseded by \d{4})$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Problem", "Options", "Outcome", "Price"]


def test_no_number_of_a_decision_is_used_twice():
    """0001, 0002, …: numbers are handed out before the decision is written, so one may be missing."""
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)


def test_the_index_of_decisions_is_whole():
    """Every decision stands in the index, by the words of its title."""
    titles = [re.match(r"# (\d{4}): (.+)", pages()[path]).groups() for path in DECISIONS]
    listed = [f"| [{number}]({path.name}) | {title} |" for (number, title), path in zip(titles, DECISIONS, strict=True)]
    assert [line for line in page("adr/README.md").splitlines() if line.startswith("| [")] == listed


def test_concept_pages_are_short():
    """One question a page, to be read in one go; tables of reference are exempt."""
    reference = {"settings.md", "metrics.md", "cli.md", "glossary.md", "index.md", "rule-language.md", "model-card.md"}
    lengths = {path.name: text.count("\n") for path, text in pages().items() if path.parent == Path("docs")}
    assert {name: length for name, length in lengths.items() if name not in reference and length > 190} == {}
