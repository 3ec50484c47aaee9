"""Figures and lists in prose that have a source: what the board reads, and the rows behind the README's table."""

import csv
import re

from agents.board.reader import READ
from tests.support.pages import page
from tests.support.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = list(csv.DictReader((ROOT / "bench/results.csv").read_text(encoding="utf-8").splitlines()))


def test_operations_names_every_topic_that_the_board_reads():
    """Whoever writes the board's rights at the broker takes them from there."""
    [said] = re.findall(r"group's offsets, reads (.+?), and writes", page("operations.md"), re.DOTALL)
    assert re.findall(r"`([^`]+)`", said) == [topic.name for topic in READ]


def test_commits_of_the_readme_have_a_row_or_are_said_to_have_none():
    """Rows are the evidence; the date of each is one that the README names."""
    kept = {row["commit"]: row["at"][:10] for row in ROWS}
    for line in README.splitlines():
        for commit in re.findall(r"\bcommit ([0-9a-f]{7})\b", line):
            assert (kept.get(commit, "") in README) if commit in kept else "kept in no row" in line, commit


def test_runs_of_one_commit_that_differ_are_all_told():
    """How long it took to read a million conversations back: every run of a commit, not the best of them."""
    runs: dict[str, list[str]] = {}
    for row in sorted((row for row in ROWS if row["recovery_seconds"]), key=lambda row: float(row["recovery_seconds"])):
        runs.setdefault(row["commit"], []).append(f"{float(row['recovery_seconds']):.1f}")
    [said] = re.findall(r"\| a million conversations read back \| ([^|]+) \|", README)
    assert re.findall(r"\d+\.\d", said) in runs.values()
