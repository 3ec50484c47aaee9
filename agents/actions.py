"""Actions of people: written to `alerts.actions`, with the region that carries them to the right partition."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypedDict, Unpack
from uuid import uuid4

import structlog
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from agents.recording.follow import follow
from agents.settings import Settings, kafka_security
from pipeline.incidents.rulings import audited
from pipeline.incidents.silences import Standing
from schemas import codec
from schemas.actions import Action, ActionKind, ActionSource, Silence, Verdict
from schemas.audits import REFUSED, ActionAudit, ActionResult
from schemas.incidents import Incident
from schemas.topics import ACTION_AUDITS, ACTIONS, INCIDENTS, Topic

log = structlog.get_logger("tocsin.actions")


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


class Actions:
    """Writes actions and waits until the broker has them."""

    def __init__(self, producer: Any, prefix: str) -> None:
        self._producer = producer
        self._prefix = prefix

    async def write(self, action: Action) -> None:
        """Raises KafkaError where the broker does not take it."""
        await self._send(ACTIONS, action)
        log.info("action_taken", action=action.action, actor=action.actor)

    async def refuse(self, action: Action) -> None:
        """Whoever asked may not; that goes to the audit alone. Raises KafkaError where the broker does not take it."""
        await self._send(ACTION_AUDITS, audited(action, ActionResult.NOT_ALLOWED, at_ms=action.at))
        log.warning("action_refused", action=action.action, actor=action.actor)

    async def _send(self, topic: Topic, record: Action | ActionAudit) -> None:
        value, headers = codec.encode_record(record)
        await self._producer.send_and_wait(
            self._prefix + topic.name, value, key=record.region.encode(), headers=headers, timestamp_ms=record.at
        )


@asynccontextmanager
async def action_writer(settings: Settings) -> AsyncIterator[Actions]:
    """A writer while the block runs."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        acks="all",
        enable_idempotence=True,
        request_timeout_ms=10_000,
        **kafka_security(settings),
    )
    try:
        await producer.start()
        yield Actions(producer, settings.topic_prefix)
    finally:
        await producer.stop()


async def publish_actions(settings: Settings, actions: Iterable[Action]) -> None:
    """Write actions and wait until the broker has them."""
    async with action_writer(settings) as writer:
        for each in actions:
            await writer.write(each)


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


class StandingSilence(NamedTuple):
    """A silence that stands, and the action that began it."""

    begun: ActionAudit
    standing: Standing


def standing_silences(audits: Iterable[ActionAudit], *, now_ms: int) -> list[StandingSilence]:
    """The silences that stand now, the one that ends first before the others."""
    found: dict[str, StandingSilence] = {}
    for audit in audits:
        if audit.result in REFUSED:
            continue
        if audit.silence is not None:
            found[audit.action_id] = StandingSilence(audit, Standing(audit.action_id, audit.actor, audit.silence))
        elif audit.action is ActionKind.UNSILENCE:
            found.pop(audit.silence_id, None)
        elif audit.action is ActionKind.CONSENT and audit.silence_id in found:
            begun, standing = found[audit.silence_id]
            found[audit.silence_id] = StandingSilence(begun, replace(standing, consented_by=audit.actor))
    current = (each for each in found.values() if each.standing.ends_at_ms > now_ms)
    return sorted(current, key=lambda each: each.standing.ends_at_ms)
