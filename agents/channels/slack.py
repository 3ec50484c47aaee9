"""Slack's incoming webhooks, which Mattermost, Rocket.Chat and others take too."""

from datetime import timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from agents.channels.answers import by_status
from agents.channels.base import Answer, Judgement, Message, Request
from pipeline.cards.draw import few, markdown_of
from pipeline.cards.plain import cut, plain
from schemas.deliveries import Outcome

_SECTION_BYTES_MAX = 2_900  # of 3,000 characters
_BUTTONS_MAX = 5
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Slack:
    """One incoming webhook: its address is the secret."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url

    def request(self, message: Message, *, now_ms: int) -> Request:  # noqa: ARG002  (nothing is signed)
        """Blocks, and the title as text for the notification on a telephone."""
        return Request(self._url, orjson.dumps(body(message)), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is HTTP 200 and the word `ok`; errors come as HTTP 4xx, or as words with 200 from look-alikes."""
        judged = by_status(answer)
        if judged is not None:
            if judged.outcome is Outcome.RATE_LIMITED and judged.retry_after is None:
                return judged._replace(retry_after=timedelta(seconds=1))
            return judged
        if answer.body.strip() in {b"ok", b""}:
            return Judgement(Outcome.ACCEPTED, "ok")
        return Judgement(Outcome.REFUSED, "not ok")


def body(message: Message) -> dict[str, Any]:
    """What the webhook takes."""
    card = message.card
    text = markdown_of(card, most_bytes=_SECTION_BYTES_MAX, bold="*", paragraph="\n")
    if message.to:
        text += f"\n<@{message.to}>"
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(plain(card.title), 150)}},
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
    ]
    if card.buttons:
        buttons = [
            {"type": "button", "text": {"type": "plain_text", "text": each.label}, "url": each.url}
            for each in few(card.buttons, _BUTTONS_MAX)
        ]
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": plain(card.title), "blocks": blocks}
