"""What may and may not stand in a file of the tree."""

import ast
import json
import re

import pytest
from ahocorasick_rs import AhoCorasick

from tests.support.shared_data import shared_data
from tests.support.tree import PACKAGES, ROOT, parsed, sources, texts

# Put together here so that this file does not find itself.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("maven", "org"),
        ("maven", "apache", "org"),
        ("crates" + "", "io"),
        ("golang", "org"),
        ("rubygems", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
]
LEFTOVERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.~}/-])(?:/(?:home|Users|root|work)/|[A-Z]:\\Users)")
EMPTY_NAMES = {"utils", "util", "common", "helpers", "manager", "misc", "base2"}
LONG_LINES_COUNT = 250


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs: `path:line`."""
    return [
        f"{path}:{number}"
        for path, text in texts().items()
        if path.parts[:2] != ("tests", "architecture")
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_is_named():
    """The tree holds wherever packages come from: no registry's host name, also not in a lock."""
    assert not lines_with(re.compile("|".join(map(re.escape, REGISTRY_HOSTS))))


def test_no_path_of_a_machine():
    """Nothing points into somebody's home folder."""
    assert not lines_with(MACHINE_PATH)


def test_nothing_is_left_for_later():
    """What is not done is an issue, not a comment."""
    assert not lines_with(LEFTOVERS)


def test_file_names_are_nouns_a_newcomer_would_look_for():
    """No file is called after nothing."""
    assert not [path for path in sources(*PACKAGES) if path.stem in EMPTY_NAMES]


def test_nine_of_ten_files_are_short():
    """When a file grows, there is a second noun in it."""
    lengths = {path: texts()[path].count("\n") for path in sources(*PACKAGES)}
    long = sorted(path for path, length in lengths.items() if length > LONG_LINES_COUNT)
    assert len(long) <= len(lengths) / 10, long


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_code_is_a_package(package):
    """An __init__.py with one paragraph everywhere, so that the tree's own packages win over namespace packages."""
    folders = {path.parent for path in sources(package)}
    assert not [folder for folder in folders if not (ROOT / folder / "__init__.py").is_file()]


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=str)
def test_a_module_says_what_it_holds(path):
    """The first thing in a module is a paragraph on what the room holds."""
    assert ast.get_docstring(parsed(path))


def test_every_test_says_what_it_shows():
    """Each test has a docstring whose first line is a sentence."""
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path in sources("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not (ast.get_docstring(node) or "").split("\n")[0].endswith((".", "?"))
    ]
    assert not silent


def test_no_test_is_skipped_for_good():
    """A missing broker is a failure. A missing ../shared or promtool skips, by tests/support alone and never in CI.

    A missing kubectl does so in CI too: nothing that CI may install brings a new enough one.
    """
    skips = [
        f"{path}:{node.lineno}"
        for path in sources("tests")
        if path.parts[:2] != ("tests", "support")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "importorskip"}
    ]
    assert not skips


@pytest.mark.parametrize("name", ["dialogues_dev.jsonl", "eval_dev.jsonl", "texts_dev.jsonl"])
def test_no_evaluation_text_in_the_product(name):
    """The evaluation texts are internal: none of their sentences stands in the product, the demo or the docs."""
    product = "\n".join(text for path, text in texts().items() if path.parts[0] not in {"tests", "requirements"})
    sentences = {
        sentence
        for line in shared_data(name).read_text(encoding="utf-8").splitlines()
        for text in _strings(json.loads(line))
        for sentence in re.split(r"[，。！？；,.!?;\s]+", text)
        if len(re.findall(r"[\u4e00-\u9fff]", sentence)) >= 14  # shorter ones are everybody's words
    }
    assert not AhoCorasick(list(sentences)).find_matches_as_strings(product)


def _strings(value: object) -> list[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return []
