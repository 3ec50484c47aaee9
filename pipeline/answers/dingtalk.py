"""DingTalk 钉钉: presses on interactive cards 互动卡片, called back over HTTP.

https://open.dingtalk.com/document/orgapp/event-callback-card: the headers `x-ddpaas-signature-timestamp` (milliseconds)
and `x-ddpaas-signature`, which is the base64 HMAC-SHA256 over that time alone. The body is not part of what is signed,
so it is trusted no further than the seal in it.
"""

import base64
import hmac
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from pipeline.answers.callback import UNREADABLE, Call, Found, Pressed, Refused, Reply, is_stale, raw

_Short = Annotated[str, Meta(max_length=2_000)]


class _Private(msgspec.Struct):
    params: dict[str, object] = {}


class _Content(msgspec.Struct, rename="camel"):
    card_private_data: _Private = msgspec.field(default_factory=_Private)


class _Body(msgspec.Struct, rename="camel"):
    type: _Short = ""
    user_id: _Short = ""
    content: Annotated[str, Meta(max_length=20_000)] = "{}"


_body = msgspec.json.Decoder(_Body)
_content = msgspec.json.Decoder(_Content)


class DingTalkDoor:
    """The secret that was registered with the callback's address."""

    def __init__(self, *, secret: str) -> None:
        self._secret = secret.encode()

    def open(self, call: Call, *, now_ms: int) -> Found:
        """What a call brings."""
        stamp = call.headers.get("x-ddpaas-signature-timestamp", "")
        given = call.headers.get("x-ddpaas-signature", "")
        expected = base64.b64encode(hmac.digest(self._secret, raw(stamp), sha256))
        if not hmac.compare_digest(raw(given), expected):
            return Refused.FORGED
        if is_stale(stamp, now_ms=now_ms, unit_ms=1):
            return Refused.STALE
        try:
            body = _body.decode(call.body)
            seal = _content.decode(body.content).card_private_data.params.get("seal")
        except UNREADABLE:
            return Refused.UNUSABLE
        if body.type != "actionCallback" or not isinstance(seal, str):
            return None
        return Pressed(body.user_id, seal)

    def reply(self, _pressed: Pressed, chinese: str, *, is_good: bool, now_ms: int, salt: bytes) -> Reply:  # noqa: ARG002
        """The card's variable `status` says what became of it."""
        update = {"cardUpdateOptions": {"updateCardDataByKey": True}, "cardData": {"cardParamMap": {"status": chinese}}}
        return Reply(msgspec.json.encode(update))
