"""Tiles: the spans slide, versions replace, hours take over from minutes."""

import pytest

from agents.board.heat import Heat
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup
from schemas.windows import RegionUsual
from tests.support.alerts import HOUR, HOUR_START_MS, MINUTE, alert
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


def usual(hour, total, **changes):
    """What an hour should bring to Guangdong."""
    return RegionUsual(region="440000", hour_start=HOUR_START_MS + hour * HOUR, total=total, **changes)


def test_a_span_is_held_against_its_hours():
    """Half of an hour that brings 8 and half of one that brings 20; a day with an hour unknown is not known."""
    heat = Heat()
    heat.take(window(HOUR_START_MS + HOUR, complaints={ReasonGroup.SERVICE: 21}))
    for each in (usual(0, 8.0), usual(1, 20.0), usual(0, 80.0, emitted_at=-1)):
        heat.foretell(each)
    tile = heat.tile("440000", now_ms=HOUR_START_MS + HOUR + 29 * MINUTE)
    assert (tile.spans["1h"].complaints, tile.spans["1h"].usual) == (21, 14.0)
    assert tile.spans["15m"].usual == 5.0
    assert tile.spans["24h"].usual is None
    assert not tile.is_learning


def test_a_region_that_learns_says_so():
    """No record, or one without a number."""
    heat = Heat()
    assert heat.tile("440000", now_ms=HOUR_START_MS).is_learning
    heat.foretell(usual(0, None))
    assert heat.tile("440000", now_ms=HOUR_START_MS).is_learning


def test_a_surge_stands_until_it_is_resolved():
    """In whatever order the alerts are read."""

    def surge(at_ms, tag, series="service"):
        return alert(1, at_ms, kind=AlertKind.SURGE, fingerprint=f"surge:440000:{series}", tags=(tag,))

    heat = Heat()
    for each in (surge(2, "grown"), surge(0, "opened"), surge(0, "opened", "all")):
        heat.surge(each)
    assert heat.tile("440000", now_ms=HOUR_START_MS).surges == ("all", "service")
    heat.surge(surge(3, "resolved"))
    heat.surge(surge(1, "grown"))
    assert heat.tile("440000", now_ms=HOUR_START_MS).surges == ("all",)
    heat.forget(now_ms=HOUR_START_MS + 26 * HOUR)
    assert heat.tile("440000", now_ms=HOUR_START_MS + 26 * HOUR).surges == ()
