"""Calls of vendors, made as their documents say and with no code of ours: signed, encrypted, and a little wrong."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from multidict import CIMultiDict

from pipeline.answers.callback import Call

NOW_MS = 1_767_225_600_000
FEISHU = {"app_id": "cli_a1", "token": "verification-token", "encrypt_key": "encrypt-key-of-the-tests"}
WECOM = {"corp_id": "ww0123456789", "token": "callback-token", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
DINGTALK = {"secret": "api-secret-of-the-tests"}


def _aes(key: bytes, initial: bytes, text: bytes, block: int) -> bytes:
    pad = block - len(text) % block
    encryptor = Cipher(algorithms.AES(key), modes.CBC(initial)).encryptor()
    return encryptor.update(text + bytes([pad]) * pad) + encryptor.finalize()


def feishu_body(inner: dict[str, Any], key: str = FEISHU["encrypt_key"]) -> bytes:
    """An encrypted body."""
    initial = b"0123456789abcdef"
    data = initial + _aes(hashlib.sha256(key.encode()).digest(), initial, json.dumps(inner).encode(), 16)
    return json.dumps({"encrypt": base64.b64encode(data).decode()}).encode()


def feishu_call(
    seal: str, *, user: str = "ou_1", at_ms: int = NOW_MS, key: str = FEISHU["encrypt_key"], **header: str
) -> Call:
    """Somebody pressed a button of a card."""
    inner = {
        "schema": "2.0",
        "header": {
            "event_id": "e1", "token": FEISHU["token"], "create_time": str(at_ms * 1000),
            "event_type": "card.action.trigger", "tenant_key": "t", "app_id": FEISHU["app_id"], **header,
        },
        "event": {
            "operator": {"tenant_key": "t", "user_id": "u", "open_id": user, "union_id": "on"},
            "token": "c-1", "action": {"value": {"seal": seal}, "tag": "button"},
            "host": "im_message", "context": {"open_message_id": "om_1", "open_chat_id": "oc_1"},
        },
    }  # fmt: skip
    body = feishu_body(inner, key)
    stamp, nonce = str(at_ms // 1000), "n0nce"
    signature = hashlib.sha256(f"{stamp}{nonce}{key}".encode() + body).hexdigest()
    headers = {
        "X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": signature,
        "Content-Type": "application/json",
    }  # fmt: skip
    return Call(CIMultiDict(headers), {}, body)


def wecom_encrypted(text: str, *, receiver: str = WECOM["corp_id"], aes_key: str = WECOM["aes_key"]) -> str:
    """An encrypted text for a company."""
    key = base64.b64decode(aes_key + "=")
    plain = b"R" * 16 + len(text.encode()).to_bytes(4, "big") + text.encode() + receiver.encode()
    return base64.b64encode(_aes(key, key[:16], plain, 32)).decode()


def wecom_query(sealed: str, *, at_ms: int = NOW_MS, token: str = WECOM["token"]) -> dict[str, str]:
    """The query of a call."""
    stamp, nonce = str(at_ms // 1000), "1372623149"
    signature = hashlib.sha1("".join(sorted([token, stamp, nonce, sealed])).encode()).hexdigest()
    return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}


def wecom_call(
    seal: str,
    *,
    user: str = "zhang-1",
    at_ms: int = NOW_MS,
    receiver: str = WECOM["corp_id"],
    event: str = "template_card_event",
    token: str = WECOM["token"],
) -> Call:
    """Somebody pressed a button of a template card."""
    inner = (
        f"<xml><ToUserName><![CDATA[{WECOM['corp_id']}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
        f"<CreateTime>{at_ms // 1000}</CreateTime><MsgType>event</MsgType><Event><![CDATA[{event}]]></Event>"
        f"<EventKey><![CDATA[{seal}]]></EventKey><TaskId><![CDATA[t1]]></TaskId>"
        "<CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[rc]]></ResponseCode>"
        "<AgentID>7</AgentID><SelectedItems><SelectedItem><QuestionKey>q</QuestionKey></SelectedItem></SelectedItems></xml>"
    )
    sealed = wecom_encrypted(inner, receiver=receiver)
    body = (
        f"<xml><ToUserName><![CDATA[{WECOM['corp_id']}]]></ToUserName><AgentID><![CDATA[7]]></AgentID>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    return Call({}, wecom_query(sealed, at_ms=at_ms, token=token), body.encode())


def wecom_challenge(text: str = "1616140317555161061") -> Call:
    """The company's console looks whether somebody is here."""
    sealed = wecom_encrypted(text)
    return Call({}, {**wecom_query(sealed), "echostr": sealed}, b"", "GET")


def dingtalk_call(seal: str, *, user: str = "ding-1", at_ms: int = NOW_MS, secret: str = DINGTALK["secret"]) -> Call:
    """Somebody pressed a button of an interactive card."""
    content = json.dumps({"cardPrivateData": {"actionIds": ["1"], "params": {"seal": seal}}})
    body = {"type": "actionCallback", "outTrackId": "card-1", "corpId": "ding0", "userId": user, "content": content}
    signature = base64.b64encode(hmac.new(secret.encode(), str(at_ms).encode(), hashlib.sha256).digest()).decode()
    headers = {"x-ddpaas-signature-timestamp": str(at_ms), "x-ddpaas-signature": signature}
    return Call(CIMultiDict(headers), {}, json.dumps(body).encode())


def target(channel: str, call: Call) -> str:
    """Where a call is sent."""
    return f"/callbacks/{channel}" + (f"?{urlencode(call.query)}" if call.query else "")
