"""Tiles: the spans slide, versions replace, hours take over from minutes."""

import pytest

from agents.board.heat import Heat
from schemas.vocabulary import ChannelClass, Level, ReasonGroup
from tests.support.alerts import HOUR, HOUR_START_MS, MINUTE
from tests.support.boards import window


@pytest.mark.parametrize(
    ("minutes_ago", "spans"),
    [
        pytest.param(0, ["15m", "1h", "24h"], id="the running minute"),
        pytest.param(14, ["15m", "1h", "24h"], id="the last minute of a quarter"),
        pytest.param(15, ["1h", "24h"], id="just out of the quarter"),
        pytest.param(59, ["1h", "24h"], id="the last minute of the hour"),
        pytest.param(60, ["24h"], id="just out of the hour"),
        pytest.param(-1, [], id="a clock that is ahead counts when its minute has come"),
    ],
)
def test_a_minute_is_in_the_spans_that_reach_it(minutes_ago, spans):
    """Both sides of every border."""
    heat = Heat()
    now_ms = HOUR_START_MS + 90 * MINUTE + 30_000
    heat.take(window(HOUR_START_MS + (90 - minutes_ago) * MINUTE))
    assert list(heat.tile("440000", now_ms=now_ms).spans) == spans


def test_the_highest_version_counts():
    """A late event corrects a window; an older version that is read later changes nothing."""
    heat = Heat()
    for version, n in ((1, 1), (3, 5), (2, 2)):
        heat.take(window(HOUR_START_MS, version=version, alerts={Level.EXPLICIT: n}))
    assert heat.tile("440000", now_ms=HOUR_START_MS).spans["1h"].alerts == {Level.EXPLICIT: 5}


def test_channels_add_up_and_reasons_are_told_apart():
    """A tile is all channels of a region; a choice of a reason needs its cell."""
    heat = Heat()
    heat.take(window(HOUR_START_MS))
    heat.take(window(HOUR_START_MS, channel=ChannelClass.CHAT))
    found = heat.tile("440000", now_ms=HOUR_START_MS).spans["1h"]
    assert found.alerts == {Level.EXPLICIT: 4}
    assert found.reasons == {f"{Level.EXPLICIT}/{ReasonGroup.AFTER_SALES}": 4}


def test_a_day_is_hours_where_they_are_published():
    """Minutes are let go after two hours, and the hour that they made up stands for them."""
    heat = Heat()
    heat.take(window(HOUR_START_MS))
    heat.take(window(HOUR_START_MS, window_s=3600, closed=True))
    now_ms = HOUR_START_MS + 5 * HOUR
    heat.forget(now_ms=now_ms)
    assert heat.tile("440000", now_ms=now_ms).spans["24h"].alerts == {Level.EXPLICIT: 2}
    heat.forget(now_ms=HOUR_START_MS + 26 * HOUR)
    assert heat.tile("440000", now_ms=HOUR_START_MS + 5 * HOUR).spans == {}


def test_the_newest_minute_is_one_in_which_something_rose():
    """An empty window of a region is no news."""
    heat = Heat()
    heat.take(window(HOUR_START_MS))
    heat.take(window(HOUR_START_MS + MINUTE, alerts={}, counts=()))
    assert heat.tile("440000", now_ms=HOUR_START_MS + HOUR).newest_at == HOUR_START_MS
