"""The labelled development set: the rules alone stay above a floor, so that a change that costs quality is seen."""

import orjson
import pytest

from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role
from tests.support.shared_data import shared_data

NAMES = {"high": "high_risk"}  # the labels' name for the last level


@pytest.fixture(scope="module")
def judged() -> list[tuple[Level, Level]]:
    """Label and judgement of each item; the labels count a bare enquiry as none."""
    lines = shared_data("eval_dev.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    findings = Tagger(load_pack(), inquiry_level=Level.NONE).tag(
        [row["text"] for row in rows], [Role(row["role"]) for row in rows]
    )
    got = [finding.level if finding else Level.NONE for finding in findings]
    return [(Level(NAMES.get(row["level"], row["level"])), level) for row, level in zip(rows, got, strict=True)]


def f1(judged, level):
    """Harmonic mean of precision and recall of one level."""
    hits = sum(label is got is level for label, got in judged)
    return 2 * hits / max(1, sum(label is level for label, _ in judged) + sum(got is level for _, got in judged))


def test_macro_f1(judged):
    """Every level counts the same."""
    assert sum(f1(judged, level) for level in Level) / len(Level) >= 0.88


@pytest.mark.parametrize("level", list(Level))
def test_no_level_is_neglected(level, judged):
    """Words alone missed nine of ten latent complaints; that must not come back."""
    assert f1(judged, level) >= 0.8
