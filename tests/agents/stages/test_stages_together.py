"""Conversations and regions as the engine runs them: calls in, windows out, whatever the cut."""

import json

import pytest

from agents.stages.conversations import conversations_stage
from agents.stages.regions import REGIONS
from pipeline.runner import Incoming, Runner
from schemas.codec import Record
from schemas.topics import TICKS, UTTERANCES
from schemas.vocabulary import Level
from tests.support.conversations import COMPLAINS, DISPLEASED, NOON_MS, by_heart

HOUR_MS = 3_600_000
FOUND = {"失望": DISPLEASED, "投诉": COMPLAINS}


class ByHeart:
    """A tagger that knows its texts by heart."""

    def tag_folded(self, batch, roles):
        """The finding of each text."""
        return [FOUND.get(text) for text in batch.given]


def records():
    """Sixty sentences of twenty calls, then a tick three hours later."""
    for number in range(60):
        body = {
            "schema": "call.utterance/1",
            "event_id": f"e{number}",
            "source": "asr",
            "occurred_at": NOON_MS + number * 1_000,
            "conversation_id": f"c{number % 20}",
            "utterance_id": f"u{number}",
            "revision": 0,
            "is_final": True,
            "role": "customer",
            "text": ("您好", "失望", "投诉")[number // 20],
            "start_ms": 0,
            "end_ms": 0,
            "region": "440000" if number % 2 else "110000",
        }
        key = body["conversation_id"].encode()
        yield Incoming(UTTERANCES, 0, Record(number, NOON_MS + number, key, json.dumps(body).encode()))
    tick = {"schema": "tick/1", "now_ms": NOON_MS + 3 * HOUR_MS}
    yield Incoming(TICKS, 0, Record(0, NOON_MS + 3 * HOUR_MS, None, json.dumps(tick).encode()))


def run(most):
    """Outputs by topic, and the rows of both stages."""
    runner = Runner([conversations_stage(by_heart(ByHeart())), REGIONS], partition_of=lambda key: 0)
    published: dict[str, list] = {}
    for output in runner.feed(records(), most=most):
        published.setdefault(output.topic.name, []).append((output.key, output.value))
    return published, {name: dict(store.items()) for name, store in runner.stores.items()}


@pytest.mark.parametrize("most", [1, 7, 1_000])
def test_windows_hold_what_was_alerted(most):
    """Twenty conversations rise twice; in the end the closed hours hold forty rises, whatever the cut."""
    published, rows = run(most)
    assert (published, rows) == run(13)
    assert len(published["complaints.alerts"]) == 40
    newest = {
        (window.region, window.window_s, window.window_start): window for _, window in published["regions.windows"]
    }
    for size_s in (60, 3600):
        windows = [window for (_, size, _), window in newest.items() if size == size_s]
        assert all(window.closed for window in windows)
        assert sum(window.alerts.get(Level.EXPLICIT, 0) for window in windows) == 20
        assert sum(window.alerts.get(Level.POTENTIAL, 0) for window in windows) == 20
