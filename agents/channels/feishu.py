"""Feishu 飞书 and Lark: robots of a group (`bot/v2/hook`) and messages of an application (`im/v1/messages`).

https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN (robot), …/uUzN04SN3QjL1cDN (rate levels)
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson
from pydantic import SecretStr

from agents.channels.answers import body_of, by_code, name_in
from agents.channels.base import Answer, Judgement, Message, Request
from agents.channels.tokens import Token, token_from
from pipeline.answers.acts import Act
from pipeline.cards.draw import markdown_of
from pipeline.cards.plain import cut, plain
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

API = "https://open.feishu.cn"
_TEXT_BYTES_MAX = 14_000  # of a body that may have 20 KB
_TEMPLATES = {Level.NONE: "grey", Level.POTENTIAL: "yellow", Level.EXPLICIT: "orange", Level.HIGH_RISK: "red"}
HEADERS = {"Content-Type": "application/json; charset=utf-8"}
# Only a card that is the same for everybody can be drawn anew.
_ONE_FOR_ALL = {"config": {"wide_screen_mode": True, "update_multi": True}}
_WAIT = timedelta(seconds=1)  # five a second and a hundred a minute; the header says more where there is one

CODES = {
    9499: Outcome.RATE_LIMITED,  # "too many request" in an HTTP 400; a malformed body gets it too
    11232: Outcome.RATE_LIMITED,  # the whole system, at full and half hours
    99991400: Outcome.RATE_LIMITED,
    230020: Outcome.RATE_LIMITED,
    19001: Outcome.UNAUTHORISED,
    19021: Outcome.UNAUTHORISED,  # signature or time
    19022: Outcome.UNAUTHORISED,  # address
    19024: Outcome.UNAUTHORISED,  # keyword
    99991661: Outcome.UNAUTHORISED,
    99991663: Outcome.UNAUTHORISED,  # the token is not valid (any more)
    99991664: Outcome.UNAUTHORISED,
}


class FeishuRobot:
    """A robot of one group. With `secret` the body is signed for its own moment, in seconds."""

    def __init__(self, url: SecretStr, secret: SecretStr | None = None) -> None:
        self._url = url
        self._secret = secret

    def request(self, message: Message, *, now_ms: int) -> Request:
        """An interactive card."""
        body: dict[str, Any] = {"msg_type": "interactive", "card": card_body(message)}
        if self._secret is not None:
            seconds = now_ms // 1000
            body |= {"timestamp": str(seconds), "sign": sign(self._secret.get_secret_value(), seconds)}
        return Request(self._url, orjson.dumps(body), HEADERS)

    def judge(self, answer: Answer) -> Judgement:
        """Success is code 0; some answers have nothing but the field of the first robots, `StatusCode`."""
        field = "code" if "code" in body_of(answer) else "StatusCode"
        return by_code(answer, field=field, codes=CODES, rate_limited_for=_WAIT)


class FeishuApplication:
    """Messages of an application to a chat (`oc_…`) or a person (`ou_…`); a repeat within an hour the vendor drops."""

    def __init__(self, *, app_id: str, app_secret: SecretStr, api: str = API) -> None:
        self._app_id, self._app_secret, self._api = app_id, app_secret, api

    def token_request(self) -> Request:
        """Ask for a tenant's token; it lasts two hours."""
        body = {"app_id": self._app_id, "app_secret": self._app_secret.get_secret_value()}
        url = f"{self._api}/open-apis/auth/v3/tenant_access_token/internal"
        return Request(SecretStr(url), orjson.dumps(body), HEADERS)

    def read_token(self, answer: Answer) -> Token | Judgement:
        """The token, or why there is none."""
        return token_from(answer, judged=self.judge(answer), field="tenant_access_token", lifetime="expire")

    def request(self, message: Message, *, token: SecretStr) -> Request:
        """A card; its `uuid` makes a repeat known to the vendor. What is drawn anew has the name that it got then."""
        content = orjson.dumps(card_body(message, mention=False) | _ONE_FOR_ALL).decode()
        headers = {**HEADERS, "Authorization": f"Bearer {token.get_secret_value()}"}
        if message.redraws:
            url = f"{self._api}/open-apis/im/v1/messages/{quote(message.redraws, safe='')}"
            return Request(SecretStr(url), orjson.dumps({"content": content}), headers, method="PATCH")
        kind = "chat_id" if message.to.startswith("oc_") else "open_id"
        body = {
            "receive_id": message.to,
            "msg_type": "interactive",
            "content": content,
            "uuid": str(uuid5(NAMESPACE_URL, message.notification_id)),
        }
        url = f"{self._api}/open-apis/im/v1/messages?{urlencode({'receive_id_type': kind})}"
        return Request(SecretStr(url), orjson.dumps(body), headers)

    def judge(self, answer: Answer) -> Judgement:
        """Success is code 0."""
        return by_code(answer, field="code", codes=CODES, rate_limited_for=_WAIT)

    def card_ref(self, message: Message, answer: Answer) -> str:
        """The message's id, good for fourteen days."""
        data = body_of(answer).get("data")
        return message.redraws or (name_in(data, "message_id") if isinstance(data, dict) else "")


def sign(secret: str, seconds: int) -> str:
    """The signature of a robot: an HMAC-SHA256 over nothing, with `timestamp newline secret` as key."""
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def card_body(message: Message, *, mention: bool = True) -> dict[str, Any]:
    """The card itself; its header has the colour of the level."""
    card = message.card
    text = markdown_of(card, most_bytes=_TEXT_BYTES_MAX, paragraph="\n")
    if mention and message.to:
        text += f'\n<at id="{message.to}"></at>'
    elements: list[dict[str, Any]] = [{"tag": "div", "text": {"tag": "lark_md", "content": text}}]
    actions = [
        _button(each.label, is_primary=each.act is Act.ACK, value={"seal": each.seal}) for each in message.presses
    ]
    actions += [_button(each.label, is_primary=each.is_primary, url=each.url) for each in card.buttons]
    if actions:
        elements.append({"tag": "action", "actions": actions})
    return {
        "config": {"wide_screen_mode": True},
        "header": {
            "template": "green" if card.is_over else _TEMPLATES[card.level],
            "title": {"tag": "plain_text", "content": cut(plain(card.title), 200)},
        },
        "elements": elements,
    }


def _button(label: str, *, is_primary: bool, **does: Any) -> dict[str, Any]:
    """A button that opens `url`, or brings `value` back to us."""
    kind = "primary" if is_primary else "default"
    return {"tag": "button", "type": kind, "text": {"tag": "plain_text", "content": label}, **does}
