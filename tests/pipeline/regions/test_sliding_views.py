"""Sliding views: sums over published windows."""

from datetime import timedelta

import pytest

from pipeline.regions.views import sliding_sum
from schemas.vocabulary import Level, ReasonGroup
from tests.support.alerts import HOUR, HOUR_START_MS, MINUTE, alert, run, tick


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param(timedelta(minutes=5), 5, id="five minutes"),
        pytest.param(timedelta(minutes=15), 15, id="a quarter"),
        pytest.param(timedelta(hours=1), 60, id="an hour"),
        pytest.param(timedelta(hours=24), 600, id="a day: hours, and minutes of the hour that is not over"),
    ],
)
def test_views_are_sums(span, expected):
    """One alert a minute for ten hours: each view holds as many as it has minutes."""
    windows, _ = run([alert(number, number * MINUTE) for number in range(600)])
    totals = sliding_sum(windows, until_ms=HOUR_START_MS + 10 * HOUR, span=span)
    assert totals.alerts == {Level.EXPLICIT: expected}
    assert totals.counts == {(Level.EXPLICIT, ReasonGroup.AFTER_SALES): expected}


def test_only_the_newest_version_counts():
    """A reader may see every version of a window; it counts the last."""
    windows, _ = run([alert(1), alert(2), alert(3), tick(HOUR)])
    assert len(windows) == 4
    totals = sliding_sum([*windows, *windows], until_ms=HOUR_START_MS + HOUR, span=timedelta(hours=1))
    assert totals.alerts == {Level.EXPLICIT: 3}
