"""Vendors' calls: what is genuine opens; what is forged, old, or not for us does not."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from pipeline.answers.callback import REPLAY_MS, Call, Challenge, Pressed, Refused
from pipeline.answers.dingtalk import DingTalkDoor
from pipeline.answers.feishu import FeishuDoor
from pipeline.answers.flat_xml import XmlError, texts_of, xml_of
from pipeline.answers.wecom import WeComDoor
from tests.support.vendor_calls import (
    DINGTALK,
    FEISHU,
    NOW_MS,
    WECOM,
    dingtalk_call,
    feishu_body,
    feishu_call,
    wecom_call,
    wecom_challenge,
    wecom_encrypted,
    wecom_query,
)

DOORS = {
    "feishu": (FeishuDoor(**FEISHU), feishu_call, "ou_1"),
    "wecom": (WeComDoor(**WECOM), wecom_call, "zhang-1"),
    "dingtalk": (DingTalkDoor(**DINGTALK), dingtalk_call, "ding-1"),
}
vendors = pytest.mark.parametrize(("door", "called", "user"), DOORS.values(), ids=DOORS)


@vendors
def test_a_press_is_read(door, called, user):
    """Who pressed, and what we had sealed."""
    found = door.open(called("k.p.m"), now_ms=NOW_MS)
    assert (found.user, found.seal) == (user, "k.p.m")
    assert found.card_ref == ("rc" if door is DOORS["wecom"][0] else "")


@vendors
@pytest.mark.parametrize(
    ("ago_ms", "is_taken"),
    [
        pytest.param(REPLAY_MS, True, id="five minutes old"),
        pytest.param(REPLAY_MS + 1_000, False, id="a second older: recorded"),
        pytest.param(-REPLAY_MS - 1_000, False, id="from the future"),
    ],
)
def test_a_recorded_call_is_refused(door, called, user, ago_ms, is_taken):
    """Its signature is good, and its time is not."""
    found = door.open(called("s", at_ms=NOW_MS - ago_ms), now_ms=NOW_MS)
    assert isinstance(found, Pressed) if is_taken else found is Refused.STALE


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: feishu_call("s", key="another key"), id="feishu, encrypted and signed by another key"),
        pytest.param(lambda: feishu_call("s", token="another"), id="feishu, another token"),
        pytest.param(lambda: feishu_call("s", app_id="cli_b2"), id="feishu, another application"),
        pytest.param(lambda: feishu_call("s")._replace(headers=CIMultiDict()), id="feishu, not signed"),
        pytest.param(
            lambda: feishu_call("s")._replace(body=feishu_call("other").body),
            id="feishu, another body under a signature",
        ),
    ],
)
def test_a_forged_call_of_feishu(call):
    """Each part of what proves it is needed."""
    assert FeishuDoor(**FEISHU).open(call(), now_ms=NOW_MS) is Refused.FORGED


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: wecom_call("s", token="another"), id="another token"),
        pytest.param(lambda: wecom_call("s", receiver="ww9"), id="meant for another company"),
        pytest.param(lambda: wecom_call("s")._replace(query={}), id="not signed"),
        pytest.param(lambda: wecom_call("s")._replace(body=wecom_call("t").body), id="another body"),
        pytest.param(lambda: Call({}, wecom_query("AAAA"), b"<xml><Encrypt>AAAA</Encrypt></xml>"), id="not encrypted"),
    ],
)
def test_a_forged_call_of_wecom(call):
    """Signature first, then the key, then whom it is for."""
    assert WeComDoor(**WECOM).open(call(), now_ms=NOW_MS) is Refused.FORGED


def test_a_forged_call_of_dingtalk():
    """The secret, and a time that it was used on."""
    door = DingTalkDoor(**DINGTALK)
    assert door.open(dingtalk_call("s", secret="another"), now_ms=NOW_MS) is Refused.FORGED
    headers = CIMultiDict({**dingtalk_call("s").headers, "x-ddpaas-signature-timestamp": str(NOW_MS + 1)})
    assert door.open(dingtalk_call("s")._replace(headers=headers), now_ms=NOW_MS) is Refused.FORGED
    assert door.open(Call({}, {}, b"{}"), now_ms=NOW_MS) is Refused.FORGED


def test_feishu_looks_whether_somebody_is_here():
    """Its challenge comes back; somebody else's does not."""
    inner = {"challenge": "1b6a", "token": FEISHU["token"], "type": "url_verification"}
    door = FeishuDoor(**FEISHU)
    found = door.open(Call(CIMultiDict(), {}, feishu_body(inner)), now_ms=NOW_MS)
    assert found == Challenge(b'{"challenge":"1b6a"}', "application/json")
    wrong = Call(CIMultiDict(), {}, feishu_body({**inner, "token": "another"}))
    assert door.open(wrong, now_ms=NOW_MS) is Refused.FORGED
    assert door.open(Call(CIMultiDict(), {}, json.dumps(inner).encode()), now_ms=NOW_MS) is Refused.UNUSABLE


def test_wecom_looks_whether_somebody_is_here():
    """The decrypted text comes back as it was."""
    found = WeComDoor(**WECOM).open(wecom_challenge("8675309"), now_ms=NOW_MS)
    assert found == Challenge(b"8675309", "text/plain")


