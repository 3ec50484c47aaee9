"""Whether a worker's consumer hears its broker: from before its first connection, and only where it has asked."""

from dataclasses import dataclass
from typing import Any

import pytest

from agents.engine import lookout
from agents.engine.batches import Behind
from agents.engine.lookout import Ear
from agents.engine.reach import ANSWERS_WITHIN_SECONDS


@dataclass
class Consumer:
    """What the ear asks a consumer."""

    connected: bool
    fetching: bool

    def has_connection(self) -> bool:
        """Whether a broker holds a connection."""
        return self.connected

    def is_fetching(self) -> bool:
        """Whether records are asked for."""
        return self.fetching


@pytest.mark.parametrize(
    ("looks", "heard"),
    [
        pytest.param([(False, False, 0.0), (False, False, 9.0)], True, id="the first connection takes its time"),
        pytest.param([(False, False, 0.0), (False, False, 11.0)], False, id="nobody lets us in"),
        pytest.param([(True, False, 0.0), (False, False, 1.0)], False, id="the connection has gone"),
        pytest.param([(True, False, 0.0), (True, False, 99.0)], True, id="nothing was asked"),
        pytest.param([(True, True, 0.0), (True, True, 9.0)], True, id="the first records take their time"),
        pytest.param([(True, True, 0.0), (True, True, 11.0)], False, id="connected, and no answer ever came"),
        pytest.param([(True, True, 0.0), (True, False, 50.0), (True, True, 99.0)], True, id="it asks again only now"),
    ],
)
def test_what_is_silence(monkeypatch, looks: list[tuple[bool, bool, float]], heard: bool) -> None:
    """Each look: connected, asking for records, seconds since the first look; no answer ever came."""
    assert 9.0 < ANSWERS_WITHIN_SECONDS < 11.0
    clock = 1_000.0
    monkeypatch.setattr(lookout.time, "time", lambda: clock)
    ear, found = Ear(), None
    for connected, fetching, at_seconds in looks:
        clock = 1_000.0 + at_seconds
        consumer: Any = Consumer(connected, fetching)
        found = ear.hears(consumer, Behind({}, 0))
    assert found is heard
