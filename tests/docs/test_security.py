"""The page on security: every threat names the tests that would notice, and they are there."""

import re

import pytest

from tests.support.pages import page, rows
from tests.support.tree import ROOT

THREATS = [row for row in rows(page("security.md")) if len(row) == 3 and row[2].startswith("`tests/")]


@pytest.mark.parametrize("threat", THREATS, ids=lambda row: row[0])
def test_every_threat_has_its_tests(threat):
    """A file, and a test of that name in it."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", threat[2])
    assert named
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), file


def test_the_list_is_as_long_as_what_was_asked_for():
    """Forged callback, replayed link, wrong role, oversized body, injection, templates, log, CSRF: and more."""
    told = " ".join(row[0] for row in THREATS)
    asked = ("forged callback", "replayed", "wrong role", "oversized", "customer's words", "template", "log", "CSRF")
    assert [each for each in asked if each not in told] == []


def test_there_is_no_template_language():
    """What is not there needs no sandbox."""
    assert "jinja2" not in (ROOT / "requirements/runtime.txt").read_text("utf-8").lower()
