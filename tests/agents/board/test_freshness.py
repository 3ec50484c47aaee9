"""Whether the board may be believed: one word for each state, both sides of every border."""

import pytest

from agents.board.freshness import (
    BEHIND_RECORDS,
    HEARD_WITHIN_MS,
    SILENT_AFTER_MS,
    TICKED_WITHIN_MS,
    Facts,
    Flow,
    Source,
    Trust,
    judge,
)

NOW_MS = 1_763_697_600_000
WELL = {"loaded": True, "heard_at": NOW_MS, "ticked_at": NOW_MS}


@pytest.mark.parametrize(
    ("facts", "trust"),
    [
        pytest.param({}, Trust.LOADING, id="just started"),
        pytest.param(WELL, Trust.LIVE, id="all is well"),
        pytest.param(WELL | {"loaded": False}, Trust.LOADING, id="still reading"),
        pytest.param(WELL | {"heard_at": NOW_MS - HEARD_WITHIN_MS}, Trust.LIVE, id="heard just in time"),
        pytest.param(WELL | {"heard_at": NOW_MS - HEARD_WITHIN_MS - 1}, Trust.BROKER_AWAY, id="not heard"),
        pytest.param(
            WELL | {"heard_at": NOW_MS - HEARD_WITHIN_MS - 1, "loaded": False},
            Trust.BROKER_AWAY,
            id="lost while loading",
        ),
        pytest.param(WELL | {"ticked_at": NOW_MS - TICKED_WITHIN_MS}, Trust.LIVE, id="ticked just in time"),
        pytest.param(WELL | {"ticked_at": NOW_MS - TICKED_WITHIN_MS - 1}, Trust.NO_WORKER, id="no ticks"),
        pytest.param(WELL | {"ticked_at": None}, Trust.NO_WORKER, id="never a tick"),
        pytest.param(WELL | {"sources": {"a": Source(NOW_MS, BEHIND_RECORDS)}}, Trust.LIVE, id="a few wait"),
        pytest.param(
            WELL | {"sources": {"a": Source(NOW_MS, BEHIND_RECORDS), "b": Source(NOW_MS, 1)}},
            Trust.BEHIND,
            id="many wait",
        ),
    ],
)
def test_trust(facts, trust):
    """The first reason that applies."""
    assert judge(Facts(**facts), now_ms=NOW_MS).trust is trust


@pytest.mark.parametrize(
    ("newest_at", "flow"),
    [
        pytest.param(None, Flow.EMPTY, id="never anything"),
        pytest.param(NOW_MS - SILENT_AFTER_MS, Flow.FRESH, id="just in time"),
        pytest.param(NOW_MS - SILENT_AFTER_MS - 1, Flow.SILENT, id="silent"),
    ],
)
def test_flow_of_a_source(newest_at, flow):
    """Silence of a channel is visible."""
    (source,) = judge(Facts(**WELL, sources={"calls.utterances": Source(newest_at)}), now_ms=NOW_MS).sources
    assert source.flow is flow


def test_without_the_broker_no_source_is_said_to_be_fresh():
    """What was fresh when the broker was last heard may have stopped since."""
    facts = Facts(**WELL | {"heard_at": NOW_MS - 60_000}, sources={"calls.utterances": Source(NOW_MS - 60_000)})
    assert [source.flow for source in judge(facts, now_ms=NOW_MS).sources] == [Flow.UNKNOWN]
