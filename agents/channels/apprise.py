"""Apprise, for the long tail of services: its own server is asked over HTTP, so nothing of it runs in this process.

https://github.com/caronc/apprise-api: `POST /notify/KEY` reaches whatever is configured under the key, or what has the
receiver's tag. It answers by HTTP status what it believes, and it believes services that say an error in the body of a
200: what it took is marked as unconfirmed.
"""

from typing import Any

import orjson
from pydantic import SecretStr

from agents.channels.answers import by_status
from agents.channels.base import Answer, Judgement, Message, Request
from pipeline.cards.draw import few, markdown_of
from pipeline.cards.plain import cut, plain
from schemas.cards import Card
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

UNCONFIRMED = "unconfirmed"  # the vendor's code of everything that was taken
_NO_CONTENT = 204
_TITLE_BYTES_MAX = 200
_TEXT_BYTES_MAX = 2_000  # with the links less than most services take
_LINKS_MAX = 4
_TYPES = {Level.NONE: "info", Level.POTENTIAL: "info", Level.EXPLICIT: "warning", Level.HIGH_RISK: "failure"}


class Apprise:
    """One key of an Apprise server, by the address that ends in it."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url

    def request(self, message: Message, *, now_ms: int) -> Request:  # noqa: ARG002  (nothing is signed)
        """Title and plain text: no markdown is the same everywhere."""
        return Request(self._url, orjson.dumps(body(message)), {"Content-Type": "application/json"})

    def judge(self, answer: Answer) -> Judgement:
        """Success is HTTP 200; 204 means that nobody stands under the key, 424 that a service did not take it."""
        if answer.status == _NO_CONTENT:
            return Judgement(Outcome.UNAUTHORISED, "http 204")
        return by_status(answer) or Judgement(Outcome.ACCEPTED, UNCONFIRMED)


def body(message: Message) -> dict[str, Any]:
    """What the server takes."""
    card = message.card
    told = {
        "title": cut(plain(card.title), _TITLE_BYTES_MAX),
        "body": _text(card),
        "type": "success" if card.is_over else _TYPES[card.level],
    }
    return {**told, "format": "text"} | ({"tag": message.to} if message.to else {})


def _text(card: Card) -> str:
    """The card without its title, which stands above it; a service takes no empty text."""
    text = markdown_of(card, most_bytes=_TEXT_BYTES_MAX, bold="", paragraph="\n")
    links = [f"{each.label}：{each.url}" for each in few(card.buttons, _LINKS_MAX)]
    return "\n".join(part for part in (text, *links) if part) or plain(card.title)
