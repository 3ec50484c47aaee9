"""Feishu 飞书 and Lark: `card.action.trigger`, encrypted and signed.

https://open.feishu.cn/document/event-subscription-guide: `{"encrypt": …}` is AES-256-CBC under the SHA-256 of the
Encrypt Key, its first block the initial vector; `X-Lark-Signature` is the SHA-256 of time, nonce, Encrypt Key and body.
The Verification Token and the application's id stand inside. Only an encrypted call is taken: without the Encrypt Key
there would be no signature either.
"""

import base64
import hmac
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta

from pipeline.answers.callback import UNREADABLE, Call, Challenge, Found, Pressed, Refused, Reply, is_stale, raw
from pipeline.answers.ciphers import decrypted

_Short = Annotated[str, Meta(max_length=2_000)]


class _Envelope(msgspec.Struct):
    encrypt: str


class _Header(msgspec.Struct):
    token: _Short = ""
    app_id: _Short = ""
    event_type: _Short = ""


class _Operator(msgspec.Struct):
    open_id: _Short = ""


class _Action(msgspec.Struct):
    value: dict[str, object] | str = ""


class _Event(msgspec.Struct):
    operator: _Operator = msgspec.field(default_factory=_Operator)
    action: _Action = msgspec.field(default_factory=_Action)


class _Body(msgspec.Struct):
    type: _Short = ""
    token: _Short = ""
    challenge: _Short = ""
    header: _Header = msgspec.field(default_factory=_Header)
    event: _Event = msgspec.field(default_factory=_Event)


_envelope = msgspec.json.Decoder(_Envelope)
_body = msgspec.json.Decoder(_Body)


class FeishuDoor:
    """One application: its id, its Verification Token, its Encrypt Key."""

    def __init__(self, *, app_id: str, token: str, encrypt_key: str) -> None:
        self._app_id = app_id
        self._token = token.encode()
        self._secret = encrypt_key.encode()
        self._key = sha256(self._secret).digest()

    def open(self, call: Call, *, now_ms: int) -> Found:
        """What a call brings."""
        try:
            data = base64.b64decode(_envelope.decode(call.body).encrypt, validate=True)
        except UNREADABLE:  # base64 raises a ValueError too
            return Refused.UNUSABLE
        try:
            body = _body.decode(decrypted(self._key, data[:16], data[16:]))
        except UNREADABLE:  # not our key, or not a text that it encrypted
            return Refused.FORGED
        if body.type == "url_verification":  # sent before there is anything to sign
            is_ours = hmac.compare_digest(body.token.encode(), self._token)
            return (
                Challenge(msgspec.json.encode({"challenge": body.challenge}), "application/json")
                if is_ours
                else Refused.FORGED
            )
        if not self._is_signed(call) or not hmac.compare_digest(body.header.token.encode(), self._token):
            return Refused.FORGED
        if is_stale(call.headers.get("X-Lark-Request-Timestamp", ""), now_ms=now_ms, unit_ms=1_000):
            return Refused.STALE
        if body.header.app_id != self._app_id:
            return Refused.FORGED
        seal = body.event.action.value.get("seal") if isinstance(body.event.action.value, dict) else None
        if body.header.event_type != "card.action.trigger" or not isinstance(seal, str):
            return None
        return Pressed(body.event.operator.open_id, seal)

    def reply(self, _pressed: Pressed, chinese: str, *, is_good: bool, now_ms: int, salt: bytes) -> Reply:  # noqa: ARG002
        """A toast over the card."""
        kind = "success" if is_good else "warning"
        return Reply(msgspec.json.encode({"toast": {"type": kind, "content": chinese}}))

    def _is_signed(self, call: Call) -> bool:
        stamp, nonce = (call.headers.get(f"X-Lark-Request-{name}", "") for name in ("Timestamp", "Nonce"))
        expected = sha256(raw(stamp) + raw(nonce) + self._secret + call.body).hexdigest()
        return hmac.compare_digest(raw(call.headers.get("X-Lark-Signature", "")), expected.encode())
