"""Actions of people: written to `alerts.actions`, with the region that carries them to the right partition."""

import time
from collections.abc import Iterable
from typing import TypedDict, Unpack
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from agents.recording.follow import follow
from agents.settings import Settings, kafka_security
from schemas import codec
from schemas.actions import Action, ActionKind, ActionSource, Silence, Verdict
from schemas.audits import REFUSED, ActionAudit
from schemas.incidents import Incident
from schemas.topics import ACTION_AUDITS, ACTIONS, INCIDENTS


class About(TypedDict, total=False):
    """What an action is about, as its kind needs it."""

    incident_id: str | None
    verdict: Verdict | None
    note: str | None
    silence: Silence | None
    silence_id: str | None


def action(kind: ActionKind, *, region: str, actor: str, source: ActionSource, **about: Unpack[About]) -> Action:
    """An action of this moment, under an id of its own."""
    now_ms, name = time.time_ns() // 1_000_000, uuid4().hex
    return Action(
        event_id=name,
        action_id=name,
        source=source,
        occurred_at=now_ms,
        at=now_ms,
        action=kind,
        region=region,
        actor=actor,
        **about,
    )


async def publish_actions(settings: Settings, actions: Iterable[Action]) -> None:
    """Write actions and wait until the broker has them."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap, enable_idempotence=True, **kafka_security(settings)
    )
    await producer.start()
    try:
        for each in actions:
            body, headers = codec.encode_record(each)
            topic, key = settings.topic_prefix + ACTIONS.name, each.region.encode()
            await producer.send_and_wait(topic, body, key=key, headers=headers, timestamp_ms=each.at)
    finally:
        await producer.stop()


async def read_incidents(settings: Settings) -> dict[str, Incident]:
    """Every incident as it stands now, by id, in the order in which they were last changed."""
    found: dict[str, Incident] = {}
    async with follow(settings, [INCIDENTS], from_start=True) as follower:
        for seen in await follower.until_now():
            incident: Incident = seen.decoded()
            found.pop(incident.incident_id, None)
            found[incident.incident_id] = incident
    return found


async def read_audits(settings: Settings) -> list[ActionAudit]:
    """What became of every action that is still kept, the oldest first."""
    async with follow(settings, [ACTION_AUDITS], from_start=True) as follower:
        return [seen.decoded() for seen in await follower.until_now()]


def standing_silences(audits: Iterable[ActionAudit], *, now_ms: int) -> list[ActionAudit]:
    """The actions that began a silence which stands now, the one that ends first before the others."""
    standing: dict[str, ActionAudit] = {}
    for audit in audits:
        if audit.result in REFUSED:
            continue
        if audit.silence is not None and audit.silence.ends_at > now_ms:
            standing[audit.action_id] = audit
        standing.pop(audit.silence_id, None)
    return sorted(standing.values(), key=lambda each: each.silence.ends_at if each.silence else 0)
