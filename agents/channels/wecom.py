"""WeCom 企业微信: group robots (`webhook/send`) and application messages (`message/send`).

https://developer.work.weixin.qq.com/document/path/91770 (robot), 90236 (application), 90455 (codes)
"""

from datetime import timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

import orjson
from pydantic import SecretStr

from agents.channels.answers import body_of, by_code, name_in
from agents.channels.base import Answer, Judgement, Message, Request
from agents.channels.tokens import Token, token_from
from pipeline.answers.acts import Act
from pipeline.cards.draw import few, markdown_of
from pipeline.cards.plain import cut, plain, plain_card
from schemas.cards import Card
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

API = "https://qyapi.weixin.qq.com"
MARKDOWN_BYTES_MAX = 4_096
MARKDOWN = "markdown"  # the other shape of a robot's message is a template card
_HOME = "https://work.weixin.qq.com"  # a card has to open something
_LINKS_MAX = 4  # a signed link has some three hundred bytes, and the card must keep room for what it says
_PRESSES_MAX = 6
_DUPLICATES_SECONDS = 1_800  # the vendor itself drops the same message within half an hour
_COLOURS = {Level.NONE: "comment", Level.POTENTIAL: "info", Level.EXPLICIT: "warning", Level.HIGH_RISK: "warning"}
HEADERS = {"Content-Type": "application/json; charset=utf-8"}

CODES = {
    -1: Outcome.UNREACHABLE,  # the system is busy
    45009: Outcome.RATE_LIMITED,
    45033: Outcome.RATE_LIMITED,
    93000: Outcome.UNAUTHORISED,  # the robot's address is not valid (any more)
    40001: Outcome.UNAUTHORISED,
    40013: Outcome.UNAUTHORISED,
    40014: Outcome.UNAUTHORISED,
    42001: Outcome.UNAUTHORISED,
    60020: Outcome.UNAUTHORISED,  # our address is not on the application's list
}


