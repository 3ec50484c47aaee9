"""Turns made up for tests of metrics and panels: tags, alerts and hints without a pipeline."""

from pipeline.stage import Output, Turn
from schemas import topics
from schemas.alerts import Alert
from schemas.codec import Refusal
from schemas.evidence import Reason
from schemas.hints import Hint
from schemas.tagged import Tag
from schemas.vocabulary import AlertKind, Category, ChannelClass, Level, ReasonGroup, Role

NOON_MS = 1_763_697_600_000


def tag(**changes) -> Output:
    """A tagged event."""
    fields = {
        "tag_id": "tag:1",
        "conversation_id": "c1",
        "utterance_id": "u1",
        "role": Role.CUSTOMER,
        "level": Level.EXPLICIT,
        "score": 50,
        "reasons": (),
        "keywords": (),
        "evidence": (),
        "guards": (),
        "rules_version": "r1",
        "degraded": True,
        "region": "440000",
        "region_source": "field",
        "channel": ChannelClass.VOICE,
        "occurred_at": NOON_MS,
        "emitted_at": NOON_MS,
    }
    return Output(topics.TAGGED, b"c1", Tag(**fields | changes))


def alert(**changes) -> Output:
    """An alert: the level of a call from Guangdong rose to explicit because of a refund."""
    fields = {
        "alert_id": "level_rise:c1:u1",
        "kind": AlertKind.LEVEL_RISE,
        "region": "440000",
        "fingerprint": "level_rise:c1",
        "occurred_at": NOON_MS,
        "emitted_at": NOON_MS,
        "level": Level.EXPLICIT,
        "channel": ChannelClass.VOICE,
        "reasons": (Reason(l1=ReasonGroup.AFTER_SALES, l2="refund"), Reason(l1=ReasonGroup.SERVICE)),
    }
    return Output(topics.ALERTS, b"440000", Alert(**fields | changes))


def hint(level: Level = Level.EXPLICIT) -> Output:
    """A hint to the agent."""
    card = Hint(
        hint_id="hint:c1:u1",
        agent_id="a1",
        conversation_id="c1",
        level=level,
        reasons=(),
        advice="先致歉",
        occurred_at=NOON_MS,
        emitted_at=NOON_MS,
    )
    return Output(topics.HINTS, b"a1", card)


def refusal(topic: str = "calls.utterances", category: Category = Category.SCHEMA) -> Refusal:
    """A record that was refused."""
    return Refusal(
        topic=topic,
        partition=0,
        offset=1,
        category=category,
        path="$.role",
        expected="a role",
        timestamp=NOON_MS,
        key=None,
        value=b"{}",
    )


def turn(*outputs: Output, refusals=(), changes=None) -> Turn:
    """One turn."""
    return Turn(changes=changes or {}, outputs=list(outputs), refusals=list(refusals), clock_ms=NOON_MS)
