"""Windows of event time: counted, corrected, closed, forgotten."""

import pytest

from pipeline.regions.state import CLOCK_KEY, MINUTES_KEY, recent_key, usual_key
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup
from tests.support.alerts import ATTITUDE, DAY, HOUR, HOUR_START_MS, MINUTE, REFUND, SECOND, alert, run, tick


def minutes_of(windows):
    """The windows of a minute."""
    return [window for window in windows if window.window_s == 60]


def hours_of(windows):
    """The windows of an hour."""
    return [window for window in windows if window.window_s == 3600]


def cells(window):
    """Counts by level and reason."""
    return {(cell.level, cell.reason_l1): cell.count for cell in window.counts}


def test_each_alert_publishes_its_minute():
    """A snapshot after each alert, each under a higher version."""
    windows, _ = run([alert(1, 5 * SECOND), alert(2, 59 * SECOND)])
    assert [(window.window_start, window.version, window.closed) for window in windows] == [
        (HOUR_START_MS, 1, False),
        (HOUR_START_MS, 2, False),
    ]
    assert windows[-1].alerts == {Level.EXPLICIT: 2}


def test_an_alert_counts_once_for_its_level_and_once_for_each_reason():
    """Two reasons of one group are one; no reason at all is `other`."""
    windows, _ = run([alert(1, 0, reasons=(REFUND, ATTITUDE, REFUND)), alert(2, 1, reasons=())])
    assert windows[-1].alerts == {Level.EXPLICIT: 2}
    assert cells(windows[-1]) == {
        (Level.EXPLICIT, ReasonGroup.AFTER_SALES): 1,
        (Level.EXPLICIT, ReasonGroup.SERVICE): 1,
        (Level.EXPLICIT, ReasonGroup.OTHER): 1,
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"previous_level": Level.EXPLICIT}, id="a new threat group is no rise"),
        pytest.param({"test": "drill-1"}, id="a drill"),
        pytest.param({"kind": AlertKind.SURGE}, id="a surge is made of alerts"),
        pytest.param({"level": None}, id="no level"),
    ],
)
def test_what_is_not_counted(changes):
    """Only rises of conversations are."""
    assert run([alert(1, 0, **changes)])[0] == []


@pytest.mark.parametrize("region", ["Mars", "", "440100"])
def test_a_region_that_is_no_label_counts_as_unknown(region):
    """The number of windows is bounded, whatever foreign producers write."""
    windows, _ = run([alert(1, 0, region=region)])
    assert windows[0].region == "unknown"


def test_a_repeated_alert_changes_nothing():
    """Told apart by its id, in the window that it belongs to."""
    once = run([alert(1), alert(2, 70 * SECOND)])
    assert run([alert(1), alert(2, 70 * SECOND), alert(1)]) == once


@pytest.mark.parametrize(
    ("later_ms", "is_closed"),
    [
        pytest.param(3 * MINUTE - 1, False, id="a moment before two minutes have passed since its end"),
        pytest.param(3 * MINUTE, True, id="two minutes after its end"),
    ],
)
def test_event_time_closes_a_window(later_ms, is_closed):
    """The watermark is the newest event time less two minutes."""
    windows, _ = run([alert(1), alert(2, later_ms, region="110000")])
    closed = [window for window in windows if window.closed]
    assert [window.region for window in closed] == (["440000"] if is_closed else [])


@pytest.mark.parametrize("ahead_ms", [3 * MINUTE, HOUR, 20 * HOUR], ids=["three minutes", "an hour", "20 hours"])
def test_a_clock_that_is_ahead_closes_nothing(ahead_ms):
    """Its alert counts where it says, and closes with its own minute; the others count as if it had not come."""
    ahead = alert(2, ahead_ms, region="110000", emitted_at=HOUR_START_MS)
    ticks = [tick(at_ms) for at_ms in range(MINUTE, 22 * HOUR, MINUTE)]
    others = [alert(1), alert(3, 30 * SECOND), *ticks[:2], alert(4, 2 * MINUTE), *ticks[2:]]
    windows, _ = run([ahead, *others])
    assert [each for each in windows if each.region != "110000"] == run(others)[0]
    mine = [each for each in windows if each.region == "110000" and each.window_s == 60]
    assert [(each.window_start, each.closed, each.late) for each in mine] == [
        (HOUR_START_MS + ahead_ms, False, 0),
        (HOUR_START_MS + ahead_ms, True, 0),
    ]
    assert [each.closed for each in hours_of(windows) if each.region == "110000"] == [True]


