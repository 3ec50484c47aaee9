"""Webhooks of your own, for SMS, voice and everything else: a CloudEvent, signed, with an id that makes repeats known.

`X-Tocsin-Signature: v1=` is the hex HMAC-SHA256 over `timestamp.body`; the receiver refuses what is older than five
minutes and remembers `Idempotency-Key`. Answers: 2xx taken, 410 never again, 429 later, 5xx again.
"""

import hashlib
import hmac
from datetime import timedelta

import msgspec
import orjson
from pydantic import SecretStr

from agents.channels.answers import by_status
from agents.channels.base import Answer, Judgement, Message, Request
from schemas.deliveries import Outcome

GONE = 410


class Webhook:
    """One address and the secret that both sides know."""

    def __init__(self, url: SecretStr, secret: SecretStr) -> None:
        self._url = url
        self._secret = secret

    def request(self, message: Message, *, now_ms: int) -> Request:
        """A CloudEvent in structured mode."""
        body = event(message)
        seconds = now_ms // 1000
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "Idempotency-Key": message.notification_id,
            "X-Tocsin-Timestamp": str(seconds),
            "X-Tocsin-Signature": sign(self._secret.get_secret_value(), seconds, body),
        }
        return Request(self._url, body, headers)

    def judge(self, answer: Answer) -> Judgement:
        """Success is 2xx, whatever the body."""
        if answer.status == GONE:
            return Judgement(Outcome.UNAUTHORISED, "http 410")
        judged = by_status(answer) or Judgement(Outcome.ACCEPTED, f"http {answer.status}")
        if judged.outcome is Outcome.RATE_LIMITED and judged.retry_after is None:
            return judged._replace(retry_after=timedelta(minutes=1))
        return judged


def event(message: Message) -> bytes:
    """The body: the notification's id, the incident's id, the receiver and the card."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": message.notification_id,
            "source": "tocsin",
            "type": "tocsin.notification/1",
            "subject": message.incident_id,
            "datacontenttype": "application/json",
            "data": {
                "incident_id": message.incident_id,
                "dedup_key": message.dedup_key,
                "to": message.to,
                "card": msgspec.to_builtins(message.card),
            },
        }
    )


def sign(secret: str, seconds: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 over `timestamp.body`."""
    return "v1=" + hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
