"""Signatures: made by the documented formulas, and refused for each reason that there is."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.signature import CHATWOOT, ZENDESK, Bearer, Encoding, Signed, Verdict, check, sign
from tests.support.webhooks import NOON, NOON_MS, SECRET

BODY = '{"text":"太失望了"}'.encode()
PLAIN = Signed(header="X-Signature")
STAMPED = Signed(header="X-Sig", prefix="v1=", encoding=Encoding.BASE64, timestamp_header="X-At", separator=":")


def zendesk_headers(stamp=NOON):
    """As Zendesk's documentation computes them: base64(HMACSHA256(TIMESTAMP + BODY))."""
    digest = hmac.new(SECRET, stamp.encode() + BODY, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def chatwoot_headers(stamp=str(NOON_MS // 1000)):
    """As Chatwoot computes them: sha256= and hex over timestamp, dot, body."""
    said = hmac.new(SECRET, f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={said}", "X-Chatwoot-Timestamp": stamp}


def verdict(scheme, headers, body=BODY, *, secrets=(SECRET,), now_ms=NOON_MS):
    """What a check says at noon."""
    return check(scheme, headers, body, secrets=secrets, now_ms=now_ms)


def own_headers(scheme, stamp=NOON):
    """As our own `sign` makes them."""
    headers = {scheme.header: sign(scheme, BODY, secret=SECRET, timestamp=stamp)}
    return headers | ({scheme.timestamp_header: stamp} if scheme.timestamp_header else {})


GENUINE = [
    pytest.param(ZENDESK, zendesk_headers(), id="zendesk"),
    pytest.param(CHATWOOT, chatwoot_headers(), id="chatwoot"),
    pytest.param(PLAIN, own_headers(PLAIN), id="body alone"),
    pytest.param(STAMPED, own_headers(STAMPED), id="a scheme of somebody's own"),
    pytest.param(Bearer(), {"Authorization": f"Bearer {SECRET.decode()}"}, id="bearer"),
    pytest.param(Bearer(), {"Authorization": f"bearer  {SECRET.decode()}"}, id="bearer, written otherwise"),
]


@pytest.mark.parametrize(("scheme", "headers"), GENUINE)
def test_who_knows_the_secret_is_genuine(scheme, headers):
    """Also when it is the second of two, while one is exchanged for the other."""
    assert verdict(scheme, headers) is Verdict.GENUINE
    assert verdict(scheme, headers, secrets=(b"another-secret-0123456", SECRET)) is Verdict.GENUINE


@pytest.mark.parametrize(("scheme", "headers"), GENUINE)
def test_who_does_not_is_refused(scheme, headers):
    """Another secret, another body, no header."""
    assert verdict(scheme, headers, secrets=(b"another-secret-0123456",)) is Verdict.WRONG
    assert verdict(scheme, {}) is Verdict.NO_SIGNATURE
    if not isinstance(scheme, Bearer):
        assert verdict(scheme, headers, BODY + b" ") is Verdict.WRONG


def test_the_documented_value_of_an_hmac_in_capitals_is_the_same():
    """Some systems write hex in capitals."""
    headers = own_headers(PLAIN)
    assert verdict(PLAIN, {"X-Signature": headers["X-Signature"].upper()}) is Verdict.GENUINE


@pytest.mark.parametrize("prefix", ["SHA256=", "sha256=", "Sha256 "])
@pytest.mark.parametrize("change", [str, str.upper, str.lower])
def test_a_prefix_may_have_capitals(prefix, change):
    """In the mapping as in the request."""
    scheme = Signed(header="X-S", prefix=prefix)
    assert verdict(scheme, {"X-S": change(own_headers(scheme)["X-S"])}) is Verdict.GENUINE
    assert verdict(scheme, {"X-S": own_headers(PLAIN)["X-Signature"]}) is Verdict.WRONG


def test_capitals_of_base64_count():
    """There they are other digits."""
    scheme = Signed(header="X-S", prefix="V1=", encoding=Encoding.BASE64)
    said = own_headers(scheme)["X-S"]
    assert verdict(scheme, {"X-S": said}) is Verdict.GENUINE
    assert verdict(scheme, {"X-S": said.lower()}) is Verdict.WRONG


@pytest.mark.parametrize(
    ("late_ms", "wanted"),
    [(300_000, Verdict.GENUINE), (300_001, Verdict.STALE), (-300_000, Verdict.GENUINE), (-300_001, Verdict.STALE)],
)
@pytest.mark.parametrize(
    ("scheme", "headers"), [(ZENDESK, zendesk_headers()), (CHATWOOT, chatwoot_headers())], ids=["zendesk", "chatwoot"]
)
def test_an_old_request_is_no_request(scheme, headers, late_ms, wanted):
    """Both sides of the window of five minutes, before and after."""
    assert verdict(scheme, headers, now_ms=NOON_MS + late_ms) is wanted


@pytest.mark.parametrize(
    "stamp", ["", "soon", "2026-01-01T04:00:00", "1767240000123", "-5", "٣٣٣٣٣٣٣٣٣٣", "1e9", "9" * 5000]
)
def test_a_timestamp_must_be_one(stamp):
    """Unix seconds or RFC 3339; whatever else stands there refuses the request."""
    headers = chatwoot_headers() | {"X-Chatwoot-Timestamp": stamp}
    assert verdict(CHATWOOT, headers) in {Verdict.NO_TIMESTAMP, Verdict.STALE}


def test_a_fresh_timestamp_on_an_old_signature_is_wrong():
    """The timestamp is signed, so nobody can renew a request."""
    headers = zendesk_headers("2026-01-01T03:00:00Z") | {"X-Zendesk-Webhook-Signature-Timestamp": NOON}
    assert verdict(ZENDESK, headers) is Verdict.WRONG


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_header_breaks_the_check(signature, stamp):
    """Also bytes that were no text; aiohttp hands them on as surrogates."""
    for scheme in (ZENDESK, CHATWOOT, PLAIN, STAMPED):
        assert verdict(scheme, {scheme.header: signature, scheme.timestamp_header: stamp}) is not Verdict.GENUINE
    assert verdict(Bearer(), {"Authorization": signature}) is not Verdict.GENUINE
    assert verdict(PLAIN, {"X-Signature": "\udcff"}) is Verdict.WRONG
