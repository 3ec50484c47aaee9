"""PagerDuty Events API v2: one incident there for one of ours, by `dedup_key`; acknowledged and resolved as ours is."""

from datetime import timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from agents.channels.answers import body_of, by_status, name_in
from agents.channels.base import Answer, Judgement, Message, Request
from pipeline.cards.plain import cut
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

API = "https://events.pagerduty.com"
ACCEPTED = 202
_KEY_CHARS = 255
_SEVERITIES = {
    Level.NONE: "info",
    Level.POTENTIAL: "warning",
    Level.EXPLICIT: "error",
    Level.HIGH_RISK: "critical",
}


class PagerDuty:
    """One service, by its routing key."""

    def __init__(self, routing_key: SecretStr, *, api: str = API) -> None:
        self._routing_key = routing_key
        self._url = f"{api}/v2/enqueue"

    def request(self, message: Message, *, now_ms: int) -> Request | Judgement:  # noqa: ARG002  (nothing is signed)
        """A trigger; an acknowledge where somebody has it, a resolve when it is over.

        A card that is drawn anew for another reason has no event: a trigger could page somebody.
        """
        if message.redraws and not (message.card.is_acked or message.card.is_over):
            return Judgement(Outcome.ACCEPTED, "unchanged", card_ref=message.redraws)
        body = {"routing_key": self._routing_key.get_secret_value(), **event(message)}
        return Request(SecretStr(self._url), orjson.dumps(body), {"Content-Type": "application/json"})

    def judge(self, answer: Answer) -> Judgement:
        """Success is 202; a 400 is our mistake and not to be repeated; a 429 wants minutes."""
        if answer.status == ACCEPTED:
            return Judgement(Outcome.ACCEPTED, "http 202", card_ref=name_in(body_of(answer), "dedup_key")[:_KEY_CHARS])
        judged = by_status(answer) or Judgement(Outcome.UNREACHABLE, f"http {answer.status}")
        if judged.outcome is Outcome.RATE_LIMITED and judged.retry_after is None:
            return judged._replace(retry_after=timedelta(minutes=1))
        return judged


def event(message: Message) -> dict[str, Any]:
    """The event without its routing key."""
    card = message.card
    common = {"dedup_key": message.dedup_key[:_KEY_CHARS]}
    if card.is_over or card.is_acked:
        return {"event_action": "resolve" if card.is_over else "acknowledge", **common}
    return {
        "event_action": "trigger",
        **common,
        "payload": {
            "summary": cut(card.title, 1_024),
            "source": "tocsin",
            "severity": _SEVERITIES[card.level],
            "custom_details": {
                **{fact.name: fact.value for fact in card.facts},
                "samples": card.samples,
                "why": card.why,
                "advice": card.advice,
            },
        },
        "links": [{"href": each.url, "text": each.label} for each in card.buttons],
    }
