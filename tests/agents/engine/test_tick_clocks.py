"""What time a tick tells: now, or that of what was read last where more waits than one turn takes."""

import pytest

from agents.engine.ticks import clock_ms

NOW_MS, READ_MS, MOST = 1_000_000, 400_000, 100
SOURCES = ("chats.messages", "tickets.events")


@pytest.mark.parametrize(
    ("lag", "read_ms", "expected"),
    [
        pytest.param({"chats.messages": 0, "tickets.events": 0}, {}, NOW_MS, id="nothing waits"),
        pytest.param({"chats.messages": MOST, "tickets.events": 3}, {}, NOW_MS, id="the next turn takes all"),
        pytest.param({"chats.messages": MOST + 1, "tickets.events": 0}, {}, None, id="much waits, nothing was read"),
        pytest.param(
            {"chats.messages": MOST + 1, "tickets.events": 0}, {"chats.messages": READ_MS}, READ_MS, id="much waits"
        ),
        pytest.param(
            {"chats.messages": MOST + 1, "tickets.events": MOST + 1},
            {"chats.messages": READ_MS + 1, "tickets.events": READ_MS},
            READ_MS,
            id="much waits of both",
        ),
        pytest.param(
            {"chats.messages": MOST + 1, "tickets.events": 0},
            {"chats.messages": NOW_MS + 1, "tickets.events": READ_MS},
            NOW_MS,
            id="a fast clock",
        ),
        pytest.param({"chats.messages": 0}, {}, None, id="nobody knows yet what waits of tickets"),
        pytest.param(
            {"chats.messages": MOST + 1, "tickets.events": 0}, {"chats.messages": 0}, None, id="records without a time"
        ),
    ],
)
def test_a_tick_is_never_ahead_of_a_backlog(lag, read_ms, expected):
    """An answer in time that waits to be read is not missed by a clock that overtakes it."""
    assert clock_ms(NOW_MS, lag=lag, read_ms=read_ms, most=MOST, sources=SOURCES) == expected