def test_an_old_recording_moves_time_by_when_it_was_said():
    """It was sent long after; the windows close as the calls of that day go on."""
    sent = {"emitted_at": HOUR_START_MS + 3 * DAY}
    windows, _ = run([alert(1, **sent), alert(2, 3 * MINUTE, region="110000", **sent), alert(3, SECOND, **sent)])
    assert [(each.region, each.closed, each.late) for each in windows] == [
        ("440000", False, 0),
        ("110000", False, 0),
        ("440000", True, 0),
        ("440000", True, 1),
    ]


def test_ticks_close_windows_in_silence():
    """Nothing more comes, and the window closes all the same, once."""
    windows, _ = run([alert(1), tick(MINUTE), tick(3 * MINUTE), tick(3 * MINUTE + SECOND), tick(10 * MINUTE)])
    assert [(window.version, window.closed) for window in windows] == [(1, False), (2, True)]


def test_ticks_before_the_first_alert_do_nothing():
    """A partition that never had an alert keeps no rows."""
    assert run([tick(0), tick(DAY)]) == ([], {})


def test_a_tick_that_closes_nothing_writes_nothing():
    """The clock row is written when a minute is passed while there is something to close or forget, not each second."""
    events = [alert(1), tick(4 * MINUTE), tick(2 * HOUR + 10 * MINUTE), tick(36 * DAY)]
    _, rows = run(events)
    assert run([*events, *(tick(36 * DAY + number * SECOND) for number in range(1, 9_000, 100))]) == (
        [*run(events)[0]],
        rows,
    )


def test_a_late_alert_corrects_its_closed_minute():
    """The window comes again, closed, with a higher version, and says that it was late."""
    windows, _ = run([alert(1), alert(2, 10 * MINUTE), alert(3, 30 * SECOND)])
    corrected = windows[-1]
    assert (corrected.window_start, corrected.version, corrected.closed, corrected.late) == (HOUR_START_MS, 3, True, 1)
    assert corrected.alerts == {Level.EXPLICIT: 2}


def test_an_hour_is_published_when_it_is_over():
    """The sum of its minutes, closed."""
    windows, _ = run([alert(1), alert(2, 30 * MINUTE), alert(3, HOUR + 2 * MINUTE)])
    (hour,) = hours_of(windows)
    assert (hour.window_start, hour.version, hour.closed, hour.alerts) == (HOUR_START_MS, 1, True, {Level.EXPLICIT: 2})


def test_an_alert_later_than_two_hours_corrects_the_hour():
    """Minutes are kept for two hours; after that only the hour is corrected."""
    windows, rows = run([alert(1), alert(2, 5 * HOUR), alert(3, 30 * SECOND), alert(3, 30 * SECOND)])
    assert windows[-1].window_s == 3600
    assert (windows[-1].version, windows[-1].late, windows[-1].alerts) == (2, 1, {Level.EXPLICIT: 2})
    assert f"440000|voice|60|{HOUR_START_MS // 1000}".encode() not in rows


@pytest.mark.parametrize(
    ("older_ms", "count"),
    [pytest.param(0, 2, id="35 days behind the watermark"), pytest.param(1, 1, id="a moment older")],
)
def test_lateness_ends_after_35_days(older_ms, count):
    """An alert of a day long forgotten corrects nothing."""
    watermark_ms = 40 * DAY - 2 * MINUTE
    windows, _ = run([alert(1, 40 * DAY), alert(2, watermark_ms - 35 * DAY - older_ms)])
    assert len(windows) == count


def test_rows_are_forgotten():
    """After 35 days of silence nothing but the clock is left, and what is usual in a region."""
    _, rows = run([alert(1), alert(2, MINUTE, region="110000", channel=ChannelClass.CHAT), tick(36 * DAY)])
    assert set(rows) == {CLOCK_KEY, MINUTES_KEY, usual_key("110000"), usual_key("440000")}


def test_a_storm_rewrites_small_rows():
    """A thousand alerts in an hour: no row that they rewrite is larger than what one minute needs."""
    _, rows = run([alert(number, number * 3 * SECOND) for number in range(1_000)])
    once_a_minute = recent_key("440000")
    assert max(len(row) for key, row in rows.items() if key != once_a_minute) < 1_000
    assert len(rows[once_a_minute]) < 10_000


def test_the_parts_sum_up():
    """What the minutes say is what the hours say, late alerts included."""
    events = [alert(number, (number * 7_919 % 3_000) * SECOND) for number in range(300)]
    windows, _ = run([*events, tick(3 * HOUR)])
    newest = {(window.window_s, window.window_start): window for window in windows}
    for size_s in (60, 3600):
        sums = [window.alerts[Level.EXPLICIT] for (size, _), window in newest.items() if size == size_s]
        assert sum(sums) == 300
    assert all(window.closed for window in newest.values())
