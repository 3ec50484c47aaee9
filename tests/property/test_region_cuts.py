"""However alerts are cut into batches, windows come out the same, and nothing is lost or counted twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import ChannelClass, Level
from schemas.windows import RegionWindow
from tests.support.alerts import ATTITUDE, DAY, MINUTE, REFUND, SECOND, alert, run, tick


@st.composite
def logs(draw):
    """Alerts of several regions in any order of time, repeats among them, and ticks in between."""
    events = []
    for number in range(draw(st.integers(1, 20))):
        at_ms = draw(st.integers(0, 300)) * draw(st.sampled_from([SECOND, MINUTE]))
        if draw(st.integers(0, 5)) == 0:
            events.append(tick(at_ms))
            continue
        events.append(
            alert(
                draw(st.integers(0, number)),
                at_ms,
                region=draw(st.sampled_from(["440000", "110000"])),
                channel=draw(st.sampled_from([ChannelClass.VOICE, ChannelClass.CHAT])),
                level=draw(st.sampled_from([Level.POTENTIAL, Level.EXPLICIT])),
                reasons=draw(st.sampled_from([(), (REFUND,), (REFUND, ATTITUDE)])),
            )
        )
    return events


@settings(deadline=None, max_examples=50)
@given(logs(), st.sets(st.integers(1, 20)))
def test_where_batches_end_makes_no_difference(events, cuts):
    """The same rows and the same snapshots in the same order."""
    assert run(events, cuts) == run(events)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=20), st.sets(st.integers(1, 20)))
def test_every_alert_is_counted_once(seconds, cuts):
    """In the end all windows are closed, the hours hold every alert once, and versions grew one by one."""
    events = [alert(number, at_s * SECOND) for number, at_s in enumerate(seconds)]
    published, _ = run([*events, *events, tick(2 * DAY)], cuts)
    windows = [each for each in published if isinstance(each, RegionWindow)]
    newest: dict[tuple[int, int], RegionWindow] = {}
    for window in windows:
        which = (window.window_s, window.window_start)
        assert window.version == (newest[which].version if which in newest else 0) + 1
        newest[which] = window
    assert all(window.closed for window in newest.values())
    hours = [window.alerts[Level.EXPLICIT] for (size_s, _), window in newest.items() if size_s == 3600]
    assert sum(hours) == len(events)
