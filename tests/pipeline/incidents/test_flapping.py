"""What comes and goes: told when it begins anew, and no longer once it flaps."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.actions import ActionKind
from schemas.deliveries import Notification
from schemas.incidents import IncidentState
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import HOUR_START_MS, MINUTE, alert
from tests.support.incidents import act, minutes, run

SURGE = {"kind": AlertKind.SURGE, "fingerprint": "surge:440000:all", "level": Level.EXPLICIT, "count": 9}
NAME = "incident:surge:440000:all:level_rise:c1:explicit:e1"


def story(*changes):
    """A surge begins and ends at these minutes in turn, told by a clock that ticks each minute."""
    events = minutes(80)
    for number, minute in enumerate(changes, 1):
        tags = ("opened",) if number % 2 else ("resolved",)
        events.append(alert(number, int(minute * MINUTE), tags=tags, **SURGE))
    return sorted(events, key=lambda each: getattr(each, "now_ms", None) or each.emitted_at)


def told(changes):
    """Minute and reason of every notification."""
    return [(minute, why) for minute, why, _, _ in run(story(*changes)).notices]


def test_a_surge_that_is_back_is_told_again():
    """It was over by itself, so nobody could know that it is not."""
    assert told([0.5, 3, 6]) == [(1.0, "首次告警"), (3.0, "已解决"), (6.0, "已解决后再次发生")]


def test_the_third_end_within_a_quarter_of_an_hour_is_not_believed():
    """Two ends are told; the third holds the incident open until it has been over for a quarter of an hour."""
    changes = [0.5, 3, 4, 7, 8, 11]
    assert told(changes) == [
        (1.0, "首次告警"),
        (3.0, "已解决"),
        (4.0, "已解决后再次发生"),
        (7.0, "已解决"),
        (8.0, "已解决后再次发生"),
        (26.0, "已解决"),
    ]
    assert told([*changes, 12, 13])[-1] == (28.0, "已解决")


def test_a_surge_that_settled_and_is_back_is_told_again():
    """It was held open until it had been over for long enough: nobody had resolved it then either."""
    assert told([0.5, 2, 4, 6, 8, 10, 27])[-2:] == [(25.0, "已解决"), (27.0, "已解决后再次发生")]


def test_what_a_person_resolved_while_it_was_held_is_over():
    """A person has the last word, also about what comes and goes."""
    events = [*story(0.5, 2, 4, 6, 8, 10, 13), act(ActionKind.RESOLVE, NAME, 12 * MINUTE)]
    events.sort(key=lambda each: getattr(each, "now_ms", None) or getattr(each, "at", None) or each.emitted_at)
    assert [why for _, why, _, _ in run(events).notices][-1] == "已解决"


def test_what_a_person_resolved_is_over():
    """The same level within half an hour is counted and no more, as ever."""
    events = [*story(0.5), act(ActionKind.RESOLVE, NAME, 3 * MINUTE), alert(9, 5 * MINUTE, tags=("opened",), **SURGE)]
    events.sort(key=lambda each: getattr(each, "now_ms", None) or getattr(each, "at", None) or each.emitted_at)
    found = run(events)
    assert [why for _, why, _, _ in found.notices] == ["首次告警", "已解决"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 240), min_size=1, max_size=40))
def test_a_storm_of_ends_is_no_storm_of_messages(seconds):
    """However fast it comes and goes: at most eight messages in any quarter of an hour, and it ends resolved."""
    at, moments = 0.5, []
    for each in seconds:
        at += each / 60
        moments.append(at)
    found = run([*story(*moments), *minutes(int(at) + 24 * 60 + 40, max(81, int(at) + 1))])
    times = [each.emitted_at for each in found.of(Notification)]
    for start in times:
        assert (
            sum(start <= each < start + 15 * MINUTE for each in times) <= 8
        )  # three beginnings, two ends, and what joined meanwhile
    assert {each.state for each in found.incidents.values()} == {IncidentState.CLOSED}
    assert all(each >= HOUR_START_MS for each in times)