class WeComRobot:
    """A robot of one group. There is no signature: the key in the address is the secret."""

    def __init__(self, url: SecretStr, *, shape: str = MARKDOWN) -> None:
        self._url = url
        self._shape = shape

    def request(self, message: Message, *, now_ms: int) -> Request:  # noqa: ARG002  (nothing is signed)
        """Markdown, which has colours, all quotes and a mention; or, where the file says so, a template card."""
        make = robot_body if self._shape == MARKDOWN or message.to else robot_card
        return Request(self._url, orjson.dumps(make(message)), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is errcode 0."""
        return by_code(answer, field="errcode", codes=CODES, rate_limited_for=timedelta(minutes=1))


class WeComApplication:
    """Messages of an application to one member. More than 30 a minute to one member the vendor drops in silence."""

    def __init__(self, *, corp_id: str, corp_secret: SecretStr, agent_id: int, api: str = API) -> None:
        self._corp_id, self._corp_secret, self._agent_id, self._api = corp_id, corp_secret, agent_id, api

    def token_request(self) -> Request:
        """Ask for a token; it lasts two hours."""
        query = urlencode({"corpid": self._corp_id, "corpsecret": self._corp_secret.get_secret_value()})
        return Request(SecretStr(f"{self._api}/cgi-bin/gettoken?{query}"), method="GET")

    def read_token(self, answer: Answer) -> Token | Judgement:
        """The token, or why there is none."""
        return token_from(answer, judged=self._by_code(answer), field="access_token", lifetime="expires_in")

    def request(self, message: Message, *, token: SecretStr) -> Request:
        """A template card; the vendor itself drops a repeat. One with buttons is drawn anew, once with each code."""
        query = urlencode({"access_token": token.get_secret_value()})
        if message.redraws:
            drawn = {
                "userids": [message.to],
                "agentid": self._agent_id,
                "response_code": message.redraws,
                "template_card": template_card(message),
            }
            url = f"{self._api}/cgi-bin/message/update_template_card?{query}"
            return Request(SecretStr(url), orjson.dumps(drawn), HEADERS)
        body = {
            "touser": message.to,
            "agentid": self._agent_id,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _DUPLICATES_SECONDS,
            **application_body(message),
        }
        return Request(SecretStr(f"{self._api}/cgi-bin/message/send?{query}"), orjson.dumps(body), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is errcode 0 and nobody among the receivers who is unknown."""
        judged = self._by_code(answer)
        if judged.outcome is Outcome.ACCEPTED and body_of(answer).get("invaliduser"):
            return Judgement(Outcome.REFUSED, "invaliduser")
        return judged

    def card_ref(self, message: Message, answer: Answer) -> str:
        """The code that comes with a new card with buttons: good for 72 hours, and for one time."""
        return "" if message.redraws else name_in(body_of(answer), "response_code")

    def _by_code(self, answer: Answer) -> Judgement:
        return by_code(answer, field="errcode", codes=CODES, rate_limited_for=timedelta(minutes=1))


def robot_body(message: Message) -> dict[str, Any]:
    """What `webhook/send` takes."""
    card = message.card
    head = f'## <font color="{_COLOURS[card.level]}">{cut(plain(card.title), 200)}</font>'
    links = "".join(f"\n[{each.label}]({each.url})" for each in few(card.buttons, _LINKS_MAX))
    mention = f"\n<@{message.to}>" if message.to else ""
    room = MARKDOWN_BYTES_MAX - len(f"{head}\n{links}{mention}".encode())
    body = markdown_of(card, most_bytes=max(room, 200), paragraph="\n")
    return {"msgtype": "markdown", "markdown": {"content": f"{head}\n{body}{links}{mention}"}}


def robot_card(message: Message) -> dict[str, Any]:
    """What `webhook/send` takes as a template card: it cannot mention anybody and has three links at most."""
    return {"msgtype": "template_card", "template_card": template_card(message)}


def application_body(message: Message) -> dict[str, Any]:
    """A template card; plain markdown where there is nothing to press or open."""
    card = message.card
    if not (card.buttons or message.presses):
        text = f"## {cut(plain(card.title), 200)}\n{markdown_of(card, most_bytes=1_800, paragraph=chr(10))}"
        return {"msgtype": "markdown", "markdown": {"content": text}}
    return {"msgtype": "template_card", "template_card": template_card(message)}


def template_card(message: Message) -> dict[str, Any]:
    """A card with at most six rows: with six buttons that call back, or three links."""
    shown = plain_card(message.card)
    told = {
        "main_title": {"title": cut(shown.title, 78), "desc": cut(shown.advice, 132)},
        "sub_title_text": cut("\n".join(shown.samples), 330),
        "horizontal_content_list": [{"keyname": fact.name, "value": cut(fact.value, 78)} for fact in shown.facts[:6]],
    }
    return told | (_pressed(message) if message.presses else _linked(message.card))


def _linked(card: Card) -> dict[str, Any]:
    return {
        "card_type": "text_notice",
        "jump_list": [{"type": 1, "title": each.label, "url": each.url} for each in few(card.buttons, 3)],
        "card_action": {"type": 1, "url": card.buttons[0].url if card.buttons else _HOME},
    }


def _pressed(message: Message) -> dict[str, Any]:
    """Buttons whose keys come back to us; `task_id` is the vendor's name for the card and takes few signs."""
    pressed: dict[str, Any] = {
        "card_type": "button_interaction",
        "task_id": blake2b(message.notification_id.encode(), digest_size=16).hexdigest(),
        "button_list": [
            {"text": each.label, "style": 1 if each.act is Act.ACK else 2, "key": each.seal}
            for each in message.presses[:_PRESSES_MAX]
        ],
    }
    if message.card.buttons:
        pressed["card_action"] = {"type": 1, "url": message.card.buttons[0].url}
    return pressed
