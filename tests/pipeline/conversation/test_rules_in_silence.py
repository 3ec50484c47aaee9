"""A rule about what was not said speaks also where nothing more is said: a tick makes it, once."""

import pytest

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import hear_events
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation
from pipeline.quality.checks import ServiceBook
from pipeline.quality.listening import LATENESS_MS
from pipeline.rows import Store
from pipeline.stage import Batch
from pipeline.tagging import Tagger
from pipeline.watches.followed import followed_rules
from schemas.codec import Record
from schemas.ticks import Tick
from schemas.topics import TICKS, UTTERANCES
from schemas.vocabulary import Level
from tests.support import conversations as made
from tests.support.conversations import NOON_MS, SECOND, values
from tests.support.made_rules import pack_with

PACK = pack_with(
    """
rules:
  unheard:
    zh: 要求赔付后一分钟无人致歉
    conditions:
      asks: {any: [赔付款]}
      sorry: {by: agent, any: [抱歉]}
      nothing: {not_said: sorry, after: asks, within_seconds: 60}
    then: {level: potential, score: 42}
"""
)
TAGGER = Tagger(PACK)


@pytest.fixture
def store():
    """A call in which the customer asked at noon, and nobody said anything since."""
    store = Store(Conversation)
    event = made.utterance(1, text="我的赔付款呢")
    batch = Batch(UTTERANCES, 0, [event], [Record(0, NOON_MS, None, b"")], hear_events([event], reader=TAGGER))
    store.apply(fold(batch, store, lookups=lookups()).changes, now_ms=NOON_MS)
    return store


def lookups(**changes):
    """The rules at work; in a replay ticks judge nothing."""
    return Lookups(followed=followed_rules(PACK.rules), service=ServiceBook(**changes))


def tick(store, after_ms, **changes):
    """What a tick makes go out."""
    now_ms = NOON_MS + after_ms
    batch = Batch(TICKS, 0, [Tick(now_ms=now_ms)], [Record(0, now_ms, None, b"")])
    effects = fold(batch, store, lookups=lookups(**changes))
    store.apply(effects.changes, now_ms=now_ms)
    return effects.outputs


def test_a_tick_judges_what_was_not_said_once(store):
    """Not while something may still be on its way; then a tag of the customer's turn and an alert; then nothing."""
    due_ms = 60 * SECOND + LATENESS_MS
    assert tick(store, due_ms) == []
    outputs = tick(store, due_ms + 1 * SECOND)
    (tag,) = values(outputs, "complaints.tagged")
    (alert,) = values(outputs, "complaints.alerts")
    assert (tag.utterance_id, tag.level, tag.evidence[0].rule) == ("u1", Level.POTENTIAL, "rule.unheard")
    assert alert.level is Level.POTENTIAL
    assert [output for output in tick(store, due_ms + 20 * SECOND) if output.topic.name != "quality.findings"] == []


def test_a_replay_waits_for_events(store):
    """Ticks of today tell nothing about the silence of long ago."""
    assert tick(store, 3_600 * SECOND, judges_silence=False) == []
