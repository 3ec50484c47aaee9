"""WeCom 企业微信: presses on template cards, as encrypted XML.

https://developer.work.weixin.qq.com/document/path/90930 (calls), 90968 (encryption), 90240 (events), 90241 (replies):
`msg_signature` is the SHA-1 over token, timestamp, nonce and the encrypted text, sorted and joined. What is encrypted
is 16 bytes of salt, the length in four bytes, the text, and whom it is for.
"""

import base64
import binascii
import hmac
from hashlib import sha1

from pipeline.answers.callback import Call, Challenge, Found, Pressed, Refused, Reply, is_stale, raw
from pipeline.answers.ciphers import decrypted, encrypted
from pipeline.answers.flat_xml import XmlError, texts_of, xml_of

_SALT_BYTES = 16
_HEAD_BYTES = _SALT_BYTES + 4
_PADDED_TO = 32
_AES_KEY_CHARS = 43
_BUTTON_CHARS_MAX = 12  # what stands on the button afterwards


class WeComDoor:
    """One application of a company: the token and the EncodingAESKey of its callbacks."""

    def __init__(self, *, corp_id: str, token: str, aes_key: str) -> None:
        if len(aes_key) != _AES_KEY_CHARS:
            message = f"aes_key must have {_AES_KEY_CHARS} characters"
            raise ValueError(message)
        self._corp_id = corp_id
        self._token = token
        try:
            self._key = base64.b64decode(aes_key + "=", validate=True)
        except binascii.Error as error:
            message = "aes_key is no base64"
            raise ValueError(message) from error

    def open(self, call: Call, *, now_ms: int) -> Found:
        """What a call brings: a GET looks whether we are here, a POST says what happened."""
        try:
            sealed = call.query.get("echostr", "") if call.method == "GET" else texts_of(call.body).get("Encrypt", "")
        except XmlError:
            return Refused.UNUSABLE
        stamp, nonce = call.query.get("timestamp", ""), call.query.get("nonce", "")
        given = raw(call.query.get("msg_signature", ""))
        if not hmac.compare_digest(given, self._signature(stamp, nonce, sealed).encode()):
            return Refused.FORGED
        if is_stale(stamp, now_ms=now_ms, unit_ms=1_000):
            return Refused.STALE
        try:
            text = self._opened(sealed)
        except ValueError:
            return Refused.FORGED
        if call.method == "GET":
            return Challenge(text, "text/plain")
        return _pressed(text)

    def reply(self, pressed: Pressed, chinese: str, *, is_good: bool, now_ms: int, salt: bytes) -> Reply:  # noqa: ARG002
        """The pressed button says what became of it."""
        seconds = str(now_ms // 1_000)
        text = xml_of(
            ToUserName=pressed.user,
            FromUserName=self._corp_id,
            CreateTime=seconds,
            MsgType="update_button",
            Button=f"<ReplaceName>{chinese[:_BUTTON_CHARS_MAX]}</ReplaceName>",
        )
        nonce = salt.hex()[:10]
        sealed = self._sealed(text.encode(), salt)
        signature = self._signature(seconds, nonce, sealed)
        body = xml_of(Encrypt=sealed, MsgSignature=signature, TimeStamp=seconds, Nonce=nonce)
        return Reply(body.encode(), "application/xml")

    def _signature(self, stamp: str, nonce: str, sealed: str) -> str:
        joined = "".join(sorted([self._token, stamp, nonce, sealed]))
        return sha1(raw(joined), usedforsecurity=True).hexdigest()  # noqa: S324  (the vendor's choice, not ours)

    def _opened(self, sealed: str) -> bytes:
        """The text inside; raises ValueError where it is not for us."""
        plain = decrypted(self._key, self._key[:16], base64.b64decode(sealed, validate=True), padded_to=_PADDED_TO)
        length = int.from_bytes(plain[_SALT_BYTES:_HEAD_BYTES], "big")
        text, receiver = plain[_HEAD_BYTES : _HEAD_BYTES + length], plain[_HEAD_BYTES + length :]
        if receiver != self._corp_id.encode():
            message = "meant for another company"
            raise ValueError(message)
        return text

    def _sealed(self, text: bytes, salt: bytes) -> str:
        plain = salt + len(text).to_bytes(4, "big") + text + self._corp_id.encode()
        return base64.b64encode(encrypted(self._key, self._key[:16], plain, padded_to=_PADDED_TO)).decode()


def _pressed(text: bytes) -> Pressed | Refused | None:
    try:
        told = texts_of(text)
    except XmlError:
        return Refused.UNUSABLE
    if told.get("Event") != "template_card_event":
        return None
    return Pressed(told.get("FromUserName", ""), told.get("EventKey", ""), told.get("ResponseCode", ""))
