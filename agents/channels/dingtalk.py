"""DingTalk 钉钉: group robots (`robot/send`) and work notices (`corpconversation`).

https://open.dingtalk.com/document/group/custom-robot-access
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import quote, urlencode

import orjson
from pydantic import SecretStr

from agents.channels.answers import by_code
from agents.channels.base import Answer, Judgement, Message, Request
from agents.channels.tokens import Token, token_from
from pipeline.cards.draw import markdown_of
from pipeline.cards.plain import cut, plain
from schemas.cards import Card
from schemas.deliveries import Outcome

API = "https://oapi.dingtalk.com"
BODY_BYTES_MAX = 20_000
_TEXT_BYTES_MAX = 12_000  # Han text doubles when JSON escapes it elsewhere; ours is written as UTF-8, this is ample
_TITLE_BYTES_MAX = 200
MUTED_FOR = timedelta(minutes=10)  # a robot that sends more than 20 a minute is mute for ten
HEADERS = {"Content-Type": "application/json; charset=utf-8"}

CODES = {
    -1: Outcome.UNREACHABLE,  # the system is busy
    88: Outcome.UNAUTHORISED,
    130101: Outcome.RATE_LIMITED,
    410100: Outcome.RATE_LIMITED,
    90018: Outcome.RATE_LIMITED,
    310000: Outcome.UNAUTHORISED,  # keyword missing, signature wrong, timestamp expired or address not listed
    300001: Outcome.UNAUTHORISED,
    400101: Outcome.UNAUTHORISED,
    400102: Outcome.UNAUTHORISED,  # the robot was stopped
    400013: Outcome.UNAUTHORISED,  # the group was dissolved
    40014: Outcome.UNAUTHORISED,
    42001: Outcome.UNAUTHORISED,
}


class DingTalkRobot:
    """A robot of one group. With `secret` each request is signed for its own moment: a signature lasts an hour."""

    def __init__(self, url: SecretStr, secret: SecretStr | None = None) -> None:
        self._url = url
        self._secret = secret

    def request(self, message: Message, *, now_ms: int) -> Request:
        """An action card, or plain markdown where there is nothing to press or somebody is to be mentioned."""
        url = self._url.get_secret_value()
        if self._secret is not None:
            url += f"&timestamp={now_ms}&sign={sign(self._secret.get_secret_value(), now_ms)}"
        return Request(SecretStr(url), orjson.dumps(robot_body(message)), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is errcode 0."""
        return by_code(answer, field="errcode", codes=CODES, rate_limited_for=MUTED_FOR)


class DingTalkNotice:
    """Work notices 工作通知 to one person of the company, from an application."""

    def __init__(self, *, app_key: str, app_secret: SecretStr, agent_id: int, api: str = API) -> None:
        self._app_key, self._app_secret, self._agent_id, self._api = app_key, app_secret, agent_id, api

    def token_request(self) -> Request:
        """Ask for a token; it lasts two hours."""
        query = urlencode({"appkey": self._app_key, "appsecret": self._app_secret.get_secret_value()})
        return Request(SecretStr(f"{self._api}/gettoken?{query}"), method="GET")

    def read_token(self, answer: Answer) -> Token | Judgement:
        """The token, or why there is none."""
        return token_from(answer, judged=self.judge(answer), field="access_token", lifetime="expires_in")

    def request(self, message: Message, *, token: SecretStr) -> Request:
        """A card that opens the first button."""
        card = message.card
        text = f"### {_title(card)}\n\n{markdown_of(card, most_bytes=4_000)}"
        body = {
            "agent_id": self._agent_id,
            "userid_list": message.to,
            "msg": {"msgtype": "markdown", "markdown": {"title": _title(card), "text": text}},
        }
        if card.buttons:
            body["msg"] = {
                "msgtype": "action_card",
                "action_card": {
                    "title": _title(card),
                    "markdown": text,
                    "btn_orientation": _orientation(card),
                    "btn_json_list": [{"title": each.label, "action_url": each.url} for each in card.buttons],
                },
            }
        query = urlencode({"access_token": token.get_secret_value()})
        url = f"{self._api}/topapi/message/corpconversation/asyncsend_v2?{query}"
        return Request(SecretStr(url), orjson.dumps(body), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is errcode 0."""
        return by_code(answer, field="errcode", codes=CODES, rate_limited_for=timedelta(minutes=1))

    def card_ref(self, message: Message, answer: Answer) -> str:  # noqa: ARG002
        """A notice stays as it is."""
        return ""


def sign(secret: str, now_ms: int) -> str:
    """The signature 加签 of a robot: HMAC-SHA256 over `timestamp newline secret` with the secret as key, for a URL."""
    digest = hmac.new(secret.encode(), f"{now_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return quote(base64.b64encode(digest), safe="")


def robot_body(message: Message) -> dict[str, object]:
    """What `robot/send` takes."""
    card = message.card
    text = f"### {_title(card)}\n\n{markdown_of(card, most_bytes=_TEXT_BYTES_MAX)}"
    if message.to:  # only markdown can mention, and only whom the text names
        text += f"\n\n@{message.to}"
        return {
            "msgtype": "markdown",
            "markdown": {"title": _title(card), "text": text + _links(card)},
            "at": {"atMobiles" if message.to.isdecimal() else "atUserIds": [message.to], "isAtAll": False},
        }
    if not card.buttons:
        return {"msgtype": "markdown", "markdown": {"title": _title(card), "text": text}}
    buttons = [{"title": each.label, "actionURL": each.url} for each in card.buttons]
    return {
        "msgtype": "actionCard",
        "actionCard": {"title": _title(card), "text": text, "btnOrientation": _orientation(card), "btns": buttons},
    }


def _title(card: Card) -> str:
    return cut(plain(card.title), _TITLE_BYTES_MAX)


def _orientation(card: Card) -> str:
    """Side by side, or below each other where there are more than two."""
    return "1" if len(card.buttons) <= 2 else "0"


def _links(card: Card) -> str:
    return "".join(f"\n\n[{each.label}]({each.url})" for each in card.buttons)
