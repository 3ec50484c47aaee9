"""The doctor reads every file that keeps a worker from starting, and names the one that does."""

import pytest

from agents.diagnosis import CHECKS
from agents.diagnosis.files import check_files
from agents.diagnosis.finding import Verdict

GOOD = {"model": Verdict.GOOD, "regions": Verdict.GOOD, "on call": Verdict.GOOD}


def test_shipped_files_are_good():
    """Nothing is set: a worker starts with what is shipped; the doctor looks at it."""
    assert check_files in CHECKS
    assert {finding.what: finding.verdict for finding in check_files()} == GOOD


@pytest.mark.parametrize(
    ("variable", "name", "content", "what", "told"),
    [
        pytest.param("ONCALL_FILE", "oncall.yaml", b"channels: {ops: {kind: nosuch}}", "on call", "ops", id="on call"),
        pytest.param("REGIONS_FILE", "regions.yaml", b"nonsense: [", "regions", "regions.yaml", id="regions, no YAML"),
        pytest.param("REGIONS_FILE", "regions.yaml", b"queues: {a: Atlantis}", "regions", "queues.a", id="no region"),
        pytest.param("MODEL", "own.npz", b"no model", "model", "own.npz", id="model"),
    ],
)
def test_a_broken_file_is_named(monkeypatch, tmp_path, variable, name, content, what, told):
    """It alone is bad, with what is wrong in it and a remedy."""
    (tmp_path / name).write_bytes(content)
    monkeypatch.setenv(f"TOCSIN_{variable}", str(tmp_path / name))
    findings = {finding.what: finding for finding in check_files()}
    assert {each: finding.verdict for each, finding in findings.items()} == GOOD | {what: Verdict.BAD}
    assert told in findings[what].detail
    assert findings[what].fix


def test_two_broken_files_are_both_named(monkeypatch, tmp_path):
    """A worker would stop at the first."""
    for variable in ("ONCALL_FILE", "REGIONS_FILE"):
        (tmp_path / variable).write_text("nonsense: [", encoding="utf-8")
        monkeypatch.setenv(f"TOCSIN_{variable}", str(tmp_path / variable))
    assert [finding.what for finding in check_files() if finding.verdict is Verdict.BAD] == ["regions", "on call"]
