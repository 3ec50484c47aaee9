"""That the broker is away is said once, and once that it is back."""

import pytest

from agents.engine.reach import ANSWERS_WITHIN_SECONDS, SILENT_AFTER_SECONDS, News, Reach, is_heard

LATE = ANSWERS_WITHIN_SECONDS + 0.1


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param((True, True, 0.1), True, id="a fetch was answered"),
        pytest.param((True, True, ANSWERS_WITHIN_SECONDS), True, id="just in time"),
        pytest.param((True, True, LATE), False, id="connected to somebody who says nothing"),
        pytest.param((True, False, LATE), True, id="nobody asks: the queues are full"),
        pytest.param((False, False, 0.0), False, id="no connection"),
        pytest.param((False, True, 0.1), False, id="the connection has just gone"),
    ],
)
def test_what_one_look_tells(facts, expected):
    """No connection is silence; an answer that does not come is one where somebody waits for it."""
    has_connection, is_fetching, age = facts
    heard = is_heard(has_connection=has_connection, is_fetching=is_fetching, answer_age_seconds=age)
    assert heard is expected


def told(looks):
    """What is said over looks a second apart, by the second."""
    reach = Reach()
    found = {at: reach.look(is_heard=heard, now_seconds=100.0 + at) for at, heard in enumerate(looks)}
    return {at: news for at, news in found.items() if news}


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([True] * 9, {}, id="all is well"),
        pytest.param([True, False, False, False, True, True], {}, id="a hiccup"),
        pytest.param([False] * 9, {3: (News.AWAY, SILENT_AFTER_SECONDS)}, id="away is said once"),
        pytest.param(
            [True, *[False] * 7, True, True],
            {4: (News.AWAY, 3.0), 8: (News.BACK, 7.0)},
            id="back is said once, with how long it was away",
        ),
        pytest.param(
            [*[False] * 4, True, *[False] * 4],
            {3: (News.AWAY, 3.0), 4: (News.BACK, 4.0), 8: (News.AWAY, 3.0)},
            id="away a second time",
        ),
    ],
)
def test_what_is_said(looks, expected):
    """Once each, however long it lasts."""
    assert told(looks) == expected


def test_how_long_it_is_silent():
    """Readiness asks at any time: nothing while it may be a hiccup, nothing when the broker is back."""
    reach = Reach()
    silent = []
    for at, heard in enumerate([True, False, False, False, False, False, True]):
        reach.look(is_heard=heard, now_seconds=float(at))
        silent.append(reach.silent_seconds)
    assert silent == [0.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0]
