"""Surges of regions, weeks long: found soon, quiet when it is quiet, the same again from the same log."""

import pytest

from pipeline.regions.state import usual_key
from pipeline.rows import encode_row
from pipeline.surge.judge import Change
from schemas.vocabulary import ReasonGroup
from schemas.windows import RegionUsual, RegionWindow
from tests.support.alerts import HOUR, MINUTE
from tests.support.storms import DAY, Storm, complaints, judged, monday_ms, surges

START_MS = monday_ms(2026, 3, 2)
WEEKS = 2


def told(outputs):
    """Which series, what, and when."""
    return [
        (each.fingerprint.removeprefix("surge:440000:"), each.tags[0], each.occurred_at) for each in surges(outputs)
    ]


def weeks(*storms, an_hour=20, seed=5, weeks_count=WEEKS):
    """Some weeks of one region."""
    end_ms = START_MS + weeks_count * 7 * DAY
    return judged(complaints(START_MS, end_ms, an_hour=an_hour, seed=seed, storms=storms), until_ms=end_ms)


@pytest.mark.parametrize("an_hour", [2, 20])
def test_quiet_weeks_are_quiet(an_hour):
    """At most two false surges a region and week, in a small region and a middling one, the first days included."""
    opened = [each for each in surges(weeks(an_hour=an_hour)[0]) if Change.OPENED in each.tags]
    assert len(opened) <= 2 * WEEKS


def test_a_315_storm_is_found_and_resolves():
    """Ten times the usual on the morning of 15 March: one surge, told once, over when it is over."""
    at_ms = monday_ms(2026, 3, 15, 10)  # a Sunday: some three complaints an hour are usual for the reason
    outputs, _ = weeks(Storm(at_ms, 90, 10.0, ReasonGroup.AFTER_SALES))
    storm = [(name, change, (when - at_ms) // MINUTE) for name, change, when in told(outputs) if when >= at_ms]
    assert (storm[0][0], storm[0][1]) == ("after_sales", "opened")
    assert storm[0][2] <= 25
    assert [change for name, change, _ in storm if name == "after_sales"][-1] == "resolved"
    assert storm[-1][2] <= 90 + 75
    assert len([1 for _, change, _ in storm if change == "opened"]) == 1


def test_it_is_open_within_two_looks_of_being_clear():
    """A burst that is beyond doubt opens in the second minute that is over, and names what it was measured against."""
    at_ms = monday_ms(2026, 3, 13, 10)
    outputs, _ = weeks(Storm(at_ms, 30, 60.0, ReasonGroup.LOGISTICS))
    first = next(each for each in surges(outputs) if each.occurred_at >= at_ms)
    assert first.occurred_at <= at_ms + 2 * MINUTE
    assert first.fingerprint == "surge:440000:logistics"
    assert first.count >= 5
    assert first.baseline is not None
    assert first.count / first.baseline > 2


def test_a_storm_of_everything_is_told_and_counted_whole():
    """All reasons at once: the region as a whole surges, and what surges by itself is not counted again in it."""
    at_ms = monday_ms(2026, 3, 13, 10)
    outputs, _ = weeks(Storm(at_ms, 60, 8.0))
    opened = {name for name, change, when in told(outputs) if change == "opened" and at_ms <= when < at_ms + HOUR}
    assert "service" in opened or "all" in opened


def test_in_the_first_days_nothing_is_judged():
    """Learning is said: no surge, and the whole of a region is not foretold, before four days were seen."""
    at_ms = START_MS + 2 * DAY + 10 * HOUR
    outputs, _ = weeks(Storm(at_ms, 60, 20.0), weeks_count=1)
    assert [each for each in told(outputs) if each[2] < START_MS + 4 * DAY] == []
    foretold = [each for each in outputs if isinstance(each, RegionUsual)]
    assert all(each.total is None for each in foretold if each.hour_start < START_MS + 4 * DAY)
    assert any(each.total is not None for each in foretold)


def test_the_same_log_gives_the_same_again():
    """Windows, surges, foretold hours and rows, byte for byte."""
    storm = Storm(START_MS + 5 * DAY + 10 * HOUR, 60, 8.0)
    one, other = weeks(storm, weeks_count=1), weeks(storm, weeks_count=1)
    assert one[0] == other[0]
    assert {key: encode_row(row) for key, row in one[1].items()} == {
        key: encode_row(row) for key, row in other[1].items()
    }


def test_what_was_foretold_is_what_came():
    """After a week and a half the expected complaints of a day are near those that came, and the season is in them."""
    outputs, store = weeks()
    day_ms = monday_ms(2026, 3, 12)  # within the 315 season
    foretold = {each.hour_start: each for each in outputs if isinstance(each, RegionUsual)}
    hours = [foretold[day_ms + n * HOUR] for n in range(24)]
    counts = {each.window_start: each for each in outputs if isinstance(each, RegionWindow) and each.window_s == 3600}
    assert counts
    came = sum(
        sum(window.complaints.values())
        for (start, _), window in {
            (each.window_start, each.channel): each
            for each in outputs
            if isinstance(each, RegionWindow) and each.window_s == 3600 and each.closed
        }.items()
        if day_ms <= start < day_ms + DAY
    )
    assert {each.factor for each in hours} == {2.0}
    assert sum(each.total for each in hours) == pytest.approx(came, rel=0.25)
    assert store.get(usual_key("440000")).usual.cells["all"]["workday/9"].seen >= 8