def test_another_event_is_genuine_and_not_for_us():
    """Somebody opened the application, a card was read: answered, and nothing done."""
    assert WeComDoor(**WECOM).open(wecom_call("s", event="enter_agent"), now_ms=NOW_MS) is None
    assert FeishuDoor(**FEISHU).open(feishu_call("s", event_type="im.message.receive_v1"), now_ms=NOW_MS) is None


def test_wecom_understands_our_reply():
    """Signed and encrypted as its own calls are; the button says what became of it."""
    reply = WeComDoor(**WECOM).reply(Pressed("zhang-1", "s"), "已完成", is_good=True, now_ms=NOW_MS, salt=b"S" * 16)
    told = texts_of(reply.body)
    expected = hashlib.sha1(
        "".join(sorted([WECOM["token"], told["TimeStamp"], told["Nonce"], told["Encrypt"]])).encode()
    )
    assert told["MsgSignature"] == expected.hexdigest()
    key = base64.b64decode(WECOM["aes_key"] + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(told["Encrypt"])) + decryptor.finalize()
    length = int.from_bytes(plain[16:20], "big")
    inner = plain[20 : 20 + length].decode()
    assert plain[20 + length :].startswith(WECOM["corp_id"].encode())
    assert "<MsgType>update_button</MsgType><Button><ReplaceName>已完成</ReplaceName></Button>" in inner
    assert texts_of(inner.encode())["ToUserName"] == "zhang-1"


@vendors
@given(body=st.binary(max_size=200))
def test_whatever_comes_nothing_breaks(door, called, user, body):
    """Under a signature that does not fit it."""
    assert door.open(called("s")._replace(body=body), now_ms=NOW_MS) in {
        Refused.FORGED,
        Refused.UNUSABLE,
        *([Refused.UNUSABLE, None] if isinstance(door, DingTalkDoor) else []),
    }


@pytest.mark.parametrize(
    ("door", "body"),
    [
        pytest.param("wecom", b'<?xml version="1.0" encoding="bogus"?><xml/>', id="wecom, an encoding of its own"),
        pytest.param("wecom", '<?xml version="1.0" encoding="gb2312"?><xml>中</xml>'.encode("gb2312"), id="wecom, GB"),
        pytest.param("wecom", b"<xml>" * 9, id="wecom, deep"),
        pytest.param("feishu", '{"encrypt":"中"}'.encode(), id="feishu, no base64"),
        pytest.param("feishu", b'{"encrypt":"\xff"}', id="feishu, no UTF-8"),
        pytest.param("feishu", b'{"x":' + b"[" * 60_000, id="feishu, deep"),
        pytest.param("dingtalk", b'{"type":"\xff"}', id="dingtalk, no UTF-8"),
        pytest.param("dingtalk", b'{"type":"\\ud800"}', id="dingtalk, half a character"),
        pytest.param("dingtalk", b'{"x":' + b"[" * 60_000, id="dingtalk, deep"),
        pytest.param(
            "dingtalk",
            json.dumps({"content": '{"cardPrivateData":{"params":{"a":' + "[" * 19_000}).encode(),
            id="dingtalk, deep inside",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(door, body):
    """As such, and not with an error of ours."""
    opens, called, _ = DOORS[door]
    assert opens.open(called("s")._replace(body=body), now_ms=NOW_MS) is Refused.UNUSABLE


@vendors
@pytest.mark.parametrize("part", ["headers", "query"])
def test_bytes_that_are_no_text_prove_nothing(door, called, user, part):
    """In each header and parameter: aiohttp hands them on as lone surrogates."""
    call = called("s")
    for name in getattr(call, part):
        changed = type(getattr(call, part))({**getattr(call, part), name: "\udcff"})
        found = door.open(call._replace(**{part: changed}), now_ms=NOW_MS)
        assert found is Refused.FORGED or name == "Content-Type", name


@given(st.text(max_size=100))
def test_what_a_vendor_encrypts_may_be_anything(text):
    """Genuine and unreadable."""
    sealed = wecom_encrypted(text)
    call = Call({}, wecom_query(sealed), f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode())
    assert WeComDoor(**WECOM).open(call, now_ms=NOW_MS) in {Refused.UNUSABLE, None}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><b>&a;</b></xml>', id="an entity"),
        pytest.param('<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>', id="a file"),
        pytest.param("<xml>" * 9 + "</xml>" * 9, id="deep"),
        pytest.param("<xml><a></xml>", id="broken"),
        pytest.param('<?xml version="1.0" encoding="bogus"?><xml/>', id="an encoding that nobody knows"),
        pytest.param('<?xml version="1.0" encoding="gb2312"?><xml/>', id="an encoding of several bytes"),
    ],
)
def test_xml_that_does_more_is_refused(text):
    """No entity, no file, no depth."""
    with pytest.raises(XmlError):
        texts_of(text.encode())


def test_text_stays_text_in_xml():
    """What we write is read as it was."""
    assert texts_of(xml_of(A="1 < 2 & 3").encode()) == {"A": "1 < 2 & 3"}


def test_a_key_of_wecom_that_cannot_be_one_is_told():
    """At the start, not at the first call."""
    with pytest.raises(ValueError, match="43 characters"):
        WeComDoor(**{**WECOM, "aes_key": "short"})
    with pytest.raises(ValueError, match="base64"):
        WeComDoor(**{**WECOM, "aes_key": "!" * 43})
