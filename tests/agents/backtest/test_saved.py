"""Back-tests that are kept: whole, listed newest first, and nothing else of the folder is read."""

import json

import pytest

from agents.backtest.saved import Backtest, load, save, saved
from schemas.base import MAX_MILLIS
from tests.support.backtests import comparison


def kept(folder, *moments):
    """One back-test for each moment."""
    for at in moments:
        save(folder, Backtest(at, 0, at, comparison()))


def test_what_was_saved_is_read_again(tmp_path):
    """Byte for byte the same comparison, in a folder that was not there."""
    folder = tmp_path / "new"
    kept(folder, 1_700_000_000_000)
    assert load(folder, "1700000000000") == Backtest(1_700_000_000_000, 0, 1_700_000_000_000, comparison())
    assert [path.name for path in folder.iterdir()] == ["1700000000000.json"]


def test_the_newest_comes_first_and_what_is_none_of_ours_is_passed_over(tmp_path):
    """Other files, broken ones and half ones do not hide the rest."""
    kept(tmp_path, 9, 10)
    (tmp_path / "11.json").write_text("{}")
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "12.half").write_text("{")
    assert [each.id for each in saved(tmp_path)] == ["10", "9"]
    assert (saved(tmp_path)[0].before, saved(tmp_path)[0].after) == ("old", "new")
    assert saved(tmp_path / "nowhere") == []


@pytest.mark.parametrize("moment", ["made_at", "since", "until"])
def test_a_file_with_a_moment_that_no_calendar_has_is_passed_over(tmp_path, moment):
    """The page could not write it, and would show none of the others either."""
    kept(tmp_path, 9, 10)
    written = json.loads((tmp_path / "10.json").read_text("utf-8"))
    for beyond in (MAX_MILLIS + 1, -1):
        (tmp_path / "10.json").write_text(json.dumps(written | {moment: beyond}), "utf-8")
        assert [each.id for each in saved(tmp_path)] == ["9"]
        assert load(tmp_path, "10") is None


def test_what_was_told_at_no_time_of_any_calendar_is_not_shown(tmp_path):
    """The list needs no more of a file than its head; the page asks for the rest."""
    kept(tmp_path, 9)
    written = json.loads((tmp_path / "9.json").read_text("utf-8"))
    written["report"]["added"][0]["at_ms"] = MAX_MILLIS + 1
    (tmp_path / "9.json").write_text(json.dumps(written), "utf-8")
    assert load(tmp_path, "9") is None


@pytest.mark.parametrize("name", ["../secret", "1/../2", "", "x", "1.json", "11"])
def test_only_names_of_ours_are_opened(tmp_path, name):
    """A name is digits: nothing leads out of the folder, and a file that is no back-test is none."""
    (tmp_path / "11.json").write_text(json.dumps({"made_at": 11}))
    (tmp_path.parent / "secret.json").write_text("{}")
    assert load(tmp_path, name) is None
