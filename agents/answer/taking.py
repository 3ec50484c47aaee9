"""Taking an offer: the action that it means goes to Kafka, and what the stage made of it comes back."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from agents.answer.outcomes import Outcome
from agents.answer.witness import Witness
from agents.listening.publisher import Outgoing
from pipeline.answers.offers import Offer, action_of, is_meant_for
from pipeline.incidents.rulings import audited
from schemas import codec
from schemas.actions import Action, ActionSource
from schemas.audits import ActionAudit, ActionResult
from schemas.base import MAX_ID_CHARS
from schemas.topics import ACTION_AUDITS, ACTIONS, Topic

log = structlog.get_logger("tocsin.answer")

WRITE_WITHIN_SECONDS = 1.0
RESULT_WITHIN_SECONDS = 1.3  # with the above well within the three seconds that Feishu waits
_RECENT_MAX = 1_000


class Sends(Protocol):
    """What writes to Kafka."""

    async def publish(self, records: "list[Outgoing]", *, within_seconds: float) -> bool:
        """Whether every record was acknowledged in time."""


class Taking:
    """Takes offers for a page or a vendor."""

    def __init__(self, sends: Sends, witness: Witness, *, now_ms: Callable[[], int]) -> None:
        self._sends = sends
        self._witness = witness
        self._now_ms = now_ms
        self._recent: dict[tuple[str, str], Outcome] = {}  # what a vendor that asks again is told again

    async def by_link(self, offer: Offer, note: str) -> Outcome:
        """Whoever holds the link is whom it was sent to."""
        return await self._take(
            action_of(offer, actor=offer.actor, source=ActionSource.LINK, note=note, now_ms=self._now_ms())
        )

    async def by_card(
        self, offer: Offer, *, channel: str, person: str | None, user: str, card_ref: str = ""
    ) -> Outcome:
        """The vendor says who pressed; a press that is not theirs to make is kept in the audit and goes no further."""
        actor = person or _stranger(channel, user)
        action = action_of(
            offer, actor=actor, source=ActionSource.CARD, note="", card_ref=card_ref, now_ms=self._now_ms()
        )
        if person is None or offer.channel != channel or not is_meant_for(offer, person):
            await self._send(ACTION_AUDITS, audited(action, ActionResult.NOT_ALLOWED, at_ms=action.at))
            return Outcome.NOT_ALLOWED
        before = self._recent.get((offer.nonce, actor))
        if before is not None:
            return before
        outcome = await self._take(action)
        if outcome is not Outcome.UNAVAILABLE:
            self._recent[offer.nonce, actor] = outcome
            if len(self._recent) > _RECENT_MAX:
                self._recent.pop(next(iter(self._recent)))
        return outcome

    async def _take(self, action: Action) -> Outcome:
        expected = self._witness.expect(action)
        try:
            if not await self._send(ACTIONS, action):
                return Outcome.UNAVAILABLE
            async with asyncio.timeout(RESULT_WITHIN_SECONDS):
                outcome = Outcome(await expected)
        except TimeoutError:
            outcome = Outcome.PENDING
        finally:
            self._witness.forget(action)
        log.info("answer_taken", action=action.action, source=action.source, actor=action.actor, outcome=outcome)
        return outcome

    async def _send(self, topic: Topic, record: Action | ActionAudit) -> bool:
        value, headers = codec.encode_record(record)
        outgoing = Outgoing(topic.name, record.region.encode(), value, headers)
        return await self._sends.publish([outgoing], within_seconds=WRITE_WITHIN_SECONDS)


def _stranger(channel: str, user: str) -> str:
    """Somebody whom the file does not know, as the vendor names them, without what could forge a line anywhere."""
    return "".join(sign for sign in f"{channel}:{user}" if sign.isprintable())[:MAX_ID_CHARS]
