"""What somebody does on the board, as a record of `alerts.actions`. The board changes nothing itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import structlog
from aiokafka import AIOKafkaProducer
from msgspec import Meta, Struct

from agents.board.access import Identity
from agents.settings import Settings, kafka_security
from pipeline.incidents.rulings import audited
from pipeline.text.redact import redact
from schemas import codec
from schemas.actions import Action, ActionKind, ActionSource, Silence, Verdict
from schemas.audits import NOTE_CHARS_MAX, ActionAudit, ActionResult
from schemas.base import Id
from schemas.topics import ACTION_AUDITS, ACTIONS, Topic

log = structlog.get_logger("tocsin.board")


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page or a program asks for. Whoever sends `action_id` twice has acted once."""

    action_id: Id
    action: ActionKind
    region: Id
    incident_id: Id | None = None
    alert_id: Id | None = None
    verdict: Verdict | None = None
    note: Annotated[str, Meta(max_length=NOTE_CHARS_MAX)] | None = None
    silence: Silence | None = None
    silence_id: Id | None = None


def action_of(asked: Asked, who: Identity, *, source: ActionSource, now_ms: int) -> Action:
    """The record; raises ValueError where a part is missing. Who acted is who logged in, whatever was sent."""
    return Action(
        event_id=asked.action_id,
        source=source,
        occurred_at=now_ms,
        action_id=asked.action_id,
        action=asked.action,
        region=asked.region,
        actor=who.name,
        at=now_ms,
        incident_id=asked.incident_id,
        alert_id=asked.alert_id,
        verdict=asked.verdict,
        note=redact(asked.note).text if asked.note else None,
        silence=asked.silence,
        silence_id=asked.silence_id,
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
