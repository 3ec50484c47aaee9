"""The last day by region and level, from the rows of a partition."""

import pytest

from pipeline.regions.day import last_day
from pipeline.regions.state import RegionRow
from pipeline.rows import Store
from schemas.vocabulary import Level
from tests.support.alerts import DAY, HOUR, HOUR_START_MS, MINUTE, SECOND, alert, run, tick

GUANGDONG = ("440000", Level.EXPLICIT)


def rises(events, *, now):
    """The last day as it stands `now` after the start of the hour."""
    _, rows = run(events)
    store = Store(RegionRow)
    store.load(rows.items())
    store.loaded(now_ms=0)
    return last_day(store.get, now_ms=HOUR_START_MS + now)


@pytest.mark.parametrize(
    ("at", "now", "count"),
    [
        pytest.param(5 * SECOND, 6 * SECOND, 1, id="the running minute"),
        pytest.param(5 * SECOND, 50 * MINUTE, 1, id="a minute of the running hour"),
        pytest.param(MINUTE, 0, 0, id="a clock that runs ahead: not yet"),
        pytest.param(5 * SECOND, HOUR + SECOND, 1, id="an hour that is over and not closed"),
        pytest.param(5 * SECOND, 5 * HOUR, 1, id="an hour of which the minutes are gone"),
        pytest.param(5 * SECOND, DAY - 2 * MINUTE, 1, id="the last of the whole hours"),
        pytest.param(5 * SECOND, DAY, 0, id="an hour that is no longer whole"),
    ],
)
def test_what_is_in_the_last_day(at, now, count):
    """Whole hours and the minutes since; nobody counts twice."""
    assert rises([alert(1, at), tick(now)], now=now)[GUANGDONG] == count


def test_regions_and_levels_are_apart():
    """Channels are not: a region is one number a level."""
    found = rises(
        [
            alert(1, 0),
            alert(2, SECOND, channel="chat"),
            alert(3, SECOND, level=Level.HIGH_RISK),
            alert(4, SECOND, region="Mars"),
            alert(5, SECOND, test="drill-1"),
        ],
        now=MINUTE,
    )
    assert found == {GUANGDONG: 2, ("440000", Level.HIGH_RISK): 1, ("unknown", Level.EXPLICIT): 1}


def test_nothing_was_heard_yet():
    """A partition without rows."""
    assert rises([], now=0) == {}
